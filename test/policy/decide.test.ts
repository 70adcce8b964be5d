// Which rule wins, step by step in the order of the domain's fourth section: for each case the verdict, the rule that
// decided, and every rule that matched.
import { describe, expect, test } from 'vitest';
import { decide, FUTURE_TOLERANCE_MS } from '../../src/policy/decide.ts';
import { type ClassRules, COOLING_PERIOD_MS, type Moment } from '../../src/policy/policy.ts';
import type { RecordFacts } from '../../src/policy/record.ts';
import { DAY_MS, hold, limit, ms, policy, record, rules } from './make.ts';

/** Midnight on 1 June 2026; the job comes by again a day later. A period of 30 days began on 1 May at the latest. */
const now: Moment = { nowMs: ms('2026-06-01T00:00:00Z'), nextRunMs: ms('2026-06-02T00:00:00Z') };
const OLD = '2020-01-15T12:00:00Z';
const YOUNG = '2026-05-20T12:00:00Z';

/** `verdict: operative | every rule that matched`, with each rule as kind and id. */
function ruling(one: RecordFacts, by: ClassRules, moment: Moment = now): string {
  const { verdict, operative, matched } = decide(one, by, moment);
  const name = (rule: { kind: string; id: string }) => `${rule.kind} ${rule.id}`;
  return `${verdict}: ${name(operative)} | ${matched.map(name).join(', ')}`;
}

describe('0. doubt keeps', () => {
  const undated = (why: 'null' | 'zero' | 'sentinel' | 'implausible' | 'unreadable') =>
    record(0, { start: { kind: 'undated', why } });

  test.each(['null', 'zero', 'sentinel', 'implausible', 'unreadable'] as const)('a start that is %s', why => {
    expect(ruling(undated(why), rules())).toBe(`undated: doubt ${why} | doubt ${why}`);
  });

  test.each(['source-missing', 'closed-undated'] as const)('an account that is %s', why => {
    expect(ruling(record(0, { start: { kind: 'undated', why } }), rules())).toBe(
      `undated: doubt ${why} | doubt ${why}`,
    );
  });

  test('a start more than 48 hours in the future, and not one up to there', () => {
    expect(ruling(record(now.nowMs + FUTURE_TOLERANCE_MS), rules())).toBe('not-due: policy cdr | policy cdr');
    expect(ruling(record(now.nowMs + FUTURE_TOLERANCE_MS + 1), rules())).toBe(
      'undated: doubt future | doubt future, policy cdr',
    );
    expect(FUTURE_TOLERANCE_MS).toBe(2 * DAY_MS);
  });

  test('a class that is not known, or is another, or has no policy', () => {
    const expected = 'not-due: doubt unknown-class | doubt unknown-class, policy cdr';
    expect(ruling(record(OLD, { class: null }), rules())).toBe(expected);
    expect(ruling(record(OLD, { class: 'invoice' }), rules())).toBe(expected);
    expect(decide(record(OLD), rules({ policies: [] }), now)).toMatchObject({
      verdict: 'not-due',
      operative: { kind: 'doubt', id: 'unknown-class' },
    });
  });

  test('a class that is not known is named before a start that is not', () => {
    expect(ruling(record(0, { class: 'invoice', start: { kind: 'undated', why: 'null' } }), rules())).toBe(
      'not-due: doubt unknown-class | doubt unknown-class',
    );
  });

  test('a file that cannot be named', () => {
    expect(ruling(record(OLD, { fileDoubt: 'column file is empty' }), rules())).toBe(
      'not-due: doubt file-unnamed | doubt file-unnamed, policy cdr',
    );
  });

  test('doubt is named before a hold, and the hold is named too', () => {
    expect(ruling(undated('null'), rules({ holds: [hold('h1')] }))).toBe(
      'undated: doubt null | doubt null, hold h1',
    );
  });

  test('nothing in doubt has an expiry or a disposition', () => {
    expect(decide(undated('zero'), rules(), now)).toMatchObject({ expiryMs: null, disposition: null });
  });
});

describe('1. holds', () => {
  const here = { store: 'telecom', dataset: 'cdr', key: ['1'] };
  const start = ms(OLD);

  test.each([
    ['everything', {}],
    ['its customer', { customers: ['C9', 'C1'] }],
    ['its number, however written', { numbers: ['+44 20 7946 0000'] }],
    ['its class', { classes: ['cdr'] }],
    ['days from its start on', { fromMs: start }],
    ['days until after its start', { untilMs: start + 1 }],
    ['its key', { records: [{ ...here, key: ['2'] }, here] }],
    ['all of these', { customers: ['C1'], numbers: ['442079460000'], fromMs: start, records: [here] }],
  ])('of %s keeps', (_, scope) => {
    const held = rules({ holds: [hold('h1', scope)] });
    expect(ruling(record(OLD), held)).toBe('held: hold h1 | hold h1, policy cdr');
  });

  test.each([
    ['another customer', { customers: ['C2'] }],
    ['another number', { numbers: ['+442079460001'] }],
    ['another class', { classes: ['invoice'] }],
    ['later days', { fromMs: start + 1 }],
    ['earlier days', { untilMs: start }],
    ['another key', { records: [{ ...here, key: ['2'] }] }],
    [
      'the same key elsewhere',
      {
        records: [
          { ...here, dataset: 'archive' },
          { ...here, store: 'other' },
        ],
      },
    ],
    ['its customer and another number', { customers: ['C1'], numbers: ['+442079460001'] }],
  ])('of %s does not', (_, scope) => {
    const held = rules({ holds: [hold('h1', scope)] });
    expect(ruling(record(OLD), held)).toBe('due: policy cdr | policy cdr');
  });

  test.each<[string, Partial<RecordFacts>, Parameters<typeof hold>[1]]>([
    ['a customer that is not known', { customer: null }, { customers: ['C2'] }],
    ['a dataset without customers', { customer: undefined }, { customers: ['C2'] }],
    ['a dataset without numbers', { numbers: undefined }, { numbers: ['1'] }],
    ['a record without numbers', { numbers: [] }, { numbers: ['1'] }],
  ])('%s is held on doubt', (_, facts, scope) => {
    expect(ruling(record(OLD, facts), rules({ holds: [hold('h1', scope)] }))).toBe(
      'held: hold h1 | hold h1, policy cdr',
    );
  });

  test('a release starts a cooling period of thirty days', () => {
    const released = (atMs: number) => ruling(record(OLD), rules({ holds: [hold('h1', {}, atMs)] }));
    expect(COOLING_PERIOD_MS).toBe(30 * DAY_MS);
    expect(released(now.nowMs)).toBe('held: hold h1 | hold h1, policy cdr');
    expect(released(now.nowMs - COOLING_PERIOD_MS + 1)).toBe('held: hold h1 | hold h1, policy cdr');
    expect(released(now.nowMs - COOLING_PERIOD_MS)).toBe('due: policy cdr | policy cdr');
  });

  test('every hold that covers a record is named, and wins over lock and floor', () => {
    const by = rules({
      holds: [hold('h1'), hold('h2', { customers: ['C2'] }), hold('h3')],
      limits: [limit('us', 'floor', 'US', 'P99Y')],
    });
    expect(ruling(record(OLD, { lock: 'object lock', jurisdiction: 'US' }), by)).toBe(
      'held: hold h1 | hold h1, hold h3, lock object lock, floor us, policy cdr',
    );
  });
});

describe('2. and 3. locks and clocks that have not started', () => {
  test('a lock of the store keeps', () => {
    expect(ruling(record(OLD, { lock: 'object lock' }), rules())).toBe(
      'not-due: lock object lock | lock object lock, policy cdr',
    );
  });

  test.each([
    [false, 'open'],
    [true, 'open-but-dated'],
  ])('an account that is open (dated: %s)', (contradictory, id) => {
    const open = record(0, { start: { kind: 'not-started', contradictory } });
    expect(ruling(open, rules())).toBe(`not-due: not-started ${id} | not-started ${id}`);
  });
});

describe('4. the longest floor', () => {
  const floors = [
    limit('us', 'floor', 'US', 'P18M'),
    limit('us-fl', 'floor', 'US-FL', 'P3Y'),
    limit('au', 'floor', 'AU', 'P2Y'),
  ];
  const by = rules({ limits: floors });
  // Two years and a half old: past the federal floor, not past Florida's.
  const start = '2023-12-01T12:00:00Z';

  test.each<[string | null | undefined, string]>([
    ['US', 'due: policy cdr | floor us, policy cdr'],
    ['US-FL', 'not-due: floor us-fl | floor us-fl, policy cdr'],
    ['US-TX', 'due: policy cdr | floor us, policy cdr'],
    // No code, and a place of whose law nothing is stated: either may have the longest floor of all.
    ['USA', 'not-due: doubt jurisdiction-unknown | doubt jurisdiction-unknown, policy cdr'],
    ['SG', 'not-due: doubt law-unstated SG | doubt law-unstated SG, policy cdr'],
    ['AU', 'due: policy cdr | floor au, policy cdr'],
    ['GB', 'due: policy cdr | policy cdr'],
    // It should be known and is not: every floor may be the one.
    [null, 'not-due: floor us-fl | floor us-fl, policy cdr'],
    [undefined, 'due: policy cdr | policy cdr'],
  ])('jurisdiction %s', (jurisdiction, expected) => {
    expect(ruling(record(start, { jurisdiction }), by)).toBe(expected);
  });

  test('is reached to the day, by now and not by the next run', () => {
    // 31 May 2026 ends last in Perth, three quarters of an hour after Eucla, where that of the first record began.
    const reached = { nowMs: ms('2026-05-31T16:00:00Z'), nextRunMs: ms('2026-06-01T16:00:00Z') };
    const last = record('2024-05-30T15:59:59.999Z', { jurisdiction: 'AU' });
    expect(ruling(last, by, reached)).toBe('due: policy cdr | floor au, policy cdr');
    expect(decide(last, by, reached).expiryMs).toBe(ms('2026-05-31T15:15:00Z'));
    const next = record('2024-05-30T16:00:00Z', { jurisdiction: 'AU' });
    expect(decide(next, by, reached).expiryMs).toBe(ms('2026-05-31T16:00:00Z'));
    const before = { ...reached, nowMs: reached.nowMs - 1 };
    expect(ruling(next, by, before)).toBe('not-due: floor au | floor au, policy cdr');
  });

  test('as long as the at-most period, wins until it is reached', () => {
    const same = rules({ policies: [policy('P2Y')], limits: [limit('au', 'floor', 'AU', 'P2Y')] });
    const start24 = '2024-06-01T08:00:00Z';
    expect(ruling(record(start24, { jurisdiction: 'GB' }), same)).toBe('due: policy cdr | policy cdr');
    expect(ruling(record(start24, { jurisdiction: 'AU' }), same)).toBe(
      'not-due: floor au | floor au, policy cdr',
    );
    const reached = { nowMs: now.nextRunMs, nextRunMs: now.nextRunMs + DAY_MS };
    expect(ruling(record(start24, { jurisdiction: 'AU' }), same, reached)).toBe(
      'due: policy cdr | floor au, policy cdr',
    );
  });

  test('counts in the zones of the jurisdiction, to the end of the latest', () => {
    const au = rules({ limits: [limit('au', 'floor', 'AU', 'P2Y')] });
    // 20:00 UTC on 30 May 2024 is the 31st everywhere in Australia; the day ends in Perth two hours after Sydney.
    const start = '2024-05-30T20:00:00Z';
    expect(decide(record(start, { jurisdiction: 'AU' }), au, now).expiryMs).toBe(ms('2026-05-31T16:00:00Z'));
    expect(decide(record(start, { jurisdiction: 'AU-NSW' }), au, now).expiryMs).toBe(
      ms('2026-05-31T14:30:00Z'),
    );
    expect(decide(record(start, { jurisdiction: 'AU-ACT' }), au, now).expiryMs).toBe(
      ms('2026-05-31T14:00:00Z'),
    );
  });
});

describe('8. and 9. what is done', () => {
  test('a due record has the disposition of its policy', () => {
    const decision = decide(record(OLD), rules({ policies: [policy('P30D', { disposition: 'flag' })] }), now);
    expect(decision).toMatchObject({
      verdict: 'due',
      disposition: 'flag',
      expiryMs: ms('2020-02-15T00:00:00Z'),
    });
  });

  test('what is done already is not due again', () => {
    const flag = rules({ policies: [policy('P30D', { disposition: 'flag' })] });
    expect(ruling(record(OLD, { done: ['flag'] }), flag)).toBe(
      'not-due: done already disposed of | done already disposed of, policy cdr',
    );
    // Flagged under an earlier policy: the purge of this one is still to come.
    expect(ruling(record(OLD, { done: ['flag'] }), rules())).toBe('due: policy cdr | policy cdr');
    expect(ruling(record(YOUNG, { done: ['flag'] }), flag)).toBe('not-due: policy cdr | policy cdr');
  });
});
