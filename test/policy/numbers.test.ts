// A field may hold more than one thing, and an order speaks of the record if it may speak of any of them: a table of a
// thousand written forms. What would make more go is narrow: the field must be that number and nothing else.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isNumber, mayNameNumber, sameNumber } from '../../src/policy/numbers.ts';
import { HAND_WRITTEN, madeForms, type WrittenForm } from './number-forms.ts';

const wrong = (forms: readonly WrittenForm[]): readonly WrittenForm[] =>
  forms.filter(({ field, number, has }) => mayNameNumber(field, number) !== has);

test('the table is a thousand forms, of which most have the number and some do not', () => {
  const all = [...madeForms(), ...HAND_WRITTEN];
  expect(HAND_WRITTEN.length).toBeGreaterThan(150);
  expect(all.length).toBeGreaterThan(1000);
  expect(all.filter(({ has }) => !has).length).toBeGreaterThan(200);
});

test('of forms made from patterns each number is found, and no other', () => {
  expect(wrong(madeForms())).toEqual([]);
});

test('of forms written by hand each number is found, and no other', () => {
  expect(wrong(HAND_WRITTEN)).toEqual([]);
});

const separators = fc.constantFrom(
  ' ',
  ' / ',
  '/',
  ', ',
  ';',
  '|',
  '\t',
  '\n',
  ' & ',
  '><',
  ' x ',
  '\0',
  '—',
);
const digits = fc.stringMatching(/^[1-9]\d{6,12}$/);

test('a number that stands in a list is found, whatever separates the list', () => {
  fc.assert(
    fc.property(fc.array(digits, { maxLength: 5 }), digits, fc.nat(5), separators, (others, own, at, by) => {
      const list = [...others.slice(0, at), own, ...others.slice(at)];
      expect(mayNameNumber(list.join(by), `+${own}`)).toBe(true);
    }),
    { numRuns: 3000 },
  );
});

describe('what shortens', () => {
  test.each<[field: string, number: string, is: boolean]>([
    ['+44 20 7946 0018', '442079460018', true],
    ['+44 (0)20 7946 0018', '442079460018', true],
    ['(020) 7946-0018', '02079460018', true],
    ['sip:442079460018@10.0.0.1', '+442079460018', true],
    ['sip:+442079460018@10.0.0.1:5060;user=phone', '+442079460018', true],
    ['"Acme" <02079460018>', '02079460018', true],
    ['tel:+44-20-7946-0018', '+442079460018', true],
    ['1001,442079460018', '442079460018', true],
    ['442079460018;1001', '1001', true],
    ['442079460018,anonymous', '442079460018', true],
    // Another way of writing it, or more than one thing.
    ['02079460018', '+442079460018', false],
    ['"Room 12" <02079460018>', '02079460018', false],
    ['"02079460018" <02079460018>', '02079460018', false],
    ['02079460018 ext 12', '02079460018', false],
    ['02079460018 (2)', '02079460018', false],
    ['02079460018 (2)', '020794600182', false],
    ['02079460018/02079460099', '02079460018', false],
    ['02079460018 02079460099', '0207946001802079460099', false],
    ['sip:02079460018:5060', '02079460018', false],
    ['SIP/4315550123-00000a1f', '4315550123', false],
    ['"Room 12" <1001>, 1001', '1001', false],
    ['１００１', '1001', false],
    ['', '', false],
  ])('%s is %s alone: %s', (field, number, is) => {
    expect(isNumber(field, number)).toBe(is);
  });

  test('is never wider than what keeps, nor than the digits of one entry', () => {
    const written = fc
      .array(fc.constantFrom(...'0123456789', ...'+ -()@x,;/<>".:', 'sip:', '\0', '４'), { maxLength: 18 })
      .map(parts => parts.join(''));
    fc.assert(
      fc.property(written, fc.oneof(digits, written), (field, number) => {
        if (!isNumber(field, number)) return;
        expect(mayNameNumber(field, number)).toBe(true);
        expect(field.split(/[,;|]/).some(entry => sameNumber(entry.replace(/^.*</, ''), number))).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });
});

test('a very long field is read in the time of its length', () => {
  const started = process.cpuUsage().user;
  expect(mayNameNumber(`${'12-'.repeat(30_000)}x`, '+442079460018')).toBe(false);
  expect(mayNameNumber(`${'('.repeat(30_000)}0 `, '+442079460018')).toBe(false);
  expect(mayNameNumber(`${'1 '.repeat(30_000)}7 FLO`, '+442079460018')).toBe(false);
  // Minutes where any step were of the square of it; a busy machine counts for nothing in processor time.
  expect(process.cpuUsage().user - started).toBeLessThan(20_000_000);
});
