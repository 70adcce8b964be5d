// How a stored start is read, and that a bound written into a query splits the stored values exactly where reading
// them would. A start that cannot be relied on must always come back with its reason, never as an instant.
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { readStart, type StartSpec, type StartUnit, startBound } from '../../src/policy/start.ts';
import { formatWall, wallOfInstant } from '../../src/policy/wall-time.ts';
import { anInstant, aZone } from './arbitraries.ts';

function spec(unit: StartUnit, more: Partial<StartSpec> = {}): StartSpec {
  return {
    event: 'recorded',
    unit,
    zone: 'Europe/London',
    format: null,
    sentinels: [],
    plausibleFromMs: Date.UTC(1960, 0, 1),
    closedStatuses: null,
    ...more,
  };
}

const read = (value: string | null, how: StartSpec, status: string | null = null) =>
  readStart({ value, status, sourceFound: true }, how);

const at = (iso: string) => ({ kind: 'at', ms: Date.parse(iso) });
const undated = (why: string) => ({ kind: 'undated', why });

const startUnits = ['datetime', 'date', 'timestamp', 'epoch-s', 'epoch-ms', 'epoch-us'] as const;

describe('startBound splits exactly where readStart would', () => {
  test.each(startUnits)('%s', unit => {
    const aWay = fc.oneof(
      fc.constantFrom(-1, 0, 1),
      fc.integer({ min: -5000, max: 5000 }),
      fc.integer({ min: -200_000_000, max: 200_000_000 }),
    );
    fc.assert(
      fc.property(
        anInstant,
        aZone,
        aWay,
        fc.integer({ min: 0, max: 999 }),
        (instantMs, zone, away, micros) => {
          const how = spec(unit, { zone });
          const bound = startBound(instantMs, how);
          for (const value of storedNear(unit, instantMs + away, zone, micros)) {
            const start = read(value, how);
            if (start.kind !== 'at') throw new Error(`${value} was not read`);
            const before = typeof bound === 'number' ? Number(value) < bound : value < String(bound);
            expect(before, `${value} < ${String(bound)}`).toBe(start.ms < instantMs);
          }
        },
      ),
      { numRuns: 600 },
    );
  });

  test('text has no bound', () => {
    expect(startBound(0, spec('text', { format: 'dd/MM/yyyy' }))).toBeNull();
  });

  test('a bound inside a wall time that comes twice, or never', () => {
    // 01:00 to 02:00 comes twice; all of it is read as the second time.
    const london = spec('datetime');
    expect(startBound(Date.parse('2026-10-25T00:30:00Z'), london)).toBe('2026-10-25 01:00:00');
    expect(startBound(Date.parse('2026-10-25T01:30:00Z'), london)).toBe('2026-10-25 01:30:00');
    expect(startBound(Date.parse('2026-03-29T01:00:00Z'), london)).toBe('2026-03-29 01:00:00');
    expect(startBound(Date.parse('2026-03-29T01:00:00.001Z'), london)).toBe('2026-03-29 02:00:00.001');
  });
});

/** Values as a column of this unit holds them, around an instant; microseconds where the unit has them. */
function storedNear(unit: (typeof startUnits)[number], ms: number, zone: string, micros: number): string[] {
  const padded = String(micros).padStart(3, '0');
  switch (unit) {
    case 'datetime':
    case 'timestamp': {
      const wall = formatWall(unit === 'timestamp' ? ms : wallOfInstant(ms, zone));
      return wall.length === 19 ? [wall] : [wall, `${wall}${padded}`, wall.slice(0, 19)];
    }
    case 'date':
      return [formatWall(wallOfInstant(ms, zone)).slice(0, 10)];
    case 'epoch-s':
      return [String(Math.floor(ms / 1000)), `${Math.floor(ms / 1000)}.${milli(ms)}${padded}`];
    case 'epoch-ms':
      return [String(ms)];
    case 'epoch-us':
      return [`${ms}${padded}`];
  }
}

function milli(ms: number): string {
  return String(((ms % 1000) + 1000) % 1000).padStart(3, '0');
}

describe('what a value means', () => {
  test.each<[string | null, StartSpec, object]>([
    ['2026-07-01 12:00:00', spec('datetime'), at('2026-07-01T11:00:00Z')],
    ['2026-10-25 01:30:00', spec('datetime'), at('2026-10-25T01:30:00Z')],
    // A date without a time is the last instant of its day.
    ['2026-07-01', spec('date'), at('2026-07-01T22:59:59.999Z')],
    ['2026-10-25', spec('date'), at('2026-10-25T23:59:59.999Z')],
    ['2026-07-01 12:00:00', spec('timestamp'), at('2026-07-01T12:00:00Z')],
    ['1700000000', spec('epoch-s'), { kind: 'at', ms: 1_700_000_000_000 }],
    ['1700000000.123', spec('epoch-s'), { kind: 'at', ms: 1_700_000_000_123 }],
    ['1700000000.123999', spec('epoch-s'), { kind: 'at', ms: 1_700_000_000_123 }],
    ['1700000000123', spec('epoch-ms'), { kind: 'at', ms: 1_700_000_000_123 }],
    ['1700000000123999', spec('epoch-us'), { kind: 'at', ms: 1_700_000_000_123 }],
    ['22/11/2025 14:05', spec('text', { format: 'dd/MM/yyyy HH:mm' }), at('2025-11-22T14:05:00Z')],
    ['25/10/2026 01:30', spec('text', { format: 'dd/MM/yyyy HH:mm' }), at('2026-10-25T01:30:00Z')],
    ['3 May 2026', spec('text', { format: 'd MMM yyyy', zone: 'UTC' }), at('2026-05-03T00:00:00Z')],
    [null, spec('datetime'), undated('null')],
    ['0000-00-00', spec('date'), undated('zero')],
    ['0000-00-00 00:00:00', spec('datetime'), undated('zero')],
    ['0', spec('epoch-s'), undated('zero')],
    ['0.000', spec('epoch-s'), undated('zero')],
    ['2024-02-30', spec('date'), undated('unreadable')],
    ['2024-13-01', spec('date'), undated('unreadable')],
    ['2024-00-10 00:00:00', spec('datetime'), undated('unreadable')],
    ['0099-05-01', spec('date'), undated('unreadable')],
    ['', spec('datetime'), undated('unreadable')],
    ['yesterday', spec('timestamp'), undated('unreadable')],
    ['1.7e9', spec('epoch-s'), undated('unreadable')],
    ['', spec('epoch-ms'), undated('unreadable')],
    ['99999999999999999999', spec('epoch-ms'), undated('unreadable')],
    [' ', spec('text', { format: 'dd/MM/yyyy' }), undated('unreadable')],
    ['31/02/2025', spec('text', { format: 'dd/MM/yyyy' }), undated('unreadable')],
    ['2025-11-22', spec('text', { format: 'dd/MM/yyyy' }), undated('unreadable')],
    ['9999-12-31', spec('date', { sentinels: ['9999-12-31'] }), undated('sentinel')],
    ['-1', spec('epoch-s', { sentinels: ['-1'] }), undated('sentinel')],
    ['-1', spec('epoch-s', { plausibleFromMs: 0 }), undated('implausible')],
    ['1994-12-31', spec('date', { plausibleFromMs: Date.UTC(1995, 0, 1) }), undated('implausible')],
    ['1995-01-01', spec('date', { plausibleFromMs: Date.UTC(1995, 0, 1) }), at('1995-01-01T23:59:59.999Z')],
  ])('%s', (value, how, expected) => {
    expect(read(value, how)).toEqual(expected);
  });
});

describe('a text that is read twice', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test('is read the same, in its own zone and by its own format', () => {
    const british = spec('text', { format: 'dd/MM/yyyy', zone: 'UTC' });
    const american = spec('text', { format: 'MM/dd/yyyy', zone: 'UTC' });
    for (let time = 0; time < 2; time += 1) {
      expect(read('03/05/2026', british)).toEqual(at('2026-05-03T00:00:00Z'));
      expect(read('03/05/2026', american)).toEqual(at('2026-03-05T00:00:00Z'));
      expect(read('03/05/2026', { ...british, zone: 'Asia/Tokyo' })).toEqual(at('2026-05-02T15:00:00Z'));
      expect(read('03-05-2026', british)).toEqual(undated('unreadable'));
    }
  });

  test.each(['MM/dd', "'y'MM/dd"])('is read anew where its format leaves the year open: %s', format => {
    const noYear = spec('text', { format, zone: 'UTC' });
    const value = format === 'MM/dd' ? '03/05' : 'y03/05';
    vi.useFakeTimers({ now: Date.UTC(2025, 5, 1) });
    expect(read(value, noYear)).toEqual(at('2025-03-05T00:00:00Z'));
    vi.setSystemTime(Date.UTC(2026, 5, 1));
    expect(read(value, noYear)).toEqual(at('2026-03-05T00:00:00Z'));
  });
});

describe('an account that is open, closed or both', () => {
  const byDate = spec('date', { event: 'account-closed', zone: 'UTC' });
  const byStatus = { ...byDate, closedStatuses: ['closed', 'terminated'] };
  const closed = at('2025-01-31T23:59:59.999Z');
  const open = { kind: 'not-started', contradictory: false };

  test.each<[string | null, string | null, StartSpec, object]>([
    [null, null, byDate, open],
    ['2025-01-31', null, byDate, closed],
    ['0000-00-00', null, byDate, undated('zero')],
    ['2025-01-31', 'closed', byStatus, closed],
    ['2025-01-31', 'terminated', byStatus, closed],
    [null, 'open', byStatus, open],
    // Reopened: the date of the last closing is still there.
    ['2025-01-31', 'open', byStatus, { kind: 'not-started', contradictory: true }],
    ['2025-01-31', null, byStatus, { kind: 'not-started', contradictory: true }],
    ['2025-01-31', 'Closed', byStatus, { kind: 'not-started', contradictory: true }],
    [null, 'closed', byStatus, undated('closed-undated')],
    ['0000-00-00', 'closed', byStatus, undated('closed-undated')],
  ])('date %s, status %s', (value, status, how, expected) => {
    expect(read(value, how, status)).toEqual(expected);
  });

  test('the account itself is missing', () => {
    expect(readStart({ value: null, status: null, sourceFound: false }, byDate)).toEqual(
      undated('source-missing'),
    );
  });
});
