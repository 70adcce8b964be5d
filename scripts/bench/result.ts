// The shape of a benchmark's JSON file: every timed run as it was measured, and the measures drawn from them. Whoever
// reads such a file checks `shape` first.

export const SHAPE = 'retention-bench/1';

/** Measured once or in several rounds: the median, and the least and the most. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** What the server did for a run; the harness's own queries are not in it. */
export interface ServerWork {
  readonly rowsRead: number;
  readonly rowsDeleted: number;
  readonly statements: number;
  readonly binlogBytes: number;
  readonly redoBytes: number;
}

/** One contestant's run in one round. Runs that did something wrong are not here: they end the benchmark's measure. */
export interface Run {
  readonly suite: string;
  readonly round: number;
  readonly contestant: string;
  /** Rows or files disposed of, as the harness counted them itself. */
  readonly records: number;
  readonly wallMs: number;
  /** From the start until the server had nothing left to do; null where there is no server. */
  readonly settledMs: number | null;
  readonly clientCpuMs: number;
  readonly clientPeakMb: number | null;
  readonly server: ServerWork | null;
  /** What the harness checked behind the contestant's back, in words. */
  readonly checked: string;
  /** Figures of this suite only, by name. */
  readonly more: Readonly<Record<string, number>>;
}

/** One figure that has to be on the right side of its target. */
export interface Goal {
  readonly label: string;
  readonly unit: string;
  readonly wants: '>=' | '<=';
  readonly target: number;
  readonly value: Spread;
  readonly reached: boolean;
}

/** A figure that is shown beside the goals and has no target. */
export interface Figure {
  readonly label: string;
  readonly unit: string;
  readonly value: Spread;
}

/** `not yet`: the program cannot do it so far. `wrong`: a run failed or did the wrong thing, and `note` says which. */
export type Status = 'reached' | 'missed' | 'not yet' | 'wrong';

export interface Measure {
  readonly name: string;
  readonly title: string;
  readonly status: Status;
  readonly goals: readonly Goal[];
  readonly figures: readonly Figure[];
  readonly note: string | null;
}

export interface Machine {
  readonly cores: number;
  readonly processor: string;
  readonly memoryGb: number;
  readonly system: string;
  /** What else ran when it began: over a tenth of the cores and the figures are not to be trusted. */
  readonly loadAtStart: number;
}

export interface BenchFile {
  readonly shape: typeof SHAPE;
  readonly madeAt: string;
  readonly finishedAt: string;
  readonly command: string;
  readonly rows: number;
  readonly rounds: number;
  readonly seed: number;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly serverOptions: readonly string[];
  readonly runs: readonly Run[];
  readonly measures: readonly Measure[];
}
