// The first command of the README: makes a small telecom in `demo/`, and runs the main job on it as a person would,
// through the command line: dry run, enforcement, a verified audit log, and what is left and why.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DateTime } from 'luxon';
import { HELD_ACCOUNT, INSTRUCTED_ACCOUNT, makeTelecom } from './demo-telecom.ts';

const FOLDER = 'demo';
const program = 'dist/main.js';

async function main(): Promise<void> {
  if (!existsSync(program)) fail(`${program} is not there`, 'Run: npm run build');
  rmSync(FOLDER, { recursive: true, force: true });
  say('Making a small telecom in demo/: accounts, calls, recordings, invoices, correspondence');
  const now = DateTime.utc();
  await makeTelecom(FOLDER, now);
  cpSync('policies', join(FOLDER, 'policies'), { recursive: true });
  writeFileSync(join(FOLDER, 'policies/instructions/demo.yaml'), instruction(now));
  say(
    `Account ${INSTRUCTED_ACCOUNT} has instructed us to keep its call detail records for 90 days only; a court wants ${HELD_ACCOUNT}'s kept`,
  );
  retention('ledger', 'new', '--reason', 'The demo');
  retention(
    'hold',
    'place',
    '--id',
    'court-order',
    '--matter',
    'Court order',
    '--reason',
    'Preservation of evidence',
    '--customer',
    String(HELD_ACCOUNT),
  );

  say('The dry run: reads, decides, saves a plan, changes nothing');
  const plan = find(/plan (plan-\S+)/, retention('plan', 'demo'));
  say('Enforcing exactly that plan');
  const run = find(/run (run-\S+)/, retention('enforce', plan));
  say('Does the audit log hold?');
  retention('audit', 'verify');

  say('What is left, and why');
  retention('explain', 'demo-telecom', 'accounts', String(HELD_ACCOUNT));
  retention('explain', 'demo-telecom', 'accounts', '1008');
  retention('explain', 'demo-telecom', 'accounts', '1006');
  say('A second dry run: nothing is due any more, and what stays is counted');
  retention('plan', 'demo');
  await next(run);
}

/** Runs the program itself, as a person would, and shows what it prints. */
function retention(...args: readonly string[]): string {
  const shown = args.map(arg => (/[^\w.:/-]/.test(arg) ? `'${arg}'` : arg)).join(' ');
  process.stdout.write(`\n$ retention ${shown}\n`);
  const { status, stdout } = spawnSync(process.execPath, [program, '--quiet', ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      RETENTION_POLICIES: join(FOLDER, 'policies'),
      RETENTION_LEDGER: join(FOLDER, 'ledger.db'),
    },
  });
  process.stdout.write(stdout);
  if (status !== 0) fail(`retention ${shown} ended with ${status}`, 'The lines above say why');
  return stdout;
}

function find(pattern: RegExp, text: string): string {
  return (
    pattern.exec(text)?.[1] ?? fail(`found no ${pattern.source} in what was printed`, 'Please report this')
  );
}

function instruction(now: DateTime): string {
  return [
    'instruction: demo-90-days',
    'class: call-detail-record',
    `customer: '${INSTRUCTED_ACCOUNT}'`,
    'period: P90D',
    `from: ${now.minus({ months: 1 }).toISODate() ?? ''}`,
    'reference: Order form of the demo, clause 7',
    '',
  ].join('\n');
}

async function next(run: string): Promise<void> {
  const left = readdirSync(join(FOLDER, 'recordings'), { recursive: true }).filter(name =>
    String(name).endsWith('.wav'),
  ).length;
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  say(`Done. ${left} recordings are left on disk.`);
  process.stdout.write(
    `
Everything is in demo/ (retention ${version}). Try next:

  export RETENTION_POLICIES=demo/policies RETENTION_LEDGER=demo/ledger.db
  npx retention report ${run}
  npx retention explain demo-telecom call-detail-records 1
  npx retention hold list
  npx retention replay ${run}

To point it at a database of your own, go on with "On your own database" in the README.
`,
  );
}

function say(text: string): void {
  process.stdout.write(`\n=== ${text}\n`);
}

function fail(what: string, todo: string): never {
  process.stderr.write(`demo: ${what}. ${todo}\n`);
  process.exit(1);
}

await main();
