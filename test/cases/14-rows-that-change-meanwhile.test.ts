// Trap 14: what changes between the look and the delete: a contract that is not terminated after all, a ticket that is
// opened again, a new hold, a customer's new instruction. Each is spared under its own name, and the others go.
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { policyOf } from '../ledger/sample-log.ts';
import { type CaseRun, DAY_MS, HELD, openCase, wallUtc } from '../support/case-rows.ts';
import { holdOn } from '../support/small-run.ts';

let run: CaseRun;
afterEach(() => run.drop());

const closed = { ...policyOf('contract', 'P30D', 'purge'), start: 'account-closed' } as const;
const ago = (days: number): string => wallUtc(Date.now() - days * DAY_MS);

beforeEach(async () => {
  run = await openCase({
    ddl: [
      'CREATE TABLE contracts (id INT PRIMARY KEY, status VARCHAR(20), terminate_timestamp DATETIME NULL, customer VARCHAR(20), tag VARCHAR(20), KEY (terminate_timestamp))',
    ],
    datasets: [
      {
        dataset: 'contracts',
        table: 'contracts',
        key: ['id'],
        class: { column: 'tag', values: { c: 'contract', s: 'statutory' } },
        customer: 'customer',
        start: {
          ...{ event: 'account-closed', column: 'terminate_timestamp', unit: 'datetime', zone: 'UTC' },
          status: { column: 'status', closed: ['terminated'] },
        },
      },
    ],
    policies: [closed, { ...policyOf('statutory', 'P7Y', 'purge'), start: 'account-closed' }],
  });
  await run.knex('contracts').insert(
    [1, 2, 3, 4, 5, 6, 7, 8].map(id => ({
      ...{ id, status: 'terminated', terminate_timestamp: ago(60), customer: `c${id}`, tag: 'c' },
    })),
  );
});

const change = (id: number, values: object) => run.knex('contracts').where({ id }).update(values);
const left = (): Promise<number[]> => run.knex('contracts').orderBy('id').pluck('id');

test.each([
  [
    'is active again, and its date is forgotten in it',
    { status: 'active' },
    'changed: not-started open-but-dated',
  ],
  ['is active again', { status: 'active', terminate_timestamp: null }, 'changed: not-started open'],
  ['ended later than it was said', { terminate_timestamp: ago(3) }, 'changed: policy contract'],
  ['ended at a date that nobody knows', { terminate_timestamp: null }, 'changed: doubt closed-undated'],
  ['ended at a zero date', { terminate_timestamp: '0000-00-00 00:00:00' }, 'changed: doubt closed-undated'],
  ['belongs to somebody who is held', { customer: HELD }, 'held: case-17'],
  ['is of a class that is kept for longer', { tag: 's' }, 'changed: doubt unknown-class'],
  ['is of a class that nobody knows', { tag: '?' }, 'changed: doubt unknown-class'],
] as const)('a contract that %s stays, and the others go', async (_, values, why) => {
  const { plan, part } = await run.plan();
  expect(part.counts.due).toBe(8);
  await change(3, values);
  expect(await run.enforce(plan)).toEqual({ [why]: 1 });
  expect(await left()).toEqual([3]);
  expect((await run.disposed()).length).toBe(7);
});

test('a date that moved and is due all the same goes', async () => {
  const { plan } = await run.plan();
  await change(3, { terminate_timestamp: ago(50) });
  expect(await run.enforce(plan)).toEqual({});
  expect(await left()).toEqual([]);
});

test('a hold that was placed in the meantime keeps what it names', async () => {
  const { plan } = await run.plan();
  await run.small.ledger.holds.place(holdOn('new-case', { customers: ['c2', 'c5'] }));
  expect(await run.enforce(plan)).toEqual({ 'held: new-case': 2 });
  expect(await left()).toEqual([2, 5]);
});

test('what another session changes is waited for, and decided on as it is then', async () => {
  const { plan } = await run.plan();
  const other = await run.knex.transaction();
  await other('contracts').where({ id: 3 }).update({ status: 'active' });
  const enforced = run.enforce(plan);
  await wait(300);
  await other.commit();
  expect(await enforced).toEqual({ 'changed: not-started open-but-dated': 1 });
  expect(await left()).toEqual([3]);
});

test('what another session does not let go of is left, and goes with the next run', async () => {
  const { plan } = await run.plan();
  const other = await run.knex.transaction();
  await other('contracts').where({ id: 3 }).update({ status: 'active' });
  const said = await run.enforce(plan);
  await other.rollback();
  expect(said).toEqual({ locked: 5 });
  expect(await left()).toEqual([1, 2, 3, 4, 5]);
  const again = await run.plan();
  expect(await run.enforce(again.plan)).toEqual({});
  expect(await left()).toEqual([]);
});
