// A replay after a restore: exactly what an earlier run disposed of and has come back, and nothing that the run had
// spared or never seen; with keys that stand in the log as hashes only, and for every disposition.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Disposition } from '../../src/policy/policy.ts';
import { NOW, policyOf } from '../ledger/sample-log.ts';
import { type FreshFolder, type FreshSqlite, freshFolder, freshSqlite } from '../support/databases.ts';
import { holdOn, policySetOf, type SmallRun, smallRun } from '../support/small-run.ts';
import { sqlMap } from '../support/store-maps.ts';

const DAY_MS = 86_400_000;
let store: FreshSqlite;
let folder: FreshFolder;
let small: SmallRun;

beforeEach(async () => {
  store = await freshSqlite();
  folder = await freshFolder();
  await store.knex.raw(
    'CREATE TABLE people (phone TEXT NOT NULL PRIMARY KEY, at TEXT, account TEXT, name TEXT, state TEXT)',
  );
});

afterEach(async () => {
  await small.close();
  await store.drop();
  await folder.remove();
});

async function open(disposition: Disposition, keysPersonal: boolean): Promise<void> {
  const map = sqlMap('sqlite', [
    {
      dataset: 'people',
      table: 'people',
      key: ['phone'],
      keysPersonal,
      class: 'person',
      customer: 'account',
      start: { event: 'collected', column: 'at', unit: 'datetime', zone: 'UTC' },
      flag: { column: 'state', value: 'due' },
      anonymise: {
        fields: [{ column: 'name', mask: 'keyed-hash' }],
        marker: { column: 'state', value: 'anonymised' },
      },
    },
  ]);
  small = await smallRun({
    ledgerAt: `${folder.path}/ledger.db`,
    maps: [map],
    at: { tested: store.path },
    policySet: policySetOf([policyOf('person', 'P30D', disposition)]),
    nowMs: NOW,
  });
}

function person(id: number, days: number): Record<string, string | null> {
  const at = new Date(NOW - days * DAY_MS).toISOString().slice(0, 19).replace('T', ' ');
  return { phone: `+4420794600${id}`, at, account: String(id % 4), name: `Person ${id}`, state: null };
}

const people = [...Array(14).keys()].map(id => person(10 + id, id < 10 ? 60 : 5));

describe.each([true, false])('keys that are personal: %s', keysPersonal => {
  describe.each<Disposition>(['purge', 'flag', 'anonymise'])('%s', disposition => {
    test('takes what has come back, once, and nothing else', async () => {
      await open(disposition, keysPersonal);
      await store.knex('people').insert(people);
      const first = await small.plan();
      await small.ledger.holds.place(holdOn('first', { customers: ['2'] }, NOW));
      const { run, state } = await small.enforce(first);
      expect(state).toBe('done');
      const after = await store.knex('people').orderBy('phone');
      // What the run spared is due by now, and is none of the replay's business.
      await small.ledger.holds.release('first', 'tester', NOW - 31 * DAY_MS, 'settled');

      const disposed = people.filter((row, id) => id < 10 && row.account !== '2').map(row => row.phone ?? '');

      // Nothing has come back yet.
      const [nothing] = (await small.plan(run)).parts;
      expect(nothing?.counts).toMatchObject({
        due: 0,
        alreadyDone: disposition === 'purge' ? 0 : disposed.length,
      });

      // The backup brings everything back, with a person that the run never saw; two of those back are wanted now.
      await store.knex('people').delete();
      await store.knex('people').insert([...people, person(99, 60)]);
      await small.ledger.holds.place(holdOn('second', { customers: ['3'] }, NOW));
      const plan = await small.plan(run);
      const wanted = disposed.filter(phone => people.find(row => row.phone === phone)?.account !== '3');
      expect((await small.keysOf(plan, 'people')).map(key => key[0]).sort()).toEqual(wanted.sort());
      expect(plan.parts[0]?.counts).toMatchObject({
        due: wanted.length,
        held: disposed.length - wanted.length,
      });
      expect((await small.enforce(plan)).state).toBe('done');

      const now = await store.knex('people').orderBy('phone');
      const expected = [...people, person(99, 60)].flatMap(row => {
        if (!wanted.includes(row.phone ?? '')) return [row];
        return after.filter((one: { phone: string }) => one.phone === row.phone);
      });
      expect(now).toEqual(expected.sort((a, b) => (String(a.phone) < String(b.phone) ? -1 : 1)));
      const [again] = (await small.plan(run)).parts;
      expect(again?.counts.due).toBe(0);
    });
  });
});
