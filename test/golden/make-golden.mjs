// @ts-nocheck: it runs with the program of another commit, by itself.
// Makes a golden folder with the program of some commit: a small configuration, its stores, and an SQLite ledger that has
// everything in it that a ledger of then could have. How it is used: README.md beside it.
//
//   node test/golden/make-golden.mjs CHECKOUT FOLDER
//
// CHECKOUT is a built checkout of that commit, FOLDER a new folder below test/golden.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const [checkout, folder] = process.argv.slice(2).map(path => resolve(path));
const Database = createRequire(join(checkout, 'package.json'))('better-sqlite3');
const program = join(checkout, 'dist/main.js');
const env = {
  PATH: process.env.PATH,
  RETENTION_POLICIES: join(folder, 'policies'),
  RETENTION_JOBS: join(folder, 'jobs'),
  RETENTION_LEDGER: join(folder, 'ledger.sqlite'),
  RETENTION_ACTOR: 'golden',
  RETENTION_HASH_KEY: 'the secret of the golden folders',
  GOLDEN_STORE: join(folder, 'store.sqlite'),
  GOLDEN_FILES: join(folder, 'files'),
};

function write(file, content) {
  const path = join(folder, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`);
}

const policy = (name, more = {}) => ({
  policy: name,
  class: name,
  title: name,
  period: 'P30D',
  start: 'recorded',
  bound: 'at-most',
  zone: 'UTC',
  disposition: 'purge',
  owner: 'DPO',
  authority: { document: 'Policy', passage: 'All of it' },
  ...more,
});
const start = (column, event) => ({ event, column, unit: 'datetime', zone: 'UTC' });

function configure(batch) {
  write('policies/call-detail-record.yaml', policy('call-detail-record'));
  write('policies/call-recording.yaml', policy('call-recording'));
  write('policies/prospect.yaml', policy('prospect', { disposition: 'anonymise', start: 'collected' }));
  const job = {
    title: 'Golden',
    policies: 'all',
    stores: ['golden', 'files'],
    schedule: '15 2 * * *',
    zone: 'UTC',
    batch,
    planValidFor: 'PT87600H',
    limits: { records: 100000, percent: 100, reason: 'Everything of a golden folder may go' },
  };
  write('jobs/nightly.yaml', { job: 'nightly', ...job, mode: 'enforce' });
  write('jobs/report.yaml', { job: 'report', ...job, mode: 'report' });
  write('jobs/stores/golden.yaml', {
    store: 'golden',
    kind: 'sqlite',
    path: { env: 'GOLDEN_STORE' },
    datasets: [
      {
        dataset: 'calls',
        table: 'cdr',
        key: ['id'],
        class: 'call-detail-record',
        customer: 'account',
        numbers: ['caller'],
        start: start('at', 'recorded'),
      },
      {
        dataset: 'recordings',
        table: 'recordings',
        key: ['id'],
        class: 'call-recording',
        customer: 'account',
        start: start('at', 'recorded'),
        files: [{ store: 'files', path: '{filename}' }],
      },
      {
        dataset: 'prospects',
        table: 'prospects',
        key: ['phone'],
        keysPersonal: true,
        class: 'prospect',
        start: start('at', 'collected'),
        anonymise: {
          fields: [{ column: 'name', mask: null }],
          marker: { column: 'state', value: 'anonymised' },
        },
      },
    ],
  });
  write('jobs/stores/files.yaml', {
    store: 'files',
    kind: 'filesystem',
    root: { env: 'GOLDEN_FILES' },
    canary: '.canary',
    datasets: [],
  });
}

const daysAgo = days => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 19).replace('T', ' ');

function inStore(act) {
  const store = new Database(env.GOLDEN_STORE);
  try {
    return act(store);
  } finally {
    store.close();
  }
}

/** So many calls and recordings that are past their period, with their files, and as many prospects. */
function addDue(calls, recordings, tag) {
  inStore(store => {
    for (let n = 0; n < calls; n += 1)
      store
        .prepare('INSERT INTO cdr (at, account, caller) VALUES (?, ?, ?)')
        .run(daysAgo(60 + (n % 7)), String(1000 + (n % 5)), `+4420794600${String(n % 100).padStart(2, '0')}`);
    for (let n = 0; n < recordings; n += 1) {
      const filename = `${tag}/call-${n}.wav`;
      write(`files/${filename}`, 'RIFF');
      store
        .prepare('INSERT INTO recordings (at, account, filename) VALUES (?, ?, ?)')
        .run(daysAgo(70), String(1000 + (n % 5)), filename);
      store
        .prepare('INSERT INTO prospects (phone, at, name) VALUES (?, ?, ?)')
        .run(`+4420794${tag}${n}`, daysAgo(80), `Prospect ${n}`);
    }
  });
}

function retention(...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, '--quiet', ...args], {
    env,
    encoding: 'utf8',
  });
  process.stdout.write(`$ retention ${args.join(' ')}\n${stdout}${stderr}exit ${status}\n`);
  return { status, stdout };
}
const idIn = (text, what) => new RegExp(`${what}-\\S+`).exec(text)[0];

/** Enforces a plan and kills the process as soon as it has an intent that is still open. */
async function enforceAndKill(plan) {
  const child = spawn(process.execPath, [program, '--quiet', 'enforce', plan], { env, stdio: 'ignore' });
  const ended = new Promise(resolve => child.on('close', resolve));
  const ledger = new Database(env.RETENTION_LEDGER);
  const open = () =>
    ledger.prepare("SELECT COUNT(*) AS n FROM plan_batches WHERE plan = ? AND state = 'intended'").get(plan)
      .n;
  while (child.exitCode === null && open() === 0) await wait(1);
  child.kill('SIGKILL');
  await ended;
  const left = open();
  // As if the half minute after which a dead process's lease lapses were over.
  ledger.prepare('UPDATE leases SET expires_at = 0').run();
  ledger.close();
  if (left === 0) throw new Error('the run ended before it could be killed: remove the folder and try again');
}

rmSync(folder, { recursive: true, force: true });
configure(10);
write('files/.canary', 'here\n');
inStore(store =>
  store.exec(
    `CREATE TABLE cdr (id INTEGER PRIMARY KEY, at TEXT, account TEXT, caller TEXT);
     CREATE TABLE recordings (id INTEGER PRIMARY KEY, at TEXT, account TEXT, filename TEXT);
     CREATE TABLE prospects (phone TEXT PRIMARY KEY, at TEXT, name TEXT, state TEXT);`,
  ),
);
addDue(40, 4, 'a');
inStore(store => store.prepare('INSERT INTO cdr (at, account) VALUES (?, ?)').run(daysAgo(3), '1001'));

// Holds, one of them released; a pause, resumed, and at the end one that stands.
retention(
  'hold',
  'place',
  '--id',
  'stands',
  '--matter',
  'Court order',
  '--reason',
  'Evidence',
  '--customer',
  '1003',
  '--class',
  'call-detail-record',
  'call-recording',
);
retention(
  'hold',
  'place',
  '--id',
  'ended',
  '--matter',
  'Dispute',
  '--reason',
  'Contested',
  '--customer',
  '1004',
  '--class',
  'call-detail-record',
  'call-recording',
);
retention('hold', 'release', 'ended', '--reason', 'Settled');
retention('pause', '--reason', 'Black Friday');
retention('resume', '--reason', 'Over');
// A run that is done, a dry run of a job that reports, a refused plan.
const first = idIn(retention('plan', 'nightly').stdout, 'plan');
retention('enforce', first);
retention('enforce', first);
const report = idIn(retention('plan', 'report').stdout, 'plan');
retention('enforce', report);
// A run that was killed with an open intent, and a plan that waits.
addDue(200, 3, 'b');
await enforceAndKill(idIn(retention('plan', 'nightly').stdout, 'plan'));
retention('plan', 'nightly');
retention('hold', 'list');
retention('pause', '--reason', 'Stands');
retention('audit', 'verify');
for (const file of [env.GOLDEN_STORE, env.RETENTION_LEDGER]) {
  const database = new Database(file);
  database.exec('PRAGMA wal_checkpoint(TRUNCATE); VACUUM; PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
}
for (const name of readdirSync(folder)) if (/-(wal|shm)$/.test(name)) rmSync(join(folder, name));
