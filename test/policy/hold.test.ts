// A hold errs on the side of keeping: what a record cannot answer counts as covered, and customers and numbers are the
// same however somebody wrote them.
import { describe, expect, test } from 'vitest';
import { holdCovers } from '../../src/policy/hold.ts';
import { type ReadingRules, type RecordFacts, readRecord } from '../../src/policy/record.ts';
import { hold, ms, record } from './make.ts';

const RULES: ReadingRules = {
  store: 'telecom',
  name: 'cdr',
  partOf: null,
  keyless: false,
  class: { kind: 'fixed', class: 'cdr' },
  start: {
    event: 'recorded',
    unit: 'datetime',
    zone: 'UTC',
    format: null,
    sentinels: [],
    plausibleFromMs: ms('1995-01-01'),
    closedStatuses: null,
  },
  mapsCustomer: true,
  mapsNumbers: true,
  jurisdiction: { kind: 'none' },
  files: [],
};

/** A record as its store would give it, understood. */
function read(customer: string | null, numbers: readonly string[]): RecordFacts {
  const start = { value: '2024-06-01 12:00:00', status: null, sourceFound: true };
  const rest = { tag: null, jurisdiction: null, columns: {}, bytes: null, lock: null, done: [] };
  return readRecord({ key: ['1'], customer, numbers, start, ...rest }, RULES);
}

describe('a range of dates', () => {
  const in2024 = hold('H', { fromMs: ms('2024-01-01'), untilMs: ms('2025-01-01') });

  test.each([
    ['2023-12-31T23:59:59.999Z', false],
    ['2024-01-01T00:00:00Z', true],
    ['2024-12-31T23:59:59.999Z', true],
    ['2025-01-01T00:00:00Z', false],
  ])('and a record from %s', (start, covers) => {
    expect(holdCovers(in2024, record(start))).toBe(covers);
  });

  test.each(['2015-01-01', '2024-06-01', '2026-01-01'])(
    'covers what counts from an account that closed on %s: when it was made is not known',
    start => {
      expect(holdCovers(in2024, record(start, { startEvent: 'account-closed' }))).toBe(true);
    },
  );

  test('covers what has no start that can be read', () => {
    expect(holdCovers(in2024, record(0, { start: { kind: 'undated', why: 'null' } }))).toBe(true);
  });

  test('leaves the other dimensions of the hold as they are', () => {
    const c2 = hold('H', { customers: ['C2'], fromMs: ms('2024-01-01'), untilMs: ms('2025-01-01') });
    expect(holdCovers(c2, record('2015-01-01', { startEvent: 'account-closed' }))).toBe(false);
  });
});

describe('a hold on customer A1', () => {
  test.each([
    ['A1', true],
    ['a1 ', true],
    [' a1', true],
    ['A11', false],
    ['A2', false],
    // These do not tell whose the record is.
    [null, true],
    ['', true],
    ['  ', true],
  ])('and a record of %j', (customer, covers) => {
    expect(holdCovers(hold('H', { customers: ['A1'] }), read(customer, []))).toBe(covers);
  });
});

describe('a hold on a number', () => {
  test.each<[string, string[], boolean]>([
    ['020 7946 0018', ['+442079460018'], true],
    ['+44 (0)20 7946 0018', ['442079460018'], true],
    ['442079460018', ['+44 (0)20 7946 0018'], true],
    ['7946', ['442079467946'], false],
    ['7946', ['7946'], true],
    ['020 7946 0018', ['+442079460019'], false],
    // Several in one column, and in several columns.
    ['442079460018', ['1001,442079460018'], true],
    ['442079460018', ['442079460018;1001'], true],
    ['1001', ['442079460018, 1001'], true],
    ['442079460018', ['1001', '442079460018'], true],
    ['442079460018', ['1001,1002'], false],
    // Two numbers in one column are not one long number.
    ['10011002', ['1001,1002'], false],
    // These do not tell whose the record is.
    ['442079460018', ['anonymous'], true],
    ['442079460018', [''], true],
    ['442079460018', [], true],
    ['442079460018', ['anonymous,', 'unknown'], true],
    // One of the numbers does.
    ['442079460018', ['1001,anonymous'], false],
  ])('%s and a record with %j', (held, written, covers) => {
    expect(holdCovers(hold('H', { numbers: [held] }), read('C1', written))).toBe(covers);
  });
});

describe('a hold on one record', () => {
  const on = (dataset: string) => hold('H', { records: [{ store: 'telecom', dataset, key: ['1'] }] });
  const part = record('2024-06-01', { dataset: 'recordings', partOf: 'cdr' });

  test('covers the parts of its row, under its name or their own', () => {
    expect(holdCovers(on('cdr'), part)).toBe(true);
    expect(holdCovers(on('recordings'), part)).toBe(true);
    expect(holdCovers(on('cdr'), { ...part, key: ['2'] })).toBe(false);
    expect(holdCovers(on('cdr'), { ...part, partOf: 'other' })).toBe(false);
  });

  test('on a part says nothing of the row itself, which waits for the part', () => {
    expect(holdCovers(on('recordings'), record('2024-06-01'))).toBe(false);
  });
});
