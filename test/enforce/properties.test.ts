// What holds of every run, whatever happens to the rows between plan and enforcement: disposed of is only what was
// planned and is still due; enforcing twice is enforcing once; what a hold covers is never touched.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sumRun } from '../../src/ledger/sum-run.ts';
import { verifyAudit } from '../../src/ledger/verify-audit.ts';
import { NOW, policyOf } from '../ledger/sample-log.ts';
import { type FreshFolder, type FreshSqlite, freshFolder, freshSqlite } from '../support/databases.ts';
import { disposedKeys, spyOn } from '../support/small-ledger.ts';
import { holdOn, policySetOf, type SmallRun, smallRun } from '../support/small-run.ts';
import { sqlMap } from '../support/store-maps.ts';

const DAY_MS = 86_400_000;
const map = sqlMap('sqlite', [
  {
    dataset: 'calls',
    table: 'cdr',
    key: ['id'],
    class: 'call',
    customer: 'account',
    start: {
      event: 'account-closed',
      column: 'at',
      unit: 'datetime',
      zone: 'UTC',
      status: { column: 'status', closed: ['closed'] },
    },
  },
]);
let store: FreshSqlite;
let folder: FreshFolder;
let small: SmallRun;
let holds = 0;

beforeAll(async () => {
  store = await freshSqlite();
  folder = await freshFolder();
  await store.knex.raw('PRAGMA synchronous = OFF');
  await store.knex.raw('CREATE TABLE cdr (id INTEGER PRIMARY KEY, at TEXT, account TEXT, status TEXT)');
  small = await smallRun({
    ledgerAt: `${folder.path}/ledger.db`,
    maps: [map],
    at: { tested: store.path },
    policySet: policySetOf([{ ...policyOf('call', 'P30D', 'purge'), start: 'account-closed' }]),
    nowMs: NOW,
  });
});

afterAll(async () => {
  await small.close();
  await store.drop();
  await folder.remove();
});

interface Row {
  readonly id: number;
  readonly at: string | null;
  readonly account: string;
  readonly status: string;
}

const at = fc
  .constantFrom(5, 29, 30, 31, 60, 400)
  .map(days => new Date(NOW - days * DAY_MS).toISOString().slice(0, 19).replace('T', ' '));
const account = fc.constantFrom('1', '2', '3', '4', '5', '6');
const row = fc.record({
  id: fc.integer({ min: 1, max: 60 }),
  at: fc.oneof({ weight: 9, arbitrary: at }, { weight: 1, arbitrary: fc.constant(null) }),
  account,
  status: fc.oneof(
    { weight: 8, arbitrary: fc.constant('closed') },
    { weight: 1, arbitrary: fc.constant('active') },
  ),
});
const rows = fc.uniqueArray(row, { selector: one => one.id, minLength: 5, maxLength: 30, size: 'max' });

type Change =
  | { readonly kind: 'delete'; readonly id: number }
  | { readonly kind: 'set'; readonly id: number; readonly to: Partial<Row> }
  | { readonly kind: 'add'; readonly row: Row }
  | { readonly kind: 'hold'; readonly account: string };

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: fc.constant('delete' as const), id: fc.integer({ min: 1, max: 60 }) }),
  fc.record({
    kind: fc.constant('set' as const),
    id: fc.integer({ min: 1, max: 60 }),
    to: fc.oneof(
      at.map(value => ({ at: value })),
      fc.constant({ at: null }),
      fc.constant({ status: 'active' }),
      fc.constant({ status: 'closed' }),
      account.map(value => ({ account: value })),
    ),
  }),
  fc.record({ kind: fc.constant('add' as const), row }),
  fc.record({ kind: fc.constant('hold' as const), account: fc.constantFrom('5', '6') }),
);

/** Due by a rule of this test's own: closed, dated, and more than thirty whole days before the next run. */
function isDue(one: Row, held: ReadonlySet<string>): boolean {
  if (held.has(one.account) || one.status !== 'closed' || one.at === null) return false;
  return Date.parse(`${one.at.slice(0, 10)}T00:00:00Z`) + 31 * DAY_MS <= NOW + DAY_MS;
}

test('disposed of: what was planned and is still due; never more, never what is held, and never twice', async () => {
  const ledger = spyOn(`${folder.path}/ledger.db`);
  let [spared, disposed] = [0, 0];
  let told: string[] = [];
  await fc.assert(
    fc.asyncProperty(
      rows,
      fc.array(change, { maxLength: 12 }),
      fc.boolean(),
      async (start, changes, holdFirst) => {
        await store.knex('cdr').delete();
        await store.knex('cdr').insert(start);
        const held = new Set<string>();
        const placed: string[] = [];
        const hold = async (customer: string): Promise<void> => {
          held.add(customer);
          holds += 1;
          placed.push(`hold-${holds}`);
          // Placed before it is released below: one that is released before it was placed holds on.
          const placedAtMs = NOW - 40 * DAY_MS;
          await small.ledger.holds.place(holdOn(`hold-${holds}`, { customers: [customer] }, placedAtMs));
        };
        if (holdFirst) await hold('4');
        const plan = await small.plan();
        const planned = new Set((await small.keysOf(plan, 'calls')).map(key => Number(key[0])));
        expect(planned).toEqual(new Set(start.filter(one => isDue(one, held)).map(one => one.id)));

        for (const one of changes) {
          if (one.kind === 'delete') await store.knex('cdr').where({ id: one.id }).delete();
          else if (one.kind === 'set') await store.knex('cdr').where({ id: one.id }).update(one.to);
          else if (one.kind === 'add') await store.knex('cdr').insert(one.row).onConflict('id').merge();
          else await hold(one.account);
        }
        const before: Row[] = await store.knex('cdr').orderBy('id');
        const { run } = await small.enforce(plan);
        const after: Row[] = await store.knex('cdr').orderBy('id');
        expect(after).toEqual(before.filter(one => !(planned.has(one.id) && isDue(one, held))));

        const { counts, reasons } = await sumRun(small.ledger.audit, run);
        expect(counts.purged).toBe(before.length - after.length);
        expect(counts.purged + counts.spared).toBe(planned.size);
        expect(counts.purged).toBeLessThanOrEqual(plan.parts[0]?.counts.due ?? 0);
        expect(reasons.gone ?? 0).toBe([...planned].filter(id => !before.some(one => one.id === id)).length);
        const now = await disposedKeys(ledger, 'calls');
        expect(now.slice(told.length).sort()).toEqual(
          before
            .filter(one => !after.some(left => left.id === one.id))
            .map(one => JSON.stringify([String(one.id)]))
            .sort(),
        );
        told = now;
        spared += counts.spared;
        disposed += counts.purged;

        // Enforcing twice is enforcing once: the same plan is refused, and a new one takes only what became due since.
        await expect(small.enforce(plan)).rejects.toMatchObject({ code: 'plan-not-enforceable' });
        expect(await store.knex('cdr').orderBy('id')).toEqual(after);
        const second = await small.plan();
        await small.enforce(second);
        const third = await small.plan();
        expect(third.parts[0]?.counts.due).toBe(0);
        const rest: Row[] = await store.knex('cdr').orderBy('id');
        expect(rest).toEqual(after.filter(one => !isDue(one, held)));
        told = await disposedKeys(ledger, 'calls');
        // Holds outlast their release by thirty days; the next example must not meet them.
        for (const id of placed)
          await small.ledger.holds.release(id, 'tester', NOW - 31 * DAY_MS, 'the example is over');
      },
    ),
    { numRuns: 60 },
  );
  expect(spared).toBeGreaterThan(20);
  expect(disposed).toBeGreaterThan(100);
  expect((await verifyAudit(small.ledger)).broken).toBeNull();
  await ledger.destroy();
});
