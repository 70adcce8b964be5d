// Records whose law nobody knows stay, and a plan says so: where nothing is stated, where the code is none, and where limits
// are taken for none or were never checked.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Finding, PlanPart } from '../../src/plan/plan.ts';
import type { LawStatement, Limit, PolicySet } from '../../src/policy/policy.ts';
import { policyOf } from '../ledger/sample-log.ts';
import { limit } from '../policy/make.ts';
import { freshFolder, freshMysql, freshSqlite } from '../support/databases.ts';
import { policySetOf, type SmallRun, smallRun } from '../support/small-run.ts';
import { sqlMap } from '../support/store-maps.ts';

const NOW = Date.UTC(2026, 10, 28, 12);
const authority = { document: 'Counsel', passage: 'A letter' };
const none = (jurisdiction: string): LawStatement => ({ jurisdiction, limited: [], none: 'all', authority });
const called = (id: string, kind: Limit['kind'], where: string, verified = true): Limit => ({
  ...limit(id, kind, where, 'P60D', { verified }),
  class: 'call',
});

/** By place: two of each are past their thirty days, and one is not. */
const PLACES = ['GB', 'US-TX', 'SG', 'UK', 'gb', 'US-ZZ', 'Florida', null, ''] as const;

describe.each(['sqlite', 'mysql'] as const)('a column of jurisdictions on %s', kind => {
  let small: SmallRun;
  const drops: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    const map = sqlMap(kind, [
      {
        ...{ dataset: 'calls', table: 'calls', key: ['id'], class: 'call' },
        jurisdiction: { column: 'country' },
        start: { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' },
      },
    ]);
    const store = kind === 'mysql' ? await freshMysql() : await freshSqlite();
    const folder = await freshFolder();
    await store.knex.raw('CREATE TABLE calls (id INTEGER PRIMARY KEY, at DATETIME, country VARCHAR(20))');
    const rows = PLACES.flatMap(country =>
      ['2026-10-01 10:00:00', '2026-10-02 10:00:00', '2026-11-27 10:00:00'].map(at => ({ at, country })),
    );
    await store.knex('calls').insert(rows.map((row, index) => ({ id: index + 1, ...row })));
    small = await smallRun({
      ledgerAt: `${folder.path}/ledger.db`,
      maps: [map],
      at: { tested: 'url' in store ? store.url : store.path },
      policySet: policySetOf([]),
      nowMs: NOW,
    });
    drops.push(store.drop, folder.remove, small.close);
  });

  afterAll(async () => {
    for (const drop of drops.reverse()) await drop();
  });

  async function planned(more: Partial<PolicySet>): Promise<{ part: PlanPart; said: readonly string[] }> {
    small.rules.policySet = policySetOf([policyOf('call', 'P30D', 'purge')], more);
    const [part] = (await small.plan()).parts;
    if (part === undefined) throw new Error('no part was planned');
    return {
      part,
      said: part.findings.filter(isOfLaw).map(one => `${one.code} ${one.count}: ${one.message}`),
    };
  }

  const isOfLaw = ({ code }: Finding): boolean =>
    /law|jurisdiction|limit$/.test(code) && code !== 'unmapped-copy';

  test('keeps where nothing is stated or the code is none, and counts each apart', async () => {
    const { part, said } = await planned({ statements: [none('GB'), none('US')] });
    // Those of Great Britain and Texas, and those that say none.
    expect(part.counts).toMatchObject({ due: 8, keptOtherwise: 10 });
    const how =
      'stay until policies/limits/sg.yaml enters its limits, or states with `none` that there are none';
    const unknown = (written: string, meant: string): string =>
      `unknown-jurisdiction 2: the jurisdiction is ${written}, which is no code of ISO 3166${meant}: they stay until it is one`;
    expect([...said].sort()).toEqual(
      [
        `unstated-law 2: nothing is stated of the law of SG: they ${how}`,
        unknown('"UK"', ' (GB is meant?)'),
        unknown('"gb"', ' (GB is meant?)'),
        unknown('"US-ZZ"', ''),
        unknown('a text', ' (US-FL or UY-FD is meant?)'),
      ].sort(),
    );
    expect(await small.keysOf(await small.plan(), 'calls')).toHaveLength(8);
  });

  test('lets go what is stated, and what is not stays', async () => {
    const { part } = await planned({ statements: [none('SG')] });
    expect(part.counts).toMatchObject({ due: 6, keptOtherwise: 12 });
  });

  test('an unverified floor keeps, an unverified ceiling does nothing, and both are told', async () => {
    const limits = [called('gb-floor', 'floor', 'GB', false), called('us-top', 'ceiling', 'US', false)];
    const { part, said } = await planned({ limits, statements: [none('GB'), none('US')] });
    // Those that say no place are kept by every floor.
    expect(part.counts).toMatchObject({ due: 2, keptByFloor: 6 });
    expect(said).toContain(
      'unverified-limit 27: nobody has verified gb-floor: what is said to be kept by law is kept; nobody has verified us-top: nothing goes because of it until then',
    );
  });

  test('a class that limits of others say nothing of is told', async () => {
    const statements = [{ ...none('GB'), limited: ['invoice'], authority: null }];
    const { part, said } = await planned({ statements });
    expect(part.counts).toMatchObject({ due: 6 });
    expect(said.filter(one => one.startsWith('assumed-law'))).toEqual([
      'assumed-law 27: the limits of GB say nothing of call: none is taken to apply. Say so with `none`, and on whose word',
    ]);
  });
});
