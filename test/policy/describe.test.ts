// What a person is told of a record: the day on which it is really over, and by which rule.
import { expect, test } from 'vitest';
import { decide } from '../../src/policy/decide.ts';
import { describeDecision } from '../../src/policy/describe.ts';
import type { ClassRules } from '../../src/policy/policy.ts';
import { instruction, limit, ms, policy, record, rules } from './make.ts';

const now = { nowMs: ms('2026-06-01T00:00:00Z'), nextRunMs: ms('2026-06-02T00:00:00Z') };

function told(start: string, by: Partial<ClassRules>, jurisdiction: string | undefined = 'GB'): string {
  const all = rules(by);
  return describeDecision(decide(record(start, { jurisdiction }), all, now), all);
}

const floor = limit('gb-vat', 'floor', 'GB', 'P6Y');
const ceiling = limit('gb-top', 'ceiling', 'GB', 'P90D');

test('a floor that ends before the policy does not say when the record goes', () => {
  expect(
    told('2026-05-01T12:00:00Z', { policies: [policy('P7Y', { bound: 'at-least' })], limits: [floor] }),
  ).toBe(
    'It is kept until 2033-05-01 23:00 UTC by policy cdr (P7Y); the statutory minimum gb-vat keeps it until 2032-05-01 23:00 UTC.',
  );
});

test('a floor that ends last is the rule that keeps', () => {
  expect(told('2026-01-10T12:00:00Z', { policies: [policy('P2Y')], limits: [floor] })).toBe(
    'It is kept until 2032-01-11 00:00 UTC by the statutory minimum gb-vat.',
  );
});

test('a longer instruction goes on after a floor', () => {
  const by = {
    limits: [limit('gb-short', 'floor', 'GB', 'P60D')],
    instructions: [instruction('acme', 'P1Y')],
  };
  expect(told('2026-05-01T12:00:00Z', by)).toBe(
    "It is kept until 2027-05-01 23:00 UTC by the customer's instruction acme (P1Y); the statutory minimum gb-short keeps it until 2026-06-30 23:00 UTC.",
  );
});

test('a ceiling ends what an instruction would keep for longer', () => {
  const by = { limits: [ceiling], instructions: [instruction('acme', 'P1Y')] };
  expect(told('2026-04-01T12:00:00Z', by)).toBe(
    "It is kept until 2026-06-30 23:00 UTC, when the statutory maximum gb-top ends; the customer's instruction acme (P1Y) would keep it until 2027-04-01 23:00 UTC.",
  );
});

test('it is the period of an instruction that ended, and not the instruction', () => {
  expect(told('2026-05-15T12:00:00Z', { instructions: [instruction('acme', 'P10D')] })).toBe(
    "It is due (purge) because the period of the customer's instruction acme (P10D) ended on 2026-05-25 23:00 UTC.",
  );
});

test('what a floor kept for longer is due since that ended', () => {
  const by = { limits: [limit('gb-short', 'floor', 'GB', 'P60D')] };
  expect(told('2026-03-01T12:00:00Z', by)).toBe(
    'It is due (purge) because policy cdr (P30D) ended on 2026-03-31 23:00 UTC, and the statutory minimum gb-short on 2026-04-30 23:00 UTC.',
  );
});

test('a law that nobody knows is named', () => {
  expect(told('2020-01-01T12:00:00Z', {}, 'SG')).toBe(
    'It is kept because something about it is in doubt: nothing is stated of the law of SG on its class.',
  );
  expect(told('2020-01-01T12:00:00Z', {}, 'UK')).toBe(
    'It is kept because something about it is in doubt: its jurisdiction is no code of ISO 3166.',
  );
});
