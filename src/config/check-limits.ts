// Limits of law against each other and against the policies: what contradicts is named, never resolved in silence.
import type { z } from 'zod';
import type { Problem } from '../errors.ts';
import { expiry } from '../policy/expiry.ts';
import { coversPlace } from '../policy/jurisdiction.ts';
import { parsePeriod, readYearEnd } from '../policy/period.ts';
import type { StatedPeriod, YearEnd } from '../policy/policy.ts';
import type { Loaded } from './loaded.ts';
import type { limitsFile } from './policy-schema.ts';

type LimitsFile = z.output<typeof limitsFile>;
type Entered = ReturnType<typeof enteredLimits>[number];

export function checkLimits(loaded: Loaded): Problem[] {
  const all = enteredLimits(loaded);
  // A ceiling that nobody has checked does nothing, and so contradicts nothing.
  const ceilings = all.filter(limit => limit.kind === 'ceiling' && limit.status !== 'unverified');
  return [
    ...loaded.limits.flatMap(one => saysSomething(one)),
    ...all.flatMap(limit => countsInDays(limit)),
    ...aboveCeilings(all, ceilings),
    ...namesOnce(all),
    ...ceilings.flatMap(ceiling => endlessPolicy(ceiling, loaded)),
  ];
}

/** Classes that a file names as without a limit. */
export function noneClasses({ none }: LimitsFile): readonly string[] {
  return none === undefined || none.classes === 'all' ? [] : none.classes;
}

function enteredLimits(loaded: Loaded) {
  return loaded.limits.flatMap(({ value, file }) =>
    (value.limits ?? []).map((limit, index) => ({ ...limit, jurisdiction: value.jurisdiction, file, index })),
  );
}

function saysSomething({ value, file }: Loaded['limits'][number]): Problem[] {
  const limited = new Set(value.limits?.map(limit => limit.class));
  if (limited.size === 0 && value.none === undefined) {
    const hint = 'Enter `limits`, or state with `none` that no limit applies, and on whose word';
    return [file.problem([], `this file says nothing of the law of ${value.jurisdiction}`, hint)];
  }
  return noneClasses(value).flatMap((name, index) =>
    limited.has(name)
      ? [
          file.problem(
            ['none', 'classes', index],
            `class ${name} has a limit in this file, and is said to have none`,
            'Take out one of the two',
          ),
        ]
      : [],
  );
}

function countsInDays({ file, index, countsFrom, period }: Entered): Problem[] {
  if (countsFrom === undefined || stated(period)?.kind !== 'exact') return [];
  return [
    file.problem(
      ['limits', index, 'countsFrom'],
      `${period} is counted in exact hours, which have no year's end`,
      'Write the period in days, months or years: P7Y',
    ),
  ];
}

/** A floor above a ceiling leaves no lawful day to dispose on. */
function aboveCeilings(all: readonly Entered[], ceilings: readonly Entered[]): Problem[] {
  return all
    .filter(limit => limit.kind === 'floor')
    .flatMap(floor =>
      ceilings
        .filter(ceiling => ceiling.class === floor.class && overlap(floor.jurisdiction, ceiling.jurisdiction))
        .filter(ceiling => everLonger(floor, ceiling))
        .map(ceiling =>
          floor.file.problem(
            ['limits', floor.index, 'period'],
            `floor ${floor.limit} (${floor.period}) is longer than ceiling ${ceiling.limit} (${ceiling.period})`,
            'No day satisfies both: have the lawyer say which holds for this class',
          ),
        ),
    );
}

function namesOnce(all: readonly Entered[]): Problem[] {
  const seen = new Map<string, string>();
  return all.flatMap(({ limit, file, index }) => {
    const known = seen.get(limit);
    if (known === undefined) {
      seen.set(limit, file.file);
      return [];
    }
    return [
      file.problem(
        ['limits', index, 'limit'],
        `limit "${limit}" stands in ${known} already`,
        'Give it a name of its own',
      ),
    ];
  });
}

function endlessPolicy(ceiling: Entered, loaded: Loaded): Problem[] {
  const endless = loaded.policies.find(
    one => one.value.class === ceiling.class && stated(one.value.period) === null,
  );
  if (endless === undefined) return [];
  return [
    ceiling.file.problem(
      ['limits', ceiling.index],
      `class ${ceiling.class} has a ceiling by law while its policy says ${endless.value.period}`,
      `State a period in ${endless.file.file}`,
    ),
  ];
}

function overlap(a: string, b: string): boolean {
  return coversPlace(a, b) || coversPlace(b, a);
}

/** Whether one limit outlasts another from some month on: a year is longer than 365 days in leap years alone. */
function everLonger(one: Entered, other: Entered): boolean {
  const [a, b] = [stated(one.period), stated(other.period)];
  if (a === null || b === null) return false;
  const starts = Array.from({ length: 48 }, (_, month) => Date.UTC(2001, month, 1));
  return starts.some(
    startMs => expiry(startMs, a, 'UTC', yearEndOf(one)) > expiry(startMs, b, 'UTC', yearEndOf(other)),
  );
}

function yearEndOf({ countsFrom }: Entered): YearEnd | undefined {
  return (countsFrom && readYearEnd(countsFrom.yearEnds)) ?? undefined;
}

function stated(written: string): StatedPeriod | null {
  const read = parsePeriod(written);
  if ('mistake' in read || read.period.kind === 'unstated' || read.period.kind === 'forever') return null;
  return read.period;
}
