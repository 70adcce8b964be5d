// Trap 16: ON DELETE CASCADE that crosses classes (Magnus pkg_user > pkg_refill, Sipwise contracts > invoices, Invoice Ninja
// client_contacts > invoices > payments): one due row takes what must stay for years along. A delete that reaches into
// another table is refused, however far down, and nothing goes until somebody has said that it may.
import { afterEach, expect, test } from 'vitest';
import { policyOf } from '../ledger/sample-log.ts';
import { CALLS, type CaseRun, DAY_MS, openCase, wallUtc } from '../support/case-rows.ts';
import type { DatasetFile } from '../support/store-maps.ts';

let run: CaseRun;
afterEach(() => run.drop());

const due = wallUtc(Date.now() - 90 * DAY_MS);

const mapped = (table: string, of: string, cascades: string[] = []): DatasetFile => ({
  dataset: table,
  table,
  key: ['id'],
  class: of,
  customer: 'owner',
  start: { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' },
  acknowledged: { cascades },
});

const table = (name: string, parent: string | null, act = 'ON DELETE CASCADE'): string =>
  `CREATE TABLE ${name} (id INT PRIMARY KEY, at DATETIME, owner VARCHAR(20), parent INT${
    parent === null ? '' : `, FOREIGN KEY (parent) REFERENCES ${parent} (id) ${act}`
  })`;

async function open(ddl: string[], datasets: DatasetFile[]): Promise<void> {
  run = await openCase({ ddl, datasets, policies: [CALLS, policyOf('invoice', 'P7Y', 'purge')] });
  for (const [name = ''] of ddl.map(one => /(?<=TABLE )\w+/.exec(one) ?? []))
    await run.knex(name).insert([1, 2].map(id => ({ id, at: due, owner: 'plain', parent: id })));
}

const left = (of: string): Promise<number[]> => run.knex(of).orderBy('id').pluck('id');

async function refusals(dataset: string): Promise<string[]> {
  const { plan, part } = await run.plan(dataset);
  expect(part.counts.due).toBe(0);
  await run.enforce(plan);
  return part.findings.filter(({ severity }) => severity === 'refused').map(({ message }) => message);
}

test('to a table of a class that is kept for longer', async () => {
  await open(
    [table('contracts', null), table('invoices', 'contracts')],
    [mapped('contracts', 'call'), mapped('invoices', 'invoice')],
  );
  expect(await refusals('contracts')).toEqual([
    'deleting from "contracts" reaches into "invoices" by foreign key (contracts > invoices). Give the constraint ON DELETE RESTRICT and map "invoices" as a dataset of its own. If its rows belong to the record, name it in children; if they may go along unseen, write acknowledged: { cascades: [invoices] }',
  ]);
  expect([await left('contracts'), await left('invoices')]).toEqual([
    [1, 2],
    [1, 2],
  ]);
});

test('to a table that no dataset maps, and over one to a third: each is named with the way there', async () => {
  await open(
    [table('contacts', null), table('invoices', 'contacts'), table('payments', 'invoices')],
    [mapped('contacts', 'call')],
  );
  expect((await refusals('contacts')).map(one => one.split('. ')[0])).toEqual([
    'deleting from "contacts" reaches into "invoices" by foreign key (contacts > invoices)',
    'deleting from "contacts" reaches into "payments" by foreign key (contacts > invoices > payments)',
  ]);
  expect(await left('payments')).toEqual([1, 2]);
});

test('what was acknowledged at the first hop says nothing of the second', async () => {
  await open(
    [table('contacts', null), table('invoices', 'contacts'), table('payments', 'invoices')],
    [mapped('contacts', 'call', ['invoices'])],
  );
  expect((await refusals('contacts')).map(one => one.split('. ')[0])).toEqual([
    'deleting from "contacts" reaches into "payments" by foreign key (contacts > invoices > payments)',
  ]);
  expect(await left('contacts')).toEqual([1, 2]);
});

test('SET NULL changes rows unseen as well', async () => {
  await open(
    [table('users', null), table('refills', 'users', 'ON DELETE SET NULL')],
    [mapped('users', 'call')],
  );
  expect(await refusals('users')).toHaveLength(1);
  expect(await run.knex('refills').orderBy('id').pluck('parent')).toEqual([1, 2]);
});

test('another dataset is not kept back, and once it is said that they may go along, they go', async () => {
  await open(
    [table('users', null), table('refills', 'users'), table('calls', null)],
    [mapped('users', 'call'), mapped('calls', 'call')],
  );
  expect(await refusals('users')).toHaveLength(1);
  expect([await left('users'), await left('calls')]).toEqual([[1, 2], []]);
  await run.drop();
  await open([table('users', null), table('refills', 'users')], [mapped('users', 'call', ['refills'])]);
  const { plan, part } = await run.plan();
  expect(part.counts.due).toBe(2);
  expect(await run.enforce(plan)).toEqual({});
  expect([await left('users'), await left('refills')]).toEqual([[], []]);
});

test('a cascade that was added after the plan was read is seen before anything goes', async () => {
  await open([table('users', null), table('refills', null)], [mapped('users', 'call')]);
  const { plan, part } = await run.plan();
  expect(part.counts.due).toBe(2);
  await run.knex.raw('ALTER TABLE refills ADD FOREIGN KEY (parent) REFERENCES users (id) ON DELETE CASCADE');
  await expect(run.enforce(plan)).rejects.toThrow(/reaches into "refills"/);
  expect([await left('users'), await left('refills')]).toEqual([
    [1, 2],
    [1, 2],
  ]);
});
