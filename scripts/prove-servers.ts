// Tries every adverse setting on MariaDB and on MySQL. Goes on where it was ended, as long as the commit is the same.
//   npm run prove:servers
//   npm run prove:servers -- --only time_zone,autocommit        settings whose name has one of these in it, tried anew
//   npm run prove:servers -- --contract few                     the tests of stores and of the ledger under a seeded few
//   npm run prove:servers -- --contract "global autocommit = 0" or under one
// RETENTION_PROVE_STATE names the file that it goes on by, RETENTION_TEST_SERVERS the servers. Ends with 1 where something
// was other than on a plain server, or was refused and should not have been.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { AdverseSetting } from '../test/servers/adverse-settings.ts';
import { hostileStart, hostileStartOf, nameOf, settingsFor } from '../test/servers/hostile-choice.ts';
import { asAtFirst, startTrying, type Tried, trySetting } from '../test/servers/try-settings.ts';
import { type Flavour, isFlavour, USUAL } from '../test/support/flavours.ts';
import { startServer } from '../test/support/mysql-server.ts';

interface TriedAt extends Tried {
  /** The commit that it was tried at; with `+` where something was not committed, which is tried again. */
  readonly commit: string;
}

type State = Partial<Record<Flavour, readonly TriedAt[]>>;

const { values } = parseArgs({ options: { only: { type: 'string' }, contract: { type: 'string' } } });
const file = process.env.RETENTION_PROVE_STATE ?? join(tmpdir(), 'retention-prove-servers.json');
const named = (process.env.RETENTION_TEST_SERVERS ?? '').split(',').filter(isFlavour);
const wanted: readonly Flavour[] = named.length > 0 ? named : USUAL;
const commit = commitNow();
/** Change it to have others chosen. */
const SEED = 20_261_128;
const FEW = 3;
const CONTRACT = [
  'test/stores/mysql.test.ts',
  'test/ledger/audit-log.test.ts',
  'test/ledger/concurrent-writers.test.ts',
];

let isWrong = false;
for (const flavour of wanted)
  if (values.contract === undefined) isWrong = report(flavour, await prove(flavour)) || isWrong;
  else isWrong = (await keepContract(flavour, values.contract)) || isWrong;
process.exitCode = isWrong ? 1 : 0;

function commitNow(): string {
  const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim();
  return `${git('rev-parse', 'HEAD')}${git('status', '--porcelain') === '' ? '' : '+'}`;
}

function readState(): State {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as State) : {};
}

async function prove(flavour: Flavour): Promise<readonly TriedAt[]> {
  const settings = settingsFor(flavour).filter(
    one => values.only?.split(',').some(part => nameOf(one).includes(part)) ?? true,
  );
  const known = (readState()[flavour] ?? []).filter(one => one.commit === commit && !commit.endsWith('+'));
  const tried = values.only === undefined ? [...known] : [];
  const left = settings.filter(one => !tried.some(({ setting }) => setting === nameOf(one)));
  if (left.length === 0) return tried;
  process.stdout.write(
    `${flavour}: ${left.length} settings to try at ${commit}, ${tried.length} tried before\n`,
  );
  let trying = await startPlain(flavour);
  try {
    for (const setting of left) {
      const one = { ...(await trySetting(trying, flavour, setting)), commit };
      tried.push(one);
      if (values.only === undefined)
        writeFileSync(file, JSON.stringify({ ...readState(), [flavour]: tried }, null, 1));
      tell(flavour, one);
      if (await asAtFirst(trying)) continue;
      process.stdout.write('    the server cannot be set back: another takes its place\n');
      await trying.stop();
      trying = await startPlain(flavour);
    }
  } finally {
    await trying.stop();
  }
  return tried;
}

async function startPlain(flavour: Flavour): ReturnType<typeof startTrying> {
  const trying = await startTrying(flavour);
  if (trying.plain.error === undefined) return trying;
  await trying.stop();
  throw new Error(`on a plain server: ${String(trying.plain.error)}`);
}

function tell(flavour: Flavour, { came, setting, how, without }: Tried): void {
  process.stdout.write(`${flavour}  ${came}  ${setting}\n    ${how ?? 'as on a plain server'}\n`);
  process.stdout.write(`    without ours: ${without ?? 'nothing else, so it does not count'}\n`);
}

/** True where something is wrong. */
function report(flavour: Flavour, tried: readonly Tried[]): boolean {
  const settings = settingsFor(flavour);
  const of = (came: Tried['came']): number => tried.filter(one => one.came === came).length;
  const counting = tried.filter(one => one.without !== null);
  const byQuestion = counting.filter(({ without }) => without?.startsWith('session: '));
  const idle = tried.filter(one => one.without === null).map(one => one.setting);
  const isRefused = (one: Tried): boolean =>
    settings.find(setting => nameOf(setting) === one.setting)?.isRefused === true;
  const surprising = tried.filter(one => (one.came === 'refused by name') !== isRefused(one));
  process.stdout.write(
    [
      `${flavour}: ${tried.length} settings tried, ${of('same')} same result, ${of('refused by name')} refused by name, ${of('wrong')} wrong, ${of('not to be had')} not to be had there`,
      `  ${counting.length} count: an assertion fails without our statement; ${counting.length - byQuestion.length} of these in what is planned, enforced, written down or left, ${byQuestion.length} in what a statement means in a session of ours`,
      `  ${idle.length} do not: ${idle.join('; ')}`,
      ...surprising.map(one => `  ${one.setting}: ${one.came}, and was meant to be otherwise`),
      '',
    ].join('\n'),
  );
  return of('wrong') + of('not to be had') + surprising.length > 0;
}

/** Runs the tests themselves, on servers that are set so from their start. */
async function keepContract(flavour: Flavour, which: string): Promise<boolean> {
  const starts =
    which === 'few'
      ? Array.from({ length: FEW }, (_, index) => hostileStart(flavour, SEED + index))
      : settingsFor(flavour).filter(isChosen).map(hostileStartOf);
  if (starts.length === 0) {
    process.stdout.write(`${flavour}: no setting has the name "${which}"\n`);
    return wanted.length === 1;
  }
  let hasFailed = false;
  for (const { setting, options, initSql } of starts) {
    const server = await startServer(flavour, options, { initSql });
    try {
      const env = { ...process.env, RETENTION_TEST_SERVERS: server.url };
      const { status } = spawnSync('npx', ['vitest', 'run', '--reporter=dot', ...CONTRACT], {
        env,
        stdio: 'inherit',
      });
      hasFailed ||= status !== 0;
      process.stdout.write(
        `${flavour}  ${setting}: ${CONTRACT.join(', ')} ${status === 0 ? 'passed' : 'failed'}\n`,
      );
    } finally {
      await server.stop();
    }
  }
  return hasFailed;

  function isChosen(setting: AdverseSetting): boolean {
    return nameOf(setting) === which || setting.set === which;
  }
}
