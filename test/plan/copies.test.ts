// Which names stand for copies of a table: as products, scripts and people name them.
import { expect, test } from 'vitest';
import { looksLikeCopy, looksLikeOriginal } from '../../src/plan/copies.ts';

test.each([
  ['vicidial_log_archive', 'vicidial_log'],
  ['twoday_call_log', 'call_log'],
  ['transient_cdr', 'cdr'],
  ['account_history', 'account'],
  ['accountHistory', 'account'],
  ['_users_old', 'users'],
  ['users_2024_01', 'users'],
  ['sip_capture_call_20150408', 'sip_capture_call_20150407'],
  ['cdr_202402', 'cdr_202401'],
  ['cdr202402', 'cdr'],
  ['cdrarchive', 'cdr'],
  ['bakcdr', 'cdr'],
  ['tmp_old_cdr', 'cdr'],
  ['backup.cdr', 'cdr'],
  ['audio/recordings_old', 'audio/recordings'],
])('%s is a copy of %s', (name, original) => {
  expect(looksLikeCopy(name, original)).toBe(true);
});

test.each([
  ['cdr', 'cdr'],
  ['CDR', 'cdr'],
  ['cdrom', 'cdr'],
  ['subscribers', 'subscriber_log'],
  ['pkg_users', 'users'],
  ['discount', 'count'],
  ['2024', '2023'],
  ['calls', 'cdr'],
])('%s is no copy of %s', (name, original) => {
  expect(looksLikeCopy(name, original)).toBe(false);
});

test.each([
  ['cdr_log', 'cdr_log_archive', true],
  ['cdr', 'twoday_cdr', true],
  ['cdr', 'cdrbak', true],
  ['cdr', 'cdr_2024', true],
  ['pkg_refill', 'pkg_refill_note', false],
  ['log_2025', 'log_all', false],
  ['cdr', 'cdr', false],
])('%s as the original of %s: %s', (name, copy, expected) => {
  expect(looksLikeOriginal(name, copy)).toBe(expected);
});
