// Trap 18: what the server refuses to delete: RESTRICT (jambonz has 13 on accounts, Issabel 33) and triggers that signal
// 45000 (..._rest_cascade_delete_trig). Such a row is spared and told with what blocks it, and the others go.
import { afterEach, expect, test } from 'vitest';
import { type CaseRun, DAY_MS, openCase, wallUtc } from '../support/case-rows.ts';
import type { DatasetFile } from '../support/store-maps.ts';

let run: CaseRun;
afterEach(() => run.drop());

const due = wallUtc(Date.now() - 90 * DAY_MS);
const fresh = wallUtc(Date.now() - DAY_MS);
const start = { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' } as const;

const accounts = (more: Partial<DatasetFile> = {}): DatasetFile => ({
  ...{ dataset: 'accounts', table: 'accounts', key: ['id'], class: 'call', customer: 'name', start },
  ...more,
});

const ACCOUNTS = 'CREATE TABLE accounts (id INT PRIMARY KEY, at DATETIME, name VARCHAR(20), KEY (at))';
const PHONES =
  'CREATE TABLE phones (id INT PRIMARY KEY, account INT, at DATETIME, name VARCHAR(20), CONSTRAINT phone_of FOREIGN KEY (account) REFERENCES accounts (id) ON DELETE RESTRICT)';

async function open(ddl: string[], datasets: DatasetFile[]): Promise<void> {
  run = await openCase({ ddl, datasets });
  const row = (id: number) => ({ id, at: due, name: 'plain' });
  await run.knex('accounts').insert([1, 2, 3, 4, 5, 6, 7].map(row));
}

const left = (table = 'accounts'): Promise<number[]> => run.knex(table).orderBy('id').pluck('id');

test('a foreign key of a table that nobody maps keeps its parents, named by table and constraint', async () => {
  await open([ACCOUNTS, PHONES], [accounts()]);
  await run.knex('phones').insert([
    { id: 1, account: 2 },
    { id: 2, account: 2 },
    { id: 3, account: 6 },
  ]);
  const { plan, part } = await run.plan();
  expect(part.counts.due).toBe(7);
  expect(await run.enforce(plan)).toEqual({ 'blocked: phones (phone_of)': 2 });
  expect([await left(), await left('phones')]).toEqual([
    [2, 6],
    [1, 2, 3],
  ]);
  expect((await run.disposed()).length).toBe(5);
  // Once the child is gone, the parent follows with the next run.
  await run.knex('phones').where({ account: 2 }).delete();
  const next = await run.plan();
  expect(await run.enforce(next.plan)).toEqual({ 'blocked: phones (phone_of)': 1 });
  expect(await left()).toEqual([6]);
});

test('children that are due as well go, and parents that were kept for them follow by the next run', async () => {
  const phones = { ...accounts(), dataset: 'phones', table: 'phones' };
  await open([ACCOUNTS, PHONES], [accounts(), phones]);
  await run.knex('phones').insert([
    { id: 1, account: 1, at: due, name: 'plain' },
    { id: 2, account: 2, at: fresh, name: 'plain' },
  ]);
  const { plan } = await run.plan();
  expect(Object.keys(await run.enforce(plan))).toEqual(['blocked: phones (phone_of)']);
  expect(await left('phones')).toEqual([2]);
  await run.enforce((await run.plan()).plan);
  expect(await left()).toEqual([2]);
});

test('a trigger that signals 45000 keeps the row that it speaks of', async () => {
  await open(
    [
      ACCOUNTS,
      "CREATE TRIGGER keeping BEFORE DELETE ON accounts FOR EACH ROW IF OLD.id IN (3, 4) THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'in use by +442079460018'; END IF",
    ],
    [accounts({ acknowledged: { triggers: ['keeping'] } })],
  );
  const { plan } = await run.plan();
  // The message of a trigger may name people: it is not repeated.
  expect(await run.enforce(plan)).toEqual({ 'blocked: a trigger': 2 });
  expect(await left()).toEqual([3, 4]);
});

test('all are blocked: nothing goes, each is told', async () => {
  await open([ACCOUNTS, PHONES], [accounts()]);
  await run.knex('phones').insert([1, 2, 3, 4, 5, 6, 7].map(id => ({ id, account: id })));
  const { plan } = await run.plan();
  expect(await run.enforce(plan)).toEqual({ 'blocked: phones (phone_of)': 7 });
  expect((await left()).length).toBe(7);
  expect(await run.disposed()).toEqual([]);
});
