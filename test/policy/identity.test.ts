// When two numbers or customers are the same, which decides what goes, and when they only may be, which decides what
// is kept: the second must never be narrower than the first.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decide } from '../../src/policy/decide.ts';
import { isRecord, mayBeRecord, mayBeSameCustomer } from '../../src/policy/identity.ts';
import { mayBeSameNumber, sameNumber } from '../../src/policy/numbers.ts';
import { instruction, ms, record, rules } from './make.ts';

test.each([
  // a, b, the same, may be the same
  ['+44 20 7946 0018', '442079460018', true, true],
  ['sip:442079460018@10.0.0.1', '+442079460018', true, true],
  ['020 7946 0018', '+44 20 7946 0018', false, true],
  ['00442079460018', '+442079460018', false, true],
  ['7946 0018', '+44 20 7946 0018', false, true],
  ['+44 20 7946 0018', '+44 20 7946 0019', false, false],
  // Too short to be a subscriber's number: an extension.
  ['0018', '+44 20 7946 0018', false, false],
  ['0018', '18', false, false],
  ['anonymous', 'unknown', false, false],
  ['', '', true, true],
])('numbers %s and %s', (a, b, same, mayBe) => {
  expect([sameNumber(a, b), sameNumber(b, a)]).toEqual([same, same]);
  expect([mayBeSameNumber(a, b), mayBeSameNumber(b, a)]).toEqual([mayBe, mayBe]);
});

test.each([
  ['C1', 'c1 ', true],
  ['C1', 'C11', false],
  ['ＡＣＭＥ', 'acme', true],
  ['Straße', 'STRASSE', true],
  ['José', 'JOSE', true],
  ['Jose\u0301', 'Jos\u00e9', true],
  ['İzmir', 'izmir', true],
  ['Zoë & Søn', 'zoe & søn', true],
  ['Søn', 'Son', false],
  ['कि', 'क', false],
])('customers %s and %s', (a, b, mayBe) => {
  expect(mayBeSameCustomer(a, b)).toBe(mayBe);
});

test('what is the same always may be', () => {
  const written = fc
    .array(fc.constantFrom(...'0123456789', ...'+ -()@x'), { maxLength: 14 })
    .map(parts => parts.join(''));
  fc.assert(
    fc.property(written, written, (a, b) => {
      if (sameNumber(a, b)) expect(mayBeSameNumber(a, b)).toBe(true);
      expect(mayBeSameNumber(a, a)).toBe(true);
      expect(mayBeSameCustomer(a, ` ${a}`)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

const KEY = ['1'];
/** Of a table that is named by date. */
const inTable = record('2024-01-01', { dataset: 'calls:cdr_202401', key: KEY });
const addressed = (dataset: string) => ({ store: 'telecom', dataset, key: KEY });

test.each([
  // dataset of the address, is it the record, may it be
  ['calls:cdr_202401', true, true],
  ['calls', false, true],
  ['calls:cdr_202402', false, false],
  ['cdr_202401', false, false],
  ['other:cdr_202401', false, false],
])('an address in %s, and a record of a table that is named by date', (dataset, is, mayBe) => {
  expect(isRecord(addressed(dataset), inTable)).toBe(is);
  expect(mayBeRecord(addressed(dataset), inTable)).toBe(mayBe);
  expect(mayBeRecord({ ...addressed(dataset), key: ['2'] }, inTable)).toBe(false);
  expect(mayBeRecord({ ...addressed(dataset), store: 'other' }, inTable)).toBe(false);
});

test('an instruction for the dataset without a table keeps longer, and disposes of nothing sooner', () => {
  const moment = { nowMs: ms('2024-02-10'), nextRunMs: ms('2024-02-11') };
  const under = (dataset: string, period: string) => {
    const order = instruction('I-1', period, { scope: 'record', record: addressed(dataset) });
    return (start: string) =>
      decide({ ...inTable, start: { kind: 'at', ms: ms(start) } }, rules({ instructions: [order] }), moment)
        .verdict;
  };
  // The policy is 30 days.
  for (const dataset of ['calls', 'calls:cdr_202401'])
    expect(under(dataset, 'P1Y')('2024-01-01')).not.toBe('due');
  expect(under('calls:cdr_202402', 'P1Y')('2024-01-01')).toBe('due');
  expect(under('calls:cdr_202401', 'P7D')('2024-01-31')).toBe('due');
  expect(under('calls', 'P7D')('2024-01-31')).not.toBe('due');
});
