// What a partition's bound proves: never more than the server's own comparison of the column would.
import { expect, test } from 'vitest';
import type { StartUnit } from '../../src/policy/start.ts';
import { isProven, partitionBound } from '../../src/stores/mysql/partition-bound.ts';

const bound = (method: string, expression: string, description: string, unit: StartUnit = 'datetime') =>
  partitionBound({ method, expression, description }, 'at', unit);

test.each([
  ['RANGE COLUMNS', '`at`', "'2024-11-26'", 'datetime', '2024-11-26'],
  ['RANGE COLUMNS', '`At`', "'2024-11-26 12:00:00.500'", 'datetime', '2024-11-26 12:00:00.500'],
  ['RANGE COLUMNS', 'at', "'2024-11-26'", 'date', '2024-11-26'],
  ['RANGE COLUMNS', '`at`', '1700000000', 'epoch-s', 1_700_000_000],
  ['RANGE', '`at`', '1700000000000', 'epoch-ms', 1_700_000_000_000],
  ['RANGE', 'to_days(`at`)', '739581', 'datetime', '2024-11-26 00:00:00'],
  ['RANGE', 'year(`at`)', '2025', 'date', '2025-01-01 00:00:00'],
  ['RANGE', 'unix_timestamp(`at`)', '1732579200', 'timestamp', '2024-11-26 00:00:00'],
] as const)('%s by %s below %s of a %s: before %s', (method, expression, description, unit, expected) => {
  expect(bound(method, expression, description, unit)).toBe(expected);
});

test.each([
  ['RANGE COLUMNS', '`at`', 'MAXVALUE', 'datetime'],
  ['RANGE COLUMNS', '`at`,`id`', "'2024-11-26',5", 'datetime'],
  ['RANGE COLUMNS', '`other`', "'2024-11-26'", 'datetime'],
  ['RANGE', 'to_days(`other`)', '739581', 'datetime'],
  ['RANGE', 'month(`at`)', '5', 'datetime'],
  ['RANGE', 'to_days(`at`)', '739581', 'epoch-s'],
  ['RANGE', 'unix_timestamp(`at`)', '1732579200', 'datetime'],
  ['RANGE', '`at` DIV 86400', '20000', 'epoch-s'],
  ['HASH', '`at`', '1', 'epoch-s'],
  ['LIST', '`at`', '1', 'epoch-s'],
] as const)('%s by %s below %s of a %s proves nothing', (method, expression, description, unit) => {
  expect(bound(method, expression, description, unit)).toBeNull();
});

test('a bound proves what lies below it, to the instant', () => {
  expect(isProven('2024-11-26', '2024-11-26 00:00:00')).toBe(true);
  expect(isProven('2024-11-26 00:00:00', '2024-11-26')).toBe(true);
  expect(isProven('2024-11-26 00:00:00', '2024-11-26 00:00:00.001')).toBe(true);
  expect(isProven('2024-11-26 00:00:00.500', '2024-11-26 00:00:00')).toBe(false);
  expect(isProven('2024-11-26 00:00:01', '2024-11-26')).toBe(false);
  expect(isProven(5, 5)).toBe(true);
  expect(isProven(6, 5.5)).toBe(false);
  expect(isProven('2024-11-26', 1_700_000_000)).toBe(false);
});
