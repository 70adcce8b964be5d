// An audit log of a few runs with everything in it: plans, runs, purged and anonymised batches, spared records, a hold
// placed and released, a refusal. Made by the product itself, on a ledger of the test's choosing.
import { parsePeriod } from '../../src/policy/period.ts';
import type { Disposition, Policy } from '../../src/policy/policy.ts';
import type { FreshSqlite } from '../support/databases.ts';
import { holdOn, policySetOf, type SmallRun, smallRun } from '../support/small-run.ts';
import { sqlMap } from '../support/store-maps.ts';

export const NOW = Date.UTC(2026, 10, 22, 12);
export const PERSON = '+442079460123';
const DAY_MS = 86_400_000;

export const sampleMap = sqlMap('sqlite', [
  {
    dataset: 'calls',
    table: 'cdr',
    key: ['id'],
    class: 'call',
    customer: 'account',
    start: { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' },
  },
  {
    dataset: 'people',
    table: 'people',
    key: ['phone'],
    keysPersonal: true,
    class: 'person',
    customer: 'account',
    start: { event: 'collected', column: 'at', unit: 'datetime', zone: 'UTC' },
    anonymise: { fields: [{ column: 'name', mask: null }], marker: { column: 'state', value: 'anonymised' } },
  },
]);

export function policyOf(name: string, period: string, disposition: Disposition): Policy {
  const read = parsePeriod(period);
  if ('mistake' in read) throw new Error(read.mistake);
  return {
    id: name,
    class: name,
    title: name,
    period: read.period,
    start: name === 'person' ? 'collected' : 'recorded',
    bound: 'at-most',
    zone: 'UTC',
    disposition,
    owner: 'DPO',
    authority: { document: 'Policy', passage: 'All of it' },
  };
}

export const samplePolicies = policySetOf([
  policyOf('call', 'P30D', 'purge'),
  policyOf('person', 'P30D', 'anonymise'),
]);

export async function sampleStore({ knex }: FreshSqlite): Promise<void> {
  await knex.raw('CREATE TABLE cdr (id INTEGER PRIMARY KEY, at TEXT, account TEXT)');
  await knex.raw(
    'CREATE TABLE people (phone TEXT NOT NULL PRIMARY KEY, at TEXT, account TEXT, name TEXT, state TEXT)',
  );
  await addSample({ knex });
}

/** Ten calls and five people, all due. */
export async function addSample({ knex }: Pick<FreshSqlite, 'knex'>): Promise<void> {
  const at = new Date(NOW - 60 * DAY_MS).toISOString().slice(0, 19).replace('T', ' ');
  for (let id = 1; id <= 10; id += 1) await knex('cdr').insert({ id, at, account: String(id % 3) });
  for (let id = 0; id < 5; id += 1)
    await knex('people').insert({
      phone: `+44207946012${id}`,
      at,
      account: String(id),
      name: `Person ${id}`,
    });
}

/** Two runs, one of them with a hold that spares records, a replay of the first, and a plan that was refused. */
export async function sampleLog(store: FreshSqlite, ledgerAt: string): Promise<SmallRun> {
  await sampleStore(store);
  const small = await smallRun({
    ledgerAt,
    maps: [sampleMap],
    at: { tested: store.path },
    policySet: samplePolicies,
    nowMs: NOW,
  });
  const first = await small.plan();
  await small.ledger.holds.place(holdOn('case-1', { customers: ['1'] }));
  const { run } = await small.enforce(first);
  await store.knex('cdr').delete();
  await store.knex('people').delete();
  await addSample(store);
  await small.ledger.holds.release('case-1', 'tester', NOW, 'the case is closed');
  await small.enforce(await small.plan(run));
  await small.enforce(first).catch(() => undefined);
  return small;
}
