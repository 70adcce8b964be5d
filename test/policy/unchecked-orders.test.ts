// A longer instruction that cannot be checked keeps what it could speak of, to its own end; a shorter one never acts on
// doubt. Instructions that a run learns of keep and do nothing else.
import { describe, expect, test } from 'vitest';
import { NO_COUNTS, tally } from '../../src/plan/tally.ts';
import { decide } from '../../src/policy/decide.ts';
import { idleReason } from '../../src/policy/idle-orders.ts';
import type { ClassRules, Instruction } from '../../src/policy/policy.ts';
import type { RecordFacts } from '../../src/policy/record.ts';
import { DAY_MS, instruction, limit, ms, policy, record, rules } from './make.ts';

const NOW = ms('2026-06-01');
const MOMENT = { nowMs: NOW, nextRunMs: NOW + DAY_MS };
const aged = (days: number, more: Partial<RecordFacts> = {}): RecordFacts =>
  record(NOW - days * DAY_MS, more);
const nobody = { customer: undefined, numbers: undefined };
const empty = { customer: null, numbers: [] };
const ofCustomer = (id: string, period: string, customer = 'C1'): Instruction =>
  instruction(id, period, { scope: 'account', customer });
const ofNumber = (id: string, period: string, number = '+442079460000'): Instruction =>
  instruction(id, period, { scope: 'number', number });
const under = (one: RecordFacts, more: Partial<ClassRules>): string => {
  const { verdict, operative } = decide(one, rules(more), MOMENT);
  return `${verdict} by ${operative.id}`;
};

describe.each([
  ['a dataset that maps neither customers nor numbers', nobody],
  ['a record that has neither', empty],
])('in %s', (_where, more) => {
  test.each([
    ['a customer', ofCustomer('longer', 'P90D')],
    ['a number', ofNumber('longer', 'P90D')],
  ])('a longer instruction of %s keeps to its own end and no further', (_who, order) => {
    expect(under(aged(60, more), { instructions: [order] })).toBe('not-due by longer');
    expect(under(aged(91, more), { instructions: [order] })).toBe('due by longer');
  });

  test('of several the longest keeps, however explicit', () => {
    for (const instructions of [
      [ofCustomer('longest', 'P1Y'), ofNumber('shorter', 'P90D')],
      [ofNumber('shorter', 'P90D'), ofCustomer('longest', 'P1Y')],
    ])
      expect(under(aged(200, more), { instructions })).toBe('not-due by longest');
  });

  test('a shorter one does nothing', () => {
    expect(under(aged(20, more), { instructions: [ofCustomer('shorter', 'P10D')] })).toBe('not-due by cdr');
    expect(under(aged(20, more), { instructions: [ofNumber('shorter', 'P10D')] })).toBe('not-due by cdr');
  });

  test('floors and ceilings stand above it', () => {
    const us = { ...more, jurisdiction: 'US' };
    const instructions = [ofCustomer('longer', 'P1Y')];
    const ceiling = { instructions, limits: [limit('ceiling', 'ceiling', 'US', 'P60D')] };
    expect(under(aged(70, us), ceiling)).toBe('due by ceiling');
    const floor = { instructions, limits: [limit('floor', 'floor', 'US', 'P2Y')] };
    expect(under(aged(400, us), floor)).toBe('not-due by floor');
  });

  test('the plan says by which order, how many, and what to write', () => {
    const sums = tally(rules({ instructions: [ofCustomer('longer', 'P90D')] }), MOMENT, one =>
      one.key.join(),
    );
    for (let days = 40; days < 50; days += 1) expect(sums.add(aged(days, more))).toBe(false);
    sums.add(aged(20, more));
    expect(sums.counts()).toEqual({ ...NO_COUNTS, stored: 11, keptByInstruction: 10 });
    expect(sums.findings()).toMatchObject([
      {
        severity: 'warning',
        code: 'kept-on-doubt',
        count: 10,
        message: expect.stringMatching(
          more === nobody
            ? /^instruction longer keeps records because whose it is cannot be told: map customer /
            : /^instruction longer keeps records because whose it is cannot be told: the columns mapped as customer are empty/,
        ),
      },
    ]);
  });
});

test('an order that may speak of a record yields to a more explicit one that surely does', () => {
  const one = aged(60, { customer: undefined });
  const instructions = [ofNumber('number', 'P10D'), ofCustomer('customer', 'P1Y')];
  expect(under(one, { instructions })).toBe('due by number');
  // And not to a less explicit one.
  const other = aged(60, { numbers: [] });
  expect(under(other, { instructions: [ofCustomer('customer', 'P10D'), ofNumber('number', 'P1Y')] })).toBe(
    'not-due by number',
  );
});

test('of other people it keeps nothing', () => {
  expect(under(aged(60, { customer: 'C2' }), { instructions: [ofCustomer('longer', 'P90D')] })).toBe(
    'due by cdr',
  );
  expect(under(aged(60, { numbers: ['1001'] }), { instructions: [ofNumber('longer', 'P90D')] })).toBe(
    'due by cdr',
  );
});

test('an order that could only shorten an at-least period takes nothing from one that lengthens it', () => {
  const policies = [policy('P30D', { bound: 'at-least' })];
  const instructions = [ofNumber('number', 'P10D'), ofCustomer('customer', 'P1Y')];
  expect(under(aged(60), { policies, instructions })).toBe('not-due by customer');
});

test('an instruction that a run learns of lengthens, and never shortens', () => {
  expect(under(aged(60), { keeping: [ofCustomer('later', 'P90D')] })).toBe('not-due by later');
  expect(under(aged(20), { keeping: [ofCustomer('later', 'P10D')] })).toBe('not-due by cdr');
});

test.each<
  [what: string, order: Instruction, policies: Parameters<typeof idleReason>[1], says: string | null]
>([
  [
    'shorter than at least',
    ofCustomer('i', 'P10D'),
    [policy('P30D', { bound: 'at-least' })],
    'at least as long',
  ],
  ['longer than at least', ofCustomer('i', 'P90D'), [policy('P30D', { bound: 'at-least' })], null],
  ['shorter than at most', ofCustomer('i', 'P10D'), [policy('P30D')], null],
  ['of a class without a period', ofCustomer('i', 'P10D'), [policy('unstated')], 'states no period'],
  ['of a class without a policy', ofCustomer('i', 'P10D'), [], 'has no policy'],
  ['that is over', { ...ofCustomer('i', 'P10D'), untilMs: NOW - 1 }, [policy('P30D')], 'it is over'],
])('an instruction %s', (_what, order, policies, says) => {
  const reason = idleReason(order, policies, NOW);
  if (says === null) expect(reason).toBeNull();
  else expect(reason).toContain(says);
});
