// What the rows of an account come to: they alone, beside a status of its own, and around the hour that comes twice.
import { describe, expect, test } from 'vitest';
import { decide } from '../../src/policy/decide.ts';
import type { StartSpec } from '../../src/policy/start.ts';
import { type RowsSay, readStartRows } from '../../src/policy/start-rows.ts';
import { DAY_MS, ms, record, rules } from './make.ts';

const spec: StartSpec = {
  event: 'account-closed',
  unit: 'datetime',
  zone: 'Europe/London',
  format: null,
  sentinels: ['2001-01-01 00:00:00'],
  plausibleFromMs: ms('1995-01-01'),
  closedStatuses: null,
};
const byStatus: StartSpec = { ...spec, closedStatuses: ['closed'] };
const JUNE = '2026-06-01 12:00:00';
const JUNE_MS = ms('2026-06-01T11:00:00Z');

const read = (
  say: RowsSay['say'],
  value: string | null,
  more: {
    readonly status?: string | null;
    readonly other?: string | null;
    readonly sourceFound?: boolean;
  } = {},
  by = more.status === undefined ? spec : byStatus,
) => {
  const { status = null, other = null, sourceFound = true } = more;
  return readStartRows({ value, status, sourceFound }, { say, other }, by);
};

const at = { kind: 'at', ms: JUNE_MS };
const open = { kind: 'not-started', contradictory: false };
const undated = (why: string) => ({ kind: 'undated', why });

describe('rows', () => {
  test('alone', () => {
    expect(read('none', null)).toEqual(open);
    expect(read('open', null)).toEqual(open);
    expect(read('open', JUNE)).toEqual({ ...open, ms: JUNE_MS });
    expect(read('closed', JUNE)).toEqual(at);
    expect(read('tied', JUNE)).toEqual(undated('contradictory'));
    expect(read('closed', JUNE, { sourceFound: false })).toEqual(undated('source-missing'));
  });

  test.each([
    [null, 'null'],
    ['0000-00-00 00:00:00', 'zero'],
    ['2001-01-01 00:00:00', 'sentinel'],
    ['1971-01-01 00:00:00', 'implausible'],
    ['2026-02-31 00:00:00', 'unreadable'],
    // The server found something wrong with it that cannot be seen here.
    [JUNE, 'unreadable'],
  ])('in doubt for %s', (value, why) => {
    expect(read('doubt', value)).toEqual(undated(why));
  });

  test('beside a status, which must agree', () => {
    expect(read('closed', JUNE, { status: 'closed' })).toEqual(at);
    expect(read('closed', JUNE, { status: 'open' })).toEqual({
      ...{ kind: 'not-started', contradictory: true },
      ms: JUNE_MS,
    });
    expect(read('closed', JUNE, { status: null })).toMatchObject({ contradictory: true });
    for (const [say, value] of [
      ['none', null],
      ['open', null],
      ['open', JUNE],
    ] as const) {
      expect(read(say, value, { status: 'closed' })).toEqual(undated('closed-undated'));
      expect(read(say, value, { status: 'open' })).toMatchObject(open);
    }
    expect(read('doubt', null, { status: 'open' })).toEqual(undated('null'));
  });

  test('of an hour that comes twice', () => {
    const [early, late] = ['2025-10-26 01:10:00', '2025-10-26 01:50:00'];
    expect(read('closed', late, { other: early })).toEqual(undated('contradictory'));
    expect(read('open', late, { other: early })).toEqual(undated('contradictory'));
    expect(read('closed', late, { other: '2025-10-26 00:59:59' })).toMatchObject({ kind: 'at' });
    expect(read('closed', '2025-10-26 02:00:00', { other: late })).toMatchObject({ kind: 'at' });
    const inUtc = { ...spec, zone: 'UTC' };
    expect(read('closed', late, { other: early }, inUtc)).toMatchObject({ kind: 'at' });
  });
});

test('a change in the future is a doubt, whatever it says', () => {
  const moment = { nowMs: JUNE_MS, nextRunMs: JUNE_MS + DAY_MS };
  const of = (say: RowsSay['say'], value: string, status?: string) =>
    decide(record(0, { start: read(say, value, status === undefined ? {} : { status }) }), rules(), moment);
  for (const [say, status] of [['open'], ['closed'], ['closed', 'open']] as const) {
    expect(of(say, '2026-06-04 12:00:00', status)).toMatchObject({
      verdict: 'undated',
      operative: { id: 'future' },
    });
    expect(of(say, '2026-06-02 12:00:00', status).verdict).toBe('not-due');
  }
});
