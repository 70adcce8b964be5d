// What an order speaks of is told where it is placed, listed and planned: how many records in each dataset, with a warning
// where it is none. A hold is in force whether or not a store can be asked.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ConfigFolders, configFolders } from '../config/config-folders.ts';
import { type Finished, retention } from '../support/cli.ts';
import { type FreshFolder, type FreshSqlite, freshFolder, freshSqlite } from '../support/databases.ts';

const policy = (name: string, period: string, bound: string) => `policy: ${name}
class: ${name}
title: Records
period: ${period}
start: recorded
bound: ${bound}
zone: UTC
disposition: purge
owner: DPO
authority: { document: A policy, passage: All of it }
`;
const order = (id: string, of: string, customer: string, period: string) => `instruction: ${id}
class: ${of}
customer: ${customer}
period: ${period}
from: 2020-01-01
reference: A letter
`;
const START = '{ event: recorded, column: at, unit: datetime, zone: UTC }';

let folders: ConfigFolders;
let store: FreshSqlite;
let folder: FreshFolder;

beforeEach(async () => {
  store = await freshSqlite();
  folder = await freshFolder();
  await store.knex.raw('CREATE TABLE calls (id INTEGER PRIMARY KEY, at TEXT, customer TEXT, src TEXT)');
  await store.knex.raw('CREATE TABLE letters (id INTEGER PRIMARY KEY, at TEXT)');
  for (let id = 1; id <= 30; id += 1)
    await store.knex('calls').insert({
      id,
      at: '2020-01-01 00:00:00',
      customer: `C${id % 3}`,
      src: `"Room ${id}" <0207946000${id % 3}>`,
    });
  for (let id = 1; id <= 7; id += 1) await store.knex('letters').insert({ id, at: '2020-01-01 00:00:00' });
  folders = configFolders({
    'policies/call.yaml': policy('call', 'P30D', 'at-most'),
    'policies/letter.yaml': policy('letter', 'P30D', 'at-least'),
    'jobs/nightly.yaml':
      "job: nightly\ntitle: Every night\npolicies: all\nstores: [s]\nschedule: '15 2 * * *'\nzone: UTC\nmode: enforce\n",
    'jobs/stores/s.yaml': `store: s
kind: sqlite
path: { env: S_PATH }
datasets:
  - { dataset: calls, table: calls, key: [id], class: call, customer: customer, numbers: [src], start: ${START} }
  - { dataset: letters, table: letters, key: [id], class: letter, start: ${START} }
`,
  });
  await run(['ledger', 'new', '--no-holds', '--reason', 'A test']);
});

afterEach(async () => {
  await store.drop();
  await folder.remove();
  folders.remove();
});

function run(
  args: readonly string[],
  env: Readonly<Record<string, string>> = { S_PATH: store.path },
): Promise<Finished> {
  return retention(args, {
    RETENTION_POLICIES: folders.policies,
    RETENTION_JOBS: folders.jobs,
    RETENTION_LEDGER: join(folder.path, 'ledger.db'),
    ...env,
  });
}

const place = (...scope: string[]) => [
  'hold',
  'place',
  '--id',
  'h',
  '--matter',
  'M',
  '--reason',
  'R',
  ...scope,
];

test.each<[what: string, scope: string[], says: RegExp]>([
  ['a customer', ['--customer', 'C1'], /hold h speaks of 10 of s\/calls, 7 of s\/letters/],
  ['a customer and a class', ['--customer', 'c1', '--class', 'call'], /hold h speaks of 10 of s\/calls\n/],
  [
    'a mistyped customer',
    ['--customer', 'CI', '--class', 'call'],
    /warning {2}hold h speaks of no record: 0 of s\/calls/,
  ],
  ['a number', ['--number', '+44 20 7946 0002', '--class', 'call'], /hold h speaks of 10 of s\/calls\n/],
  ['a record', ['--record', 's/calls/3'], /hold h speaks of 1 of s\/calls, 0 of s\/letters\n/],
])('hold place tells what a hold on %s speaks of', async (_what, scope, says) => {
  const { code, stdout, stderr } = await run(place(...scope));
  expect(stderr).not.toMatch(/unexpected/);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^Hold h is in force\.\n/)]);
  expect(stdout).toMatch(says);
});

test.each<[what: string, env: Readonly<Record<string, string>>, says: RegExp]>([
  ['is not named', {}, /store s was not counted: S_PATH is not set here/],
  ['is not there', { S_PATH: '/nowhere/s.db' }, /was not counted: /],
])('a hold is placed where its store %s', async (_what, env, says) => {
  const { code, stdout } = await run(place('--customer', 'C1'), env);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^Hold h is in force\.\n/)]);
  expect(stdout).toMatch(says);
  expect((await run(['hold', 'list'])).stdout).toMatch(/hold h speaks of 10 of s\/calls/);
});

test('a hold is placed where a job file is broken', async () => {
  writeFileSync(join(folders.jobs, 'nightly.yaml'), 'job: [');
  const { code, stdout } = await run(place('--customer', 'C1'));
  expect([code, stdout]).toEqual([
    0,
    expect.stringMatching(/^Hold h is in force\.\n {2}nothing was counted: /),
  ]);
});

test('plan, list and validate tell of orders that can do nothing, or speak of nobody', async () => {
  mkdirSync(join(folders.policies, 'instructions'));
  folders.write('policies/instructions/i-1.yaml', order('i-1', 'letter', 'C1', 'P7D'));
  folders.write('policies/instructions/i-2.yaml', order('i-2', 'call', 'bta.example.com', 'P90D'));
  folders.write('policies/instructions/i-3.yaml', order('i-3', 'call', 'C2', 'P99Y'));
  const idle = /warning:? +instruction i-1 can do nothing: class letter is kept for at least as long/;
  expect((await run(['validate'])).stdout).toMatch(idle);
  const plan = await run(['plan', 'nightly']);
  for (const { stdout } of [plan, await run(['hold', 'list'])]) {
    expect(stdout).toMatch(idle);
    expect(stdout).toMatch(/warning {2}instruction i-2 speaks of no record: 0 of s\/calls/);
    expect(stdout).toMatch(/instruction i-3 speaks of 10 of s\/calls/);
  }
  const { orders } = JSON.parse((await run(['plan', 'nightly', '--format', 'json'])).stdout);
  expect(orders).toContainEqual(
    expect.objectContaining({ kind: 'instruction', id: 'i-3', dataset: 'calls', records: 10 }),
  );
});

test('the days of a hold are shown as they were given', async () => {
  await run(place('--customer', 'C1', '--from', '2026-10-01', '--until', '2026-10-31'));
  expect((await run(['hold', 'list', '--format', 'csv'])).stdout).toContain(
    'from 2026-10-01, until 2026-10-31',
  );
});
