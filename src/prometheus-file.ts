// The metrics of a run as a file in Prometheus' text format, for node_exporter's textfile collector. The only file that
// knows prom-client. Labels name jobs, stores, datasets (as they are
// declared: a table a day would be a series a day), classes and kinds of reason.
import { rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Clock, Sleep } from './clock.ts';
import type { Metrics } from './metrics.ts';
import { familyOf } from './policy/dated-names.ts';

export interface MetricsInput {
  /** Where to write; `{job}` in it stands for the job's name. */
  readonly file: string;
  readonly job: string;
  readonly clock: Clock;
  readonly sleep: Sleep;
  /** Told of the first time that the file cannot be written: a run does not fail for it. */
  readonly onFailure: (error: unknown) => void;
}

/** Collectors look every 15 seconds or less often. */
const WRITE_EVERY_MS = 1000;

/** Begins the metrics of one run and writes them down, so that a collector sees counters start from 0. */
export function openMetrics(input: MetricsInput): Metrics {
  const { job, clock } = input;
  const { registry, ...meters } = makeMeters();
  const write = writer(input, registry);
  meters.running.set({ job }, 1);
  meters.startedAt.set({ job }, clock.nowMs() / 1000);
  write.soon();
  return {
    planned: plan => {
      const longest = new Map<string, number>();
      for (const { store, dataset, class: name, overdueMs, missing } of plan.parts) {
        const labels = { job, store, dataset: familyOf(dataset), class: name };
        const id = JSON.stringify(labels);
        longest.set(id, Math.max(longest.get(id) ?? 0, overdueMs));
        meters.overdue.set(labels, (longest.get(id) ?? 0) / 1000);
        if (missing !== undefined) meters.missing.inc(labels, missing.records);
      }
      write.soon();
    },
    batch: ({ store, dataset, class: name }, counts) => {
      const labels = { job, store, dataset: familyOf(dataset), class: name };
      for (const [outcome, count] of Object.entries(counts))
        meters.records.inc({ ...labels, outcome }, count);
      meters.batches.inc(labels);
      write.soon();
    },
    wrote: (store, keys, tookMs) => {
      meters.writeKeys.set({ job, store }, keys);
      meters.writeSeconds.observe({ job, store }, tookMs / 1000);
      write.soon();
    },
    paused: (store, reason) => {
      meters.paused.set({ job, store, reason }, 1);
      write.soon();
    },
    wentOn: (store, reason, pausedMs) => {
      meters.paused.set({ job, store, reason }, 0);
      meters.pausedSeconds.inc({ job, store, reason }, pausedMs / 1000);
      write.soon();
    },
    ended: async state => {
      meters.running.set({ job }, 0);
      meters.endedAs.set({ job, state }, 1);
      meters.endedAt.set({ job }, clock.nowMs() / 1000);
      await write.now();
    },
  };
}

function makeMeters() {
  const registry = new Registry();
  const registers = [registry];
  const of = (name: string, help: string, labelNames: readonly string[]) => ({
    name: `retention_${name}`,
    help,
    labelNames: ['job', ...labelNames],
    registers,
  });
  const place = ['store', 'dataset', 'class'];
  return {
    registry,
    records: new Counter(
      of('records_total', 'Records of this run by what became of them.', [...place, 'outcome']),
    ),
    batches: new Counter(of('batches_total', 'Batches of this run that have their outcome.', place)),
    writeKeys: new Gauge(of('write_keys', 'Keys in the last write.', ['store'])),
    writeSeconds: new Histogram({
      ...of('write_seconds', 'How long the store was at the records of one write.', ['store']),
      buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5],
    }),
    paused: new Gauge(of('paused', '1 while the run is paused for this reason.', ['store', 'reason'])),
    pausedSeconds: new Counter(
      of('paused_seconds_total', 'Time that this run was paused, by reason.', ['store', 'reason']),
    ),
    overdue: new Gauge(
      of('overdue_seconds', 'How long ago the longest overdue record of the plan should have gone.', place),
    ),
    missing: new Gauge(
      of('missing', 'Records of the plan of which a file is missing that nobody saw go.', place),
    ),
    running: new Gauge(of('run_running', '1 while a run goes on.', [])),
    startedAt: new Gauge(of('run_start_time_seconds', 'When the last run started, in Unix time.', [])),
    endedAt: new Gauge(of('run_end_time_seconds', 'When the last run ended, in Unix time.', [])),
    endedAs: new Gauge(of('run_state', '1 for the state that the last run ended in.', ['state'])),
  };
}

/** Writes the file at most once in `WRITE_EVERY_MS`, whole or not at all: a collector never reads half of one. */
function writer(
  { file, job, sleep, onFailure }: MetricsInput,
  registry: Registry,
): { readonly soon: () => void; readonly now: () => Promise<void> } {
  const path = file.replaceAll('{job}', job);
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  const last = new AbortController();
  let [failed, due] = [false, false];
  let writing: Promise<void> | null = null;
  const write = async (): Promise<void> => {
    due = false;
    try {
      await writeFile(temporary, await registry.metrics());
      await rename(temporary, path);
    } catch (error) {
      if (!failed) onFailure(error);
      failed = true;
    }
  };
  const writeOn = async (): Promise<void> => {
    while (due && !last.signal.aborted) {
      await write();
      await sleep(WRITE_EVERY_MS, last.signal);
    }
    writing = null;
  };
  return {
    soon: () => {
      due = true;
      writing ??= writeOn();
    },
    now: async () => {
      last.abort();
      await writing;
      await write();
    },
  };
}
