// Where rows of another table tell a start, the server adds them up: what comes of it must be what they say one by one, and
// the plan must list exactly the accounts that are due by that. On generated histories and orders, and generated rules.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decide, undatedReason } from '../../src/policy/decide.ts';
import type { PolicySet } from '../../src/policy/policy.ts';
import { type RecordFacts, readRecord } from '../../src/policy/record.ts';
import { rulesFor } from '../../src/policy/rules.ts';
import { readValue, type StartReading, type StartSpec } from '../../src/policy/start.ts';
import { firstInstantOfWall, parseWall } from '../../src/policy/wall-time.ts';
import { kinds } from '../../src/stores/kinds.ts';
import { freshFolder, freshMysql, freshSqlite } from '../support/databases.ts';
import { kindsHere } from '../support/first-server.ts';
import { policySetOf, type SmallRun, smallRun } from '../support/small-run.ts';
import { datasetNamed, sqlMap } from '../support/store-maps.ts';
import { scanned } from '../support/store-use.ts';
import { anyRow, anyRules, NOW, SENTINEL, ZONE } from './generated-rows.ts';

const UNITS = ['datetime', 'date', 'timestamp', 'epoch-s'] as const;
type Unit = (typeof UNITS)[number];
const COLUMNS: Readonly<Record<Unit, { sqlite: string; mysql: string }>> = {
  datetime: { sqlite: 'TEXT', mysql: 'DATETIME NULL' },
  date: { sqlite: 'TEXT', mysql: 'DATE NULL' },
  timestamp: { sqlite: 'TEXT', mysql: 'TIMESTAMP NULL' },
  'epoch-s': { sqlite: 'INTEGER', mysql: 'BIGINT NULL' },
};

interface GeneratedAccount {
  readonly account: string | null;
  readonly status: string;
  readonly rows: readonly { readonly at: string | null; readonly became: string | null }[];
}

const anyStatus = fc.constantFrom('closed', 'gone', 'open', 'Closed');
const isClosed = (status: string | null): boolean => status === 'closed' || status === 'gone';

function anyAccount(unit: Unit, kind: 'sqlite' | 'mysql'): fc.Arbitrary<GeneratedAccount> {
  const one = fc.record({ at: anyRow(unit, kind).map(({ at }) => at), became: anyStatus });
  // Two of one time, so that ties are met.
  const two = fc.tuple(one, anyStatus).map(([first, became]) => [first, { ...first, became }]);
  return fc.record({
    account: fc.constantFrom('1', '2', '3', null),
    status: anyStatus,
    rows: fc
      .array(fc.oneof({ weight: 5, arbitrary: one.map(row => [row]) }, { weight: 1, arbitrary: two }), {
        maxLength: 3,
      })
      .map(rows => rows.flat()),
  });
}

/** What the rows say, told without the store: each is read by itself. */
function oracle(
  { rows, status }: GeneratedAccount,
  how: 'history' | 'last',
  withStatus: boolean,
  spec: StartSpec,
): StartReading['kind'] {
  const saysClosed = withStatus && isClosed(status);
  const open = saysClosed ? 'undated' : 'not-started';
  const read = rows.map(({ at, became }) => ({ at, became, reading: readValue(at, spec) }));
  const lasts = ({ reading }: (typeof read)[number]): boolean =>
    reading.kind === 'undated' && ['null', 'zero', 'sentinel'].includes(reading.why);
  if (how === 'last' && read.some(lasts)) return open;
  const times = read.flatMap(({ at, became, reading }) =>
    reading.kind === 'at'
      ? [{ ms: reading.ms, earliestMs: earliest(at ?? '', reading.ms, spec), became }]
      : [],
  );
  if (times.length < read.length) return 'undated';
  if (times.length === 0) return open;
  const shut = times.filter(({ became }) => how === 'last' || isClosed(became));
  const others = times.filter(one => !shut.includes(one));
  const latest = (some: typeof times): number => Math.max(...some.map(({ ms }) => ms));
  const isAfter = (some: typeof times, than: typeof times): boolean =>
    than.length === 0 || some.some(({ ms, earliestMs }) => ms === latest(some) && earliestMs > latest(than));
  if (shut.length > 0 && isAfter(shut, others)) return withStatus && !saysClosed ? 'not-started' : 'at';
  return others.length > 0 && isAfter(others, shut) ? open : 'undated';
}

/** The earlier reading of an hour that comes twice. */
function earliest(at: string, ms: number, { unit, zone }: StartSpec): number {
  return unit === 'datetime' ? firstInstantOfWall(parseWall(at) ?? 0, zone) : ms;
}

const PLACES = [
  { kind: 'sqlite' as const, how: 'history' as const, withStatus: false },
  { kind: 'sqlite' as const, how: 'last' as const, withStatus: true },
  { kind: 'mysql' as const, how: 'history' as const, withStatus: true },
  { kind: 'mysql' as const, how: 'history' as const, withStatus: false },
  { kind: 'mysql' as const, how: 'last' as const, withStatus: true },
  { kind: 'mysql' as const, how: 'last' as const, withStatus: false },
].filter(({ kind }) => kindsHere.includes(kind));

describe.each(PLACES)('$how on $kind, with a status of its own: $withStatus', ({ kind, how, withStatus }) => {
  describe.each(UNITS)('in %s', unit => {
    const rows = { table: 'told', on: { of: 'id' }, column: 'at' };
    const status = { column: 'status', closed: ['closed', 'gone'] };
    const map = sqlMap(kind, [
      {
        dataset: 'rows',
        table: 'accounts',
        key: ['id'],
        class: 'call',
        customer: 'account',
        start: {
          ...{ event: 'account-closed', unit, zone: ZONE, sentinels: [SENTINEL[unit]] },
          ...(withStatus ? { status } : {}),
          ...(how === 'last'
            ? { last: rows }
            : { history: { ...rows, status: { ...status, column: 'became' } } }),
        },
      },
    ]);
    const dataset = datasetNamed(map, 'rows');
    const drops: (() => Promise<void>)[] = [];
    let small: SmallRun;
    let store: { readonly at: string; readonly knex: Awaited<ReturnType<typeof freshMysql>>['knex'] };

    beforeAll(async () => {
      const fresh = kind === 'mysql' ? await freshMysql() : await freshSqlite();
      store = { at: 'url' in fresh ? fresh.url : fresh.path, knex: fresh.knex };
      const folder = await freshFolder();
      await store.knex.raw(
        'CREATE TABLE accounts (id INTEGER PRIMARY KEY, account VARCHAR(20), status VARCHAR(20))',
      );
      await store.knex.raw(
        `CREATE TABLE told (\`of\` INTEGER, at ${COLUMNS[unit][kind]}, became VARCHAR(20))`,
      );
      await store.knex.raw('CREATE INDEX found ON told (`of`)');
      small = await smallRun({
        ledgerAt: `${folder.path}/ledger.db`,
        maps: [map],
        at: { tested: store.at },
        policySet: policySetOf([]),
        nowMs: NOW,
        batchKeys: 3,
      });
      drops.push(fresh.drop, folder.remove, small.close);
    });

    afterAll(async () => {
      for (const drop of drops.reverse()) await drop();
    });

    async function fill(accounts: readonly GeneratedAccount[]): Promise<void> {
      await store.knex.transaction(async transaction => {
        if (kind === 'mysql')
          await transaction.raw("SET SESSION time_zone = '+00:00', SESSION sql_mode = ''");
        await transaction('accounts').delete();
        await transaction('told').delete();
        const told = accounts.flatMap(({ rows }, index) => rows.map(row => ({ of: index + 1, ...row })));
        if (accounts.length > 0)
          await transaction('accounts').insert(
            accounts.map(({ account, status }, index) => ({ id: index + 1, account, status })),
          );
        if (told.length > 0) await transaction('told').insert(told);
      });
    }

    async function factsOf(): Promise<readonly RecordFacts[]> {
      const reader = kinds[kind].openReader(map, store.at);
      try {
        return (await scanned(reader, dataset)).map(stored => readRecord(stored, dataset));
      } finally {
        await reader.close();
      }
    }

    test('agrees with each row, and with decide', async () => {
      const seen = { due: 0, undated: 0, held: 0, open: 0 };
      await fc.assert(
        fc.asyncProperty(
          fc.array(anyAccount(unit, kind), { maxLength: 30, size: 'max' }),
          anyRules,
          async (accounts, policySet: PolicySet) => {
            await fill(accounts);
            small.rules.policySet = policySet;
            const facts = await factsOf();
            const moment = small.moment();
            expect(facts.map(({ key, start }) => [key[0], start.kind])).toEqual(
              accounts.map((account, index) => [
                String(index + 1),
                oracle(account, how, withStatus, dataset.start),
              ]),
            );
            const rules = rulesFor('call', policySet, [], dataset);
            const all = facts.map(record => ({
              record,
              decision: decide(record, rules, moment),
              free: decide(record, { ...rules, holds: [] }, moment),
            }));
            const due = all.filter(({ decision }) => decision.verdict === 'due');
            const counts = {
              stored: all.length,
              due: due.length,
              undated: all.filter(({ decision }) => decision.verdict === 'undated').length,
              held: all.filter(({ decision, free }) => decision.verdict === 'held' && free.verdict === 'due')
                .length,
            };
            const plan = await small.plan();
            const [part] = plan.parts;
            expect(part?.findings.filter(finding => finding.code === 'store-mismatch')).toEqual([]);
            const listed = (await small.keysOf(plan, 'rows')).map(key => key.join());
            expect(listed.sort()).toEqual(due.map(({ record }) => record.key.join()).sort());
            expect(part?.counts).toMatchObject(counts);
            const dated = part?.findings.find(({ code }) => code === 'open-but-dated');
            expect(dated?.count ?? 0).toBe(
              all.filter(({ decision }) => decision.operative.id === 'open-but-dated').length,
            );
            const open = all.filter(
              ({ record }) => record.start.kind === 'not-started' && undatedReason(record, moment) === null,
            ).length;
            for (const name of ['due', 'undated', 'held'] as const) seen[name] += counts[name];
            seen.open += open;
          },
        ),
        { numRuns: 25, seed: 1182 },
      );
      // A generator that made nothing of a sort would prove nothing of it.
      for (const [name, count] of Object.entries(seen)) expect(count, name).toBeGreaterThan(0);
    });
  });
});
