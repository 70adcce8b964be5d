// npm run prove:servers: every adverse setting on MariaDB and on MySQL. What has been tried is written down as it goes, so that it
// can be gone on with: RETENTION_PROVE_STATE names the file, and a new one begins anew.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ADVERSE } from '../test/servers/adverse-settings.ts';
import { startTrying, type Tried, trySetting } from '../test/servers/try-settings.ts';
import { type Flavour, familyOf, isFlavour, USUAL } from '../test/support/flavours.ts';

const file = process.env.RETENTION_PROVE_STATE ?? join(tmpdir(), 'retention-prove-servers.json');
const named = (process.env.RETENTION_TEST_SERVERS ?? '').split(',').filter(isFlavour);
const wanted: readonly Flavour[] = named.length > 0 ? named : USUAL;

type State = Partial<Record<Flavour, Tried[]>>;

function readState(): State {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as State) : {};
}

async function prove(flavour: Flavour): Promise<readonly Tried[]> {
  const tried = readState()[flavour] ?? [];
  const settings = ADVERSE.filter(({ on }) => on === undefined || on.includes(familyOf(flavour)));
  const left = settings.filter(({ how, set }) => !tried.some(one => one.setting === `${how} ${set}`));
  if (left.length === 0) return tried;
  const trying = await startTrying(flavour);
  try {
    if (trying.plain.error !== undefined) throw new Error(`on a plain server: ${String(trying.plain.error)}`);
    for (const setting of left) {
      const one = await trySetting(trying, flavour, setting);
      tried.push(one);
      writeFileSync(file, JSON.stringify({ ...readState(), [flavour]: tried }, null, 1));
      process.stdout.write(
        `${flavour}  ${one.came}  ${one.setting}\n    ${one.how ?? 'as on a plain server'}\n`,
      );
      process.stdout.write(`    without ours: ${one.without ?? 'the same, so it does not count'}\n`);
    }
  } finally {
    await trying.stop();
  }
  return tried;
}

let isWrong = false;
for (const flavour of wanted) {
  const tried = await prove(flavour);
  const counting = tried.filter(one => one.without !== null);
  const of = (came: Tried['came']): number => tried.filter(one => one.came === came).length;
  process.stdout.write(
    [
      `${flavour}: ${tried.length} settings tried, ${of('same')} same result, ${of('refused by name')} refused by name, ${of('wrong')} wrong, ${of('not to be had')} not to be had there`,
      `  ${counting.length} count: with our statement left out something differs`,
      `  ${tried.length - counting.length} do not: ${tried
        .filter(one => one.without === null)
        .map(one => one.setting)
        .join('; ')}`,
      '',
    ].join('\n'),
  );
  isWrong ||= of('wrong') > 0;
}
process.exitCode = isWrong ? 1 : 0;
