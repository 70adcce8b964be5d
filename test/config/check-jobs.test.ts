// A job that runs too rarely for a ceiling would take records long before their time, since it disposes of what would
// pass the ceiling before its next run.
import { afterEach, expect, test } from 'vitest';
import { type ConfigFolders, configFolders, JOB, mistakesOf, POLICY, STORE } from './config-folders.ts';

let folders: ConfigFolders | null = null;

afterEach(() => {
  folders?.remove();
  folders = null;
});

/** The mistakes of a job with this schedule over a policy with this period. */
function mistakes(schedule: string, period: string, mode = 'enforce'): string[] {
  folders = configFolders({
    'policies/cdr.yaml': POLICY.replace(/period: .*/, `period: ${period}`),
    'jobs/nightly.yaml': JOB.replace(/schedule: .*/, `schedule: '${schedule}'`).replace(
      /mode: .*/,
      `mode: ${mode}`,
    ),
    'jobs/stores/telecom.yaml': STORE,
  });
  const found = mistakesOf(folders).mistakes;
  folders.remove();
  folders = null;
  return found;
}

test.each([
  ['every night is right for thirty days', '15 2 * * *', 'P30D'],
  ['every week is right for thirty days', '15 2 * * 1', 'P30D'],
  ['every month is right for two years', '15 2 1 * *', 'P2Y'],
])('%s', (_, schedule, period) => {
  expect(mistakes(schedule, period)).toEqual([]);
});

test.each([
  ['every month is too rare for thirty days', '15 2 1 * *', 'P30D', 31],
  ['every year is too rare for two years', '15 2 1 1 *', 'P2Y', 366],
])('%s', (_, schedule, period, days) => {
  expect(mistakes(schedule, period)).toEqual([
    expect.stringContaining(
      `this job runs every ${days} days, and would take records of class cdr (${period})`,
    ),
  ]);
  expect(mistakes(schedule, period, 'report')).toEqual([]);
});

test('a schedule that never comes is a mistake', () => {
  expect(mistakes('15 2 30 2 *', 'P2Y')).toEqual([
    expect.stringContaining('30 2 is an impossible day of month for the given month'),
  ]);
});
