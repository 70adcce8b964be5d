// What a suite is: runs in rounds, and the measures drawn from them. A measure is a row of the table of targets.
import { type Arena, oneRun } from './arena.ts';
import type { Contestant } from './contestant.ts';
import type { LayoutName } from './layout.ts';
import { type Calendar, type Cutoff, twoYears } from './period.ts';
import type { Figure, Goal, Measure, Run } from './result.ts';
import { type MeasureName, TITLES } from './titles.ts';

/** What every suite gets. */
export interface Setup {
  readonly work: string;
  readonly calendar: Calendar;
  /** Rows of the main table; the other sizes follow from it. */
  readonly rows: number;
  readonly rounds: number;
  readonly seed: number;
  /** How long the foreground is measured where nothing else says how long. */
  readonly seconds: number;
  /** Names of the measures that are asked for. */
  readonly wanted: readonly MeasureName[];
}

export interface SuiteResult {
  readonly runs: readonly Run[];
  readonly measures: readonly Measure[];
}

export interface Suite {
  readonly name: string;
  readonly measures: readonly MeasureName[];
  readonly act: (setup: Setup) => Promise<SuiteResult>;
}

export function arenaOf(setup: Setup, name: LayoutName, rows = setup.rows, cutoff?: Cutoff): Arena {
  const thirdDue = twoYears(setup.calendar);
  return {
    work: setup.work,
    calendar: setup.calendar,
    layout: { name, rows, seed: setup.seed, pivot: thirdDue.before },
    cutoff: cutoff ?? thirdDue,
  };
}

/** Who runs on what, under which name. */
export interface Entry {
  readonly arena: Arena;
  readonly contestant: Contestant;
  readonly as?: string;
}

/** Everyone in turn, round after round. */
export async function inTurn(
  suite: string,
  rounds: number,
  entries: readonly Entry[],
): Promise<readonly Run[]> {
  const runs: Run[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    for (const { arena, contestant, as } of entries) {
      runs.push(await oneRun(arena, { suite, round, ...(as === undefined ? {} : { as }) }, contestant));
    }
  }
  return runs;
}

/** A measure whose runs were all right: reached if each of its goals is. */
export function measure(
  name: MeasureName,
  goals: readonly Goal[],
  figures: readonly Figure[] = [],
  note: string | null = null,
): Measure {
  const status = goals.every(one => one.reached) ? 'reached' : 'missed';
  return { name, title: TITLES[name], status, goals, figures, note };
}

/** A measure without figures, and why. */
export function unmeasured(name: MeasureName, status: 'not yet' | 'wrong', note: string): Measure {
  return { name, title: TITLES[name], status, goals: [], figures: [], note };
}
