// Trap 12: keys above 2^53 that a driver rounds to their neighbour, composite ones with a DECIMAL (Sipwise cdr (id,
// start_time)), CHAR(36), and texts that are equal or not by their collation (A2Billing's bin and ci: 'A' and 'a'). Each
// due key stands beside a fresh one that it could be taken for.
import { afterEach, expect, test } from 'vitest';
import { type CaseRun, DAY_MS, HELD, openCase, wallUtc } from '../support/case-rows.ts';

let run: CaseRun;
afterEach(() => run.drop());

const due = wallUtc(Date.now() - 90 * DAY_MS);
const fresh = wallUtc(Date.now() - DAY_MS);

interface Keyed {
  readonly columns: string;
  readonly key: string[];
  readonly due: readonly (readonly string[])[];
  readonly fresh: readonly (readonly string[])[];
}

const keys: Readonly<Record<string, Keyed>> = {
  'BIGINT UNSIGNED above 2^53': {
    columns: 'a BIGINT UNSIGNED',
    key: ['a'],
    due: [['9007199254740993'], ['18446744073709551615'], ['9223372036854775808']],
    fresh: [['9007199254740992'], ['9007199254740994'], ['18446744073709551614'], ['9223372036854775807']],
  },
  'a number and a DECIMAL': {
    columns: 'a BIGINT UNSIGNED, b DECIMAL(13,3)',
    key: ['a', 'b'],
    due: [
      ['9007199254740993', '1704103200.123'],
      ['1', '1704103200.100'],
      ['2', '0.001'],
    ],
    fresh: [
      ['9007199254740993', '1704103200.124'],
      ['9007199254740992', '1704103200.123'],
      ['1', '1704103200.101'],
      ['2', '0.000'],
    ],
  },
  'a DECIMAL of more digits than a double has': {
    columns: 'a DECIMAL(30,6)',
    key: ['a'],
    due: [['123456789012345678901234.000001']],
    fresh: [['123456789012345678901234.000002'], ['123456789012345678901234.000000']],
  },
  'CHAR(36)': {
    columns: 'a CHAR(36)',
    key: ['a'],
    due: [['6b5f2a50-0b1e-11f0-8de9-0242ac120002'], ['0']],
    fresh: [['6b5f2a50-0b1e-11f0-8de9-0242ac120003'], ['0a'], ['00']],
  },
  'texts of a collation that tells A from a': {
    columns: 'a VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_bin',
    key: ['a'],
    due: [['Aa'], ['b'], ['\u00e9']],
    fresh: [['aa'], ['B'], ['e']],
  },
  'texts of a collation that does not': {
    columns: 'a VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci',
    key: ['a'],
    due: [['Aa'], ['b'], ["it's"], ['back\\slash'], ['100%'], ['a,b']],
    fresh: [['Ab'], ['C'], ['its'], ['backslash'], ['100'], ['a,c']],
  },
  'a text that looks like a number beside a number': {
    columns: 'a VARCHAR(20), b INT',
    key: ['a', 'b'],
    due: [
      ['01', '1'],
      ['1e1', '1'],
    ],
    fresh: [
      ['1', '1'],
      ['01', '2'],
      ['10', '1'],
    ],
  },
};

const ways = { listed: ', KEY (at)', 'read one by one': '' };

for (const [name, keyed] of Object.entries(keys)) {
  test.each(Object.entries(ways))(`${name}, %s: exactly the due ones go`, async (_, index) => {
    const start = { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' } as const;
    const shared = {
      dataset: 'calls',
      table: 'cdr',
      key: keyed.key,
      class: 'call',
      customer: 'account',
      start,
    };
    run = await openCase({
      ddl: [
        `CREATE TABLE cdr (${keyed.columns}, at DATETIME, account VARCHAR(20), PRIMARY KEY (${keyed.key.join(', ')})${index})`,
      ],
      datasets: [shared],
    });
    const row = (key: readonly string[], at: string, account = 'plain') => ({
      ...Object.fromEntries(keyed.key.map((column, place) => [column, key[place]])),
      at,
      account,
    });
    const [kept = [], ...others] = keyed.fresh;
    await run.knex('cdr').insert([
      ...keyed.due.map(key => row(key, due)),
      ...others.map(key => row(key, fresh)),
      // Due as well, and held: whatever takes it for its neighbour deletes it.
      row(kept, due, HELD),
    ]);
    const { plan, part } = await run.plan();
    expect(part.counts).toMatchObject({ due: keyed.due.length, held: 1 });
    const texts = (all: readonly (readonly string[])[]) => all.map(key => JSON.stringify(key)).sort();
    expect(texts(await run.small.keysOf(plan, 'calls'))).toEqual(texts(keyed.due));
    expect(await run.enforce(plan)).toEqual({});
    const left: Record<string, unknown>[] = await run.knex('cdr').select(keyed.key);
    expect(texts(left.map(one => keyed.key.map(column => String(one[column]))))).toEqual(texts(keyed.fresh));
    expect((await run.disposed()).sort()).toEqual(texts(keyed.due));
  });
}

test.each(Object.entries(ways))(
  "%s: 'A' and 'a' are one key by the collation, and a row that takes the place of another is not it",
  async (_, index) => {
    run = await openCase({
      ddl: [
        `CREATE TABLE cdr (a VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_general_ci PRIMARY KEY, at DATETIME, account VARCHAR(20)${index})`,
      ],
      datasets: [
        {
          dataset: 'calls',
          table: 'cdr',
          key: ['a'],
          class: 'call',
          customer: 'account',
          start: { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' },
        },
      ],
    });
    await run.knex('cdr').insert([
      { a: 'A', at: due, account: 'plain' },
      { a: 'B', at: due, account: 'plain' },
      { a: 'é', at: due, account: 'plain' },
    ]);
    // So many that the few due ones are found along the index of the start, where there is one.
    const others = [...Array(3000).keys()].map(n => ({ a: `k${n}`, at: fresh, account: 'plain' }));
    await run.knex('cdr').insert(others);
    await run.knex.raw('ANALYZE TABLE cdr');
    const { plan } = await run.plan();
    await run.knex('cdr').where({ a: 'A' }).delete();
    await run.knex('cdr').insert({ a: 'a', at: due, account: 'plain' });
    // What stands under the key now may be the same record under another spelling: nobody knows that it has gone.
    expect(await run.enforce(plan)).toEqual({ unread: 1 });
    expect(await run.knex('cdr').where({ at: due }).pluck('a')).toEqual(['a']);
    expect((await run.disposed()).sort()).toEqual(['["B"]', '["\u00e9"]']);
  },
);
