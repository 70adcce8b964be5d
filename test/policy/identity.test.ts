// When two numbers or customers are the same, which decides what goes, and when they only may be, which decides what
// is kept: the second must never be narrower than the first.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mayBeSameCustomer, mayBeSameNumber, sameNumber } from '../../src/policy/identity.ts';

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
