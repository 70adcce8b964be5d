// What a store is asked for against what is decided: for random rules, records and moments no record that is due lies
// outside of every selection. And the laws of `decide` that hold whatever the rules are.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide } from '../../src/policy/decide.ts';
import type { ClassRules, Hold, Instruction, Limit, Moment, Policy } from '../../src/policy/policy.ts';
import type { ReadingRules, RecordFacts } from '../../src/policy/record.ts';
import { isSelected, selections } from '../../src/policy/selections.ts';
import { sureSelection } from '../../src/policy/sure.ts';
import { DAY_MS, hold, instruction, limit, ms, policy, record, rules } from './make.ts';

const HERE = { store: 'telecom', dataset: 'cdr' };
const NOWHERE = { ...HERE, jurisdiction: { kind: 'none' as const } };

const aDeclared: fc.Arbitrary<ReadingRules['jurisdiction']> = fc.oneof(
  fc.constant({ kind: 'none' as const }),
  fc.constant({ kind: 'column' as const }),
  fc.constantFrom('US', 'US-FL', 'AU', 'SG').map(code => ({ kind: 'fixed' as const, code })),
);

const READING: ReadingRules = {
  ...{ store: 'telecom', name: 'cdr', partOf: null, keyless: false, class: { kind: 'fixed', class: 'cdr' } },
  start: {
    ...{ event: 'recorded', unit: 'datetime', zone: 'UTC', format: null, sentinels: [], plausibleFromMs: 0 },
    closedStatuses: null,
  },
  ...{ mapsCustomer: true, mapsNumbers: true, jurisdiction: { kind: 'none' }, files: [] },
};

/** The record as a dataset would give it that declares its jurisdiction so. */
function declaredIn(one: RecordFacts, declared: ReadingRules['jurisdiction']): RecordFacts {
  const column = one.jurisdiction ?? null;
  return {
    ...one,
    jurisdiction: declared.kind === 'none' ? undefined : declared.kind === 'fixed' ? declared.code : column,
  };
}
const NOW_MS = ms('2026-06-01T00:00:00Z');

const aPeriod = fc.constantFrom('P1D', 'P10D', 'P30D', 'P31D', 'P1M', 'P2M', 'P90D', 'P1Y', 'PT24H', 'PT36H');
const aZone = fc.constantFrom('UTC', 'Europe/London', 'Pacific/Auckland', 'America/St_Johns');

const aPolicy: fc.Arbitrary<Policy> = fc
  .record({
    period: fc.oneof({ weight: 20, arbitrary: aPeriod }, fc.constantFrom('unstated', 'forever')),
    bound: fc.constantFrom('at-most' as const, 'at-most' as const, 'at-least' as const),
    zone: aZone,
  })
  .map(({ period, ...more }) => policy(period, more));

const aLimit: fc.Arbitrary<Limit> = fc
  .record({
    kind: fc.constantFrom('floor' as const, 'ceiling' as const),
    where: fc.constantFrom('US', 'US-FL', 'AU'),
    period: aPeriod,
    yearEnd: fc.constantFrom(null, null, { month: 3, day: 31 }, { month: 2, day: 29 }),
    verified: fc.constantFrom(true, true, false),
  })
  .map(({ kind, where, period, ...more }) => limit(`${kind} ${where}`, kind, where, period, more));

const anInstruction: fc.Arbitrary<Instruction> = fc
  .record({
    scope: fc.constantFrom('record' as const, 'number' as const, 'account' as const, 'all' as const),
    which: fc.constantFrom('1', '2'),
    period: aPeriod,
    from: fc.constantFrom(-10, 0, 1),
    until: fc.constantFrom(null, 0, 1, 20),
  })
  .map(({ scope, which, period, from, until }) =>
    instruction(`${scope} ${which} ${period}`, period, {
      scope,
      customer: scope === 'account' ? which : null,
      number: scope === 'number' ? which : null,
      record: scope === 'record' ? { ...HERE, key: [which] } : null,
      fromMs: NOW_MS + from * DAY_MS,
      untilMs: until === null ? null : NOW_MS + until * DAY_MS,
    }),
  );

const aHold: fc.Arbitrary<Hold> = fc
  .record({
    customers: fc.constantFrom(null, ['1'], ['2']),
    numbers: fc.constantFrom(null, ['1'], ['2']),
    classes: fc.constantFrom(null, ['cdr'], ['invoice']),
    fromMs: fc.constantFrom(null, NOW_MS - 40 * DAY_MS),
    untilMs: fc.constantFrom(null, NOW_MS - 20 * DAY_MS),
    records: fc.constantFrom(null, [{ ...HERE, key: ['1'] }]),
    released: fc.constantFrom(null, NOW_MS - 31 * DAY_MS, NOW_MS - 29 * DAY_MS),
  })
  .map(({ released, ...scope }) => hold('hold', scope, released));

const someRules: fc.Arbitrary<ClassRules> = fc
  .record({
    policies: fc.array(aPolicy, { minLength: 1, maxLength: 3 }),
    limits: fc.array(aLimit, { maxLength: 3 }),
    instructions: fc.array(anInstruction, { maxLength: 3 }),
    holds: fc.array(aHold, { maxLength: 2 }),
  })
  // Configuration is refused where policies of one class have different zones.
  .map(all => ({
    ...all,
    policies: all.policies.map(one => ({ ...one, zone: all.policies[0]?.zone ?? 'UTC' })),
  }))
  .map(rules);

const aRecord: fc.Arbitrary<RecordFacts> = fc
  .record({
    ageMs: fc.oneof(
      fc.integer({ min: -4 * DAY_MS, max: 500 * DAY_MS }),
      // Close to where the periods end.
      fc
        .tuple(
          fc.constantFrom(1, 1.5, 2, 10, 11, 30, 31, 32, 61, 90, 91, 366),
          fc.integer({ min: -3, max: 3 }),
        )
        .map(([days, hours]) => days * DAY_MS + hours * 3_600_000),
    ),
    key: fc.constantFrom(['1'], ['2']),
    customer: fc.constantFrom('1', '2', null, undefined),
    numbers: fc.constantFrom(['1'], ['2', '1'], [], undefined),
    jurisdiction: fc.constantFrom('US', 'US-FL', 'US-GU', 'AU', 'AU', null, undefined, 'SG', 'UK', 'US-ZZ'),
    lock: fc.constantFrom(null, null, null, 'object lock'),
    fileDoubt: fc.constantFrom(null, null, null, 'column file is empty'),
    done: fc.constantFrom([], [], ['flag' as const], ['purge' as const]),
  })
  .map(({ ageMs, ...more }) => record(NOW_MS - ageMs, more));

const aMoment: fc.Arbitrary<Moment> = fc
  .record({
    laterMs: fc.integer({ min: 0, max: 3 * DAY_MS }),
    nextMs: fc.integer({ min: 0, max: 8 * DAY_MS }),
  })
  .map(({ laterMs, nextMs }) => ({ nowMs: NOW_MS + laterMs, nextRunMs: NOW_MS + laterMs + nextMs }));

const RUNS = { numRuns: 4000 };
const startOf = (one: RecordFacts): number => (one.start.kind === 'at' ? one.start.ms : Number.NaN);

test('a due record lies in at least one selection', () => {
  let due = 0;
  const five = fc.array(aRecord, { minLength: 5, maxLength: 5 });
  fc.assert(
    fc.property(someRules, five, aMoment, aDeclared, (by, all, moment, jurisdiction) => {
      const chosen = selections(by, { ...HERE, jurisdiction }, moment);
      for (const drawn of all) {
        const one = declaredIn(drawn, jurisdiction);
        if (decide(one, by, moment).verdict !== 'due') continue;
        due += 1;
        expect(chosen.some(selection => isSelected(one, startOf(one), selection))).toBe(true);
      }
    }),
    RUNS,
  );
  // The law says nothing unless enough of the random records are due.
  expect(due).toBeGreaterThan(1000);
});

test('a record that is sure is due', () => {
  let sure = 0;
  const five = fc.array(aRecord, { minLength: 5, maxLength: 5 });
  fc.assert(
    fc.property(someRules, five, aMoment, aDeclared, (drawn, all, moment, jurisdiction) => {
      // Whom holds and orders speak of is a matter of its own.
      const by = { ...drawn, holds: [], instructions: drawn.instructions.filter(one => one.scope === 'all') };
      const selection = sureSelection(by, { ...READING, jurisdiction }, moment);
      if (selection === null) return;
      for (const one of all.map(record => declaredIn(record, jurisdiction))) {
        const stated = selection.apart.jurisdictions;
        if (typeof one.jurisdiction === 'string' && stated?.includes(one.jurisdiction) === false) continue;
        if (startOf(one) >= selection.beforeMs || one.lock !== null) continue;
        if (one.fileDoubt !== null || one.done.length > 0) continue;
        sure += 1;
        expect(decide(one, by, moment).verdict).toBe('due');
      }
    }),
    RUNS,
  );
  expect(sure).toBeGreaterThan(1000);
});

describe('selections', () => {
  const moment = { nowMs: NOW_MS, nextRunMs: NOW_MS + DAY_MS };

  test('of a class without a period are none', () => {
    expect(selections(rules({ policies: [policy('unstated')] }), NOWHERE, moment)).toEqual([]);
    expect(selections(rules({ policies: [policy('P1D'), policy('forever')] }), NOWHERE, moment)).toEqual([]);
  });

  test('are the cutoff of the policy, and a range beyond it for each order that shortens', () => {
    const by = rules({
      instructions: [
        instruction('longer', 'P90D'),
        instruction('ours', 'P10D', { scope: 'account', customer: 'C1' }),
        instruction('elsewhere', 'P10D', {
          scope: 'record',
          record: { ...HERE, store: 'other', key: ['1'] },
        }),
        instruction('over', 'P10D', { untilMs: NOW_MS }),
      ],
    });
    expect(selections(by, NOWHERE, moment)).toMatchObject([
      { because: 'cdr', fromMs: null, beforeMs: ms('2026-05-03'), customer: null, key: null },
      { because: 'ours', fromMs: ms('2026-05-03'), beforeMs: ms('2026-05-23'), customer: 'C1', key: null },
    ]);
  });
});

describe('decide', () => {
  test('is pure', () => {
    fc.assert(
      fc.property(someRules, aRecord, aMoment, (by, one, moment) => {
        const before = JSON.stringify([by, one, moment]);
        const first = decide(one, by, moment);
        expect(decide(one, by, moment)).toEqual(first);
        expect(JSON.stringify([by, one, moment])).toBe(before);
      }),
      { numRuns: 1000 },
    );
  });

  test('names the rule that decided among those that matched, and a disposition for what is due alone', () => {
    fc.assert(
      fc.property(someRules, aRecord, aMoment, (by, one, moment) => {
        const { verdict, operative, matched, disposition } = decide(one, by, moment);
        expect(matched).toContainEqual(operative);
        expect(disposition !== null).toBe(verdict === 'due');
      }),
      { numRuns: 2000 },
    );
  });

  test('never finds a record due that an active hold may cover', () => {
    fc.assert(
      fc.property(someRules, aRecord, aHold, aMoment, (by, one, extra, moment) => {
        const without = decide(one, by, moment).verdict;
        const active = { ...extra, releasedAtMs: null };
        const withHold = decide(one, { ...by, holds: [...by.holds, active] }, moment).verdict;
        // A hold changes nothing but what was due or kept into what is held.
        if (withHold !== 'held') expect(withHold).toBe(without);
        const everything = { ...by, holds: [hold('all')] };
        expect(decide(one, everything, moment).verdict).not.toBe('due');
      }),
      RUNS,
    );
  });

  test('once due stays due, under the same rules', () => {
    fc.assert(
      fc.property(someRules, aRecord, aMoment, fc.nat(40 * DAY_MS), (drawn, one, moment, laterMs) => {
        // Instructions that come into force or end are a change of rules.
        const by = {
          ...drawn,
          instructions: drawn.instructions.map(order => ({ ...order, fromMs: 0, untilMs: null })),
        };
        fc.pre(decide(one, by, moment).verdict === 'due');
        const later = { nowMs: moment.nowMs + laterMs, nextRunMs: moment.nextRunMs + laterMs };
        expect(decide(one, by, later).verdict).toBe('due');
      }),
      { numRuns: 500, maxSkipsPerRun: 1000 },
    );
  });
});
