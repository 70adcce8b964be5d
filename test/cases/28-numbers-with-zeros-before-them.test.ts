// ZEROFILL writes zeros before a number: they are no part of a key or of a customer, for whoever places a hold as for the plan.
// And what one odd dataset has in it is told of that dataset: the others go on.
import { afterEach, expect, test } from 'vitest';
import { CALLS, type CaseRun, openCase } from '../support/case-rows.ts';
import { holdOn, policySetOf } from '../support/small-run.ts';
import type { DatasetFile } from '../support/store-maps.ts';
import { thisFamily } from '../support/this-server.ts';

let run: CaseRun;
afterEach(() => run.drop());

const start = { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' } as const;
const zeros: DatasetFile = { dataset: 'zeros', table: 'zeros', key: ['id'], class: 'call', start };
/** Nobody has asked for anything: what is due goes. */
const PLAIN = policySetOf([CALLS]);
const left = async (table = 'zeros'): Promise<unknown> =>
  (await run.knex.raw('SELECT CAST(id + 0 AS CHAR) AS id FROM ?? ORDER BY id', [table]))[0].map(
    (row: { id: string }) => row.id,
  );

test('keys are planned, found again and purged, with whatever zeros', async () => {
  run = await openCase({
    ddl: [
      'CREATE TABLE zeros (id INT(10) UNSIGNED ZEROFILL NOT NULL PRIMARY KEY, at DATETIME NOT NULL, KEY (at))',
      "INSERT INTO zeros VALUES (42, '2020-01-01'), (7, '2020-01-02'), (1234567890, '2020-01-03'), (9, NOW())",
    ],
    datasets: [zeros],
  });
  run.small.rules.policySet = PLAIN;
  const { plan } = await run.plan();
  expect([...(await run.small.keysOf(plan, 'zeros'))].sort()).toEqual([['1234567890'], ['42'], ['7']]);
  await run.enforce(plan);
  expect(await left()).toEqual(['9']);
  await run.knex.raw("INSERT INTO zeros VALUES (7, '2020-01-02')");
  const replayed = await run.small.plan((await run.small.ledger.runs.ofPlan(plan.id))?.id ?? '');
  expect(replayed.parts.map(({ counts }) => counts.due)).toEqual([1]);
});

test.each([
  ['of a customer without zeros', { customers: ['42'] }],
  ['of a customer with zeros', { customers: ['0000000042'] }],
  ['of a key without zeros', { records: [{ store: 'tested', dataset: 'zeros', key: ['1'] }] }],
  ['of a key with zeros', { records: [{ store: 'tested', dataset: 'zeros', key: ['0000000001'] }] }],
] as const)('a hold %s holds what it means', async (_, scope) => {
  run = await openCase({
    ddl: [
      'CREATE TABLE zeros (id INT(10) ZEROFILL NOT NULL PRIMARY KEY, at DATETIME NOT NULL, who INT(10) ZEROFILL, KEY (at))',
      "INSERT INTO zeros VALUES (1, '2020-01-01', 42), (2, '2020-01-01', 43)",
    ],
    datasets: [{ ...zeros, customer: 'who' }],
  });
  run.small.rules.policySet = policySetOf([CALLS], { holds: [holdOn('case-42', scope)] });
  const { plan, part } = await run.plan();
  expect(part.counts).toMatchObject({ due: 1, held: 1 });
  await run.enforce(plan);
  expect(await left()).toEqual(['1']);
});

test('a customer written with zeros in a text is the one that a hold names without them', async () => {
  run = await openCase({
    ddl: [
      'CREATE TABLE zeros (id INT PRIMARY KEY, at DATETIME NOT NULL, who VARCHAR(10), KEY (at))',
      "INSERT INTO zeros VALUES (1, '2020-01-01', '0042'), (2, '2020-01-01', '43'), (3, '2020-01-01', '000')",
    ],
    datasets: [{ ...zeros, customer: 'who' }],
  });
  run.small.rules.policySet = policySetOf([CALLS], {
    holds: [holdOn('case-42', { customers: ['42', '0'] })],
  });
  const { plan } = await run.plan();
  await run.enforce(plan);
  expect(await left()).toEqual(['1', '3']);
});

test('rows without a key that have a shape are told apart by its bytes', async () => {
  run = await openCase({
    ddl: [
      'CREATE TABLE cells (at DATETIME NOT NULL, caller VARCHAR(20), cell POINT, area GEOMETRY, KEY (at))',
      "INSERT INTO cells VALUES ('2020-01-01', 'a', POINT(1, 2), NULL), ('2020-01-01', 'a', POINT(1, 3), NULL), ('2020-01-01', 'a', NULL, ST_GeomFromText('LINESTRING(0 0,1 1)')), (NOW(), 'a', POINT(1, 2), NULL)",
    ],
    datasets: [{ dataset: 'cells', table: 'cells', keyless: true, class: 'call', start }],
  });
  run.small.rules.policySet = PLAIN;
  const { plan, part } = await run.plan();
  expect(part.counts.due).toBe(3);
  const keys = await run.small.keysOf(plan, 'cells');
  expect(new Set(keys.map(([, digest]) => digest)).size).toBe(3);
  await run.enforce(plan);
  expect(Number((await run.knex.raw('SELECT COUNT(*) AS n FROM cells'))[0][0].n)).toBe(1);
});

test('a dataset whose reading the server refuses is refused with what it said; its neighbours are planned', async () => {
  run = await openCase({
    ddl: [
      'CREATE TABLE zeros (id INT PRIMARY KEY, at DATETIME NOT NULL, KEY (at))',
      "INSERT INTO zeros VALUES (1, '2020-01-01')",
      'CREATE TABLE strange (id INT, at DATETIME NOT NULL, KEY (at))',
      "INSERT INTO strange VALUES (1, '2020-01-01')",
      'ALTER TABLE strange ADD COLUMN who DOUBLE AS (POW(10, 400 + id)) VIRTUAL',
    ],
    datasets: [{ dataset: 'strange', table: 'strange', keyless: true, class: 'call', start }, zeros],
  });
  run.small.rules.policySet = PLAIN;
  const { plan, part } = await run.plan('zeros');
  expect(part.counts.due).toBe(1);
  const strange = plan.parts.find(one => one.dataset === 'strange');
  // MariaDB has NULL for a value that it cannot work out, and reads on.
  if (thisFamily() === 'mariadb') expect(strange?.counts.due).toBe(1);
  else
    expect(strange?.findings).toMatchObject([
      { severity: 'refused', message: expect.stringContaining('1690') },
    ]);
  await run.small.enforce(plan);
  expect(await left()).toEqual([]);
});
