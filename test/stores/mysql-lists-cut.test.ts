// A list of keys that is longer than the server lets a text be is cut off by it, in the middle of a key and without a word:
// smaller pages are asked for until each is whole, and every key is in the plan once.
import { afterEach, expect, test } from 'vitest';
import type { Policy } from '../../src/policy/policy.ts';
import { freshFolder, freshMysql } from '../support/databases.ts';
import { startServer } from '../support/mysql-server.ts';
import { policySetOf, smallRun } from '../support/small-run.ts';
import { sqlMap } from '../support/store-maps.ts';
import { thisFlavour } from '../support/this-server.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** The longest text that the server gives, and rows whose keys make one of twice that length. */
const [MOST_BYTES, ROWS, FIRST] = [65_536, 9000, 1_000_000_001];

const POLICY: Policy = {
  id: 'call',
  class: 'call',
  title: 'Calls',
  period: { kind: 'calendar', iso: 'P1M', years: 0, months: 1, weeks: 0, days: 0 },
  start: 'recorded',
  bound: 'at-most',
  zone: 'UTC',
  disposition: 'purge',
  owner: 'DPO',
  authority: { document: 'Policy', passage: 'All of it' },
};

test.each([
  ['of a table', ''],
  [
    'of a partition',
    "PARTITION BY RANGE COLUMNS (at) (PARTITION old VALUES LESS THAN ('2026-01-01'), PARTITION rest VALUES LESS THAN (MAXVALUE))",
  ],
])('the keys %s', async (_, partitions) => {
  const server = await startServer(thisFlavour(), [`--max-allowed-packet=${MOST_BYTES}`]);
  closers.push(server.stop);
  const fresh = await freshMysql(server.url);
  const folder = await freshFolder();
  closers.push(fresh.drop, folder.remove);
  await fresh.knex.raw(
    `CREATE TABLE calls (id BIGINT, at DATETIME NOT NULL, PRIMARY KEY (id${partitions === '' ? '' : ', at'}), KEY (at)) ${partitions}`,
  );
  // Some are too young, so that a partition of them does not go whole.
  const rows = Array.from({ length: ROWS + 10 }, (_row, index) => ({
    id: FIRST + index,
    at: index < ROWS ? `2025-0${1 + (index % 9)}-01 00:00:00` : '2026-11-20 00:00:00',
  }));
  await fresh.knex.batchInsert('calls', rows, 500);
  await fresh.knex.raw('ANALYZE TABLE calls');
  const map = sqlMap('mysql', [
    {
      dataset: 'calls',
      table: 'calls',
      key: partitions === '' ? ['id'] : ['id', 'at'],
      class: 'call',
      start: { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' },
      ...(partitions === '' ? {} : { partitions: 'drop' as const }),
    },
  ]);
  const run = await smallRun({
    ledgerAt: `${folder.path}/ledger.db`,
    maps: [map],
    at: { tested: fresh.url },
    policySet: policySetOf([POLICY]),
    nowMs: Date.UTC(2026, 10, 28),
    batchKeys: ROWS,
  });
  closers.push(run.close);
  const plan = await run.plan();
  expect(plan.parts[0]?.findings.filter(({ severity }) => severity === 'refused')).toEqual([]);
  const keys = (await run.keysOf(plan, 'calls')).map(([id]) => Number(id));
  expect(keys.sort((a, b) => a - b)).toEqual(rows.slice(0, ROWS).map(({ id }) => id));
});
