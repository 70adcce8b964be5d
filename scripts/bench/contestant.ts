// What a contestant is: something that purges the due rows of the table, prepared before the clock starts.
import type { BenchServer } from './bench-server.ts';
import type { Calendar, Cutoff } from './period.ts';
import type { Timed } from './timed-process.ts';

/** What is to be purged, and where. */
export interface Target {
  readonly server: BenchServer;
  readonly cutoff: Cutoff;
  readonly calendar: Calendar;
  /** An empty folder for the contestant's own files, gone after the run. */
  readonly scratch: string;
}

/** What a contestant did: its processes in order, and the records that it says it disposed of, if it says so. */
export interface Acted {
  readonly processes: readonly Timed[];
  readonly says: number | null;
}

export interface Contestant {
  readonly name: string;
  /** Gets ready; what it gives is called once, under the clock. `signal` ends it early. */
  readonly prepare: (target: Target) => Promise<(signal?: AbortSignal) => Promise<Acted>>;
}
