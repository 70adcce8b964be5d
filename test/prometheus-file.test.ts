// The file of metrics: whole whenever it is read, written once a second at most and at the end, and what it says of a run
// is what the run's report says.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sleep, systemClock } from '../src/clock.ts';
import type { Metrics } from '../src/metrics.ts';
import type { Plan } from '../src/plan/plan.ts';
import { openMetrics } from '../src/prometheus-file.ts';
import { retention } from './support/cli.ts';
import { type FreshFolder, freshFolder } from './support/databases.ts';
import { addCalls, smallTelecom } from './support/small-telecom.ts';

let folder: FreshFolder;

beforeEach(async () => {
  folder = await freshFolder();
});

afterEach(async () => {
  await folder.remove();
});

const PLACE = { store: 'telecom', dataset: 'calls', class: 'call-detail-record' };
const COUNTS = { purged: 95, flagged: 0, anonymised: 0, spared: 4, failed: 1 };

function open(file: string, failures: unknown[] = []): Metrics {
  return openMetrics({
    file,
    job: 'nightly',
    clock: systemClock,
    sleep,
    onFailure: error => {
      failures.push(error);
    },
  });
}

/** The samples of a file by name and labels; fails on a line that is none. */
function samplesOf(text: string): Map<string, number> {
  const samples = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '' || /^# (HELP|TYPE) retention_\w+ /.test(line)) continue;
    const parts = /^(retention_\w+(?:\{\w+="[^"]*"(?:,\w+="[^"]*")*\})?) (-?[\d.e+-]+|\+Inf)$/.exec(line);
    if (parts === null) throw new Error(`not a sample: ${line}`);
    samples.set(parts[1] ?? '', Number(parts[2]));
  }
  return samples;
}

test('what a run did, and how it ended', async () => {
  const file = join(folder.path, 'retention.prom');
  const metrics = open(file);
  metrics.batch(PLACE, COUNTS);
  metrics.batch(PLACE, COUNTS);
  metrics.wrote('telecom', 95, 4);
  metrics.paused('telecom', 'replica-lag');
  metrics.wentOn('telecom', 'replica-lag', 2500);
  metrics.paused('telecom', 'told');
  await metrics.ended('interrupted');
  const samples = samplesOf(readFileSync(file, 'utf8'));
  const place = 'job="nightly",store="telecom",dataset="calls",class="call-detail-record"';
  expect(Object.fromEntries(samples)).toMatchObject({
    [`retention_records_total{${place},outcome="purged"}`]: 190,
    [`retention_records_total{${place},outcome="spared"}`]: 8,
    [`retention_records_total{${place},outcome="failed"}`]: 2,
    [`retention_records_total{${place},outcome="flagged"}`]: 0,
    [`retention_batches_total{${place}}`]: 2,
    'retention_write_keys{job="nightly",store="telecom"}': 95,
    'retention_write_seconds_bucket{le="0.002",job="nightly",store="telecom"}': 0,
    'retention_write_seconds_bucket{le="0.005",job="nightly",store="telecom"}': 1,
    'retention_paused{job="nightly",store="telecom",reason="replica-lag"}': 0,
    'retention_paused{job="nightly",store="telecom",reason="told"}': 1,
    'retention_paused_seconds_total{job="nightly",store="telecom",reason="replica-lag"}': 2.5,
    'retention_run_running{job="nightly"}': 0,
    'retention_run_state{job="nightly",state="interrupted"}': 1,
  });
  expect(samples.get('retention_run_end_time_seconds{job="nightly"}')).toBeCloseTo(Date.now() / 1000, -1);
});

test('a run that begins is seen at once, and its file stands beside those of other jobs', async () => {
  const metrics = open(join(folder.path, 'retention-{job}.prom'));
  await wait(300);
  expect(readdirSync(folder.path)).toEqual(['retention-nightly.prom']);
  const text = readFileSync(join(folder.path, 'retention-nightly.prom'), 'utf8');
  expect(samplesOf(text).get('retention_run_running{job="nightly"}')).toBe(1);
  await metrics.ended('done');
});

test('whoever reads it while it is written finds it whole, and new at most once a second', async () => {
  const file = join(folder.path, 'retention.prom');
  const metrics = open(file);
  const seen = new Set<number>();
  const untilMs = Date.now() + 2500;
  while (Date.now() < untilMs) {
    metrics.batch(PLACE, COUNTS);
    await wait(1);
    const text = readdirSync(folder.path).includes('retention.prom') ? readFileSync(file, 'utf8') : null;
    if (text === null) continue;
    expect(text.endsWith('\n')).toBe(true);
    for (const [name, value] of samplesOf(text))
      if (name.startsWith('retention_batches_total')) seen.add(value);
  }
  expect(seen.size).toBeGreaterThanOrEqual(2);
  expect(seen.size).toBeLessThanOrEqual(4);
  await metrics.ended('done');
  expect(readdirSync(folder.path)).toEqual(['retention.prom']);
});

test('a file that cannot be written is told of once, and fails nothing', async () => {
  const failures: unknown[] = [];
  writeFileSync(join(folder.path, 'no-folder'), '');
  const metrics = open(join(folder.path, 'no-folder', 'retention.prom'), failures);
  metrics.batch(PLACE, COUNTS);
  await metrics.ended('done');
  expect(failures).toHaveLength(1);
});

describe('of the program', () => {
  test('say what its report says', async () => {
    const telecom = await smallTelecom({ kind: 'sqlite' });
    await addCalls(telecom, 250, 20);
    const file = join(telecom.folder, 'retention.prom');
    const run = await retention(['run', 'nightly', '--format', 'json'], {
      ...telecom.env,
      RETENTION_METRICS_FILE: file,
    });
    expect(run.code, run.stderr).toBe(0);
    const samples = samplesOf(readFileSync(file, 'utf8'));
    const place = 'job="nightly",store="telecom",dataset="calls",class="call-detail-record"';
    expect(samples.get(`retention_records_total{${place},outcome="purged"}`)).toBe(250);
    expect(samples.get(`retention_batches_total{${place}}`)).toBe(3);
    expect(samples.get('retention_run_state{job="nightly",state="done"}')).toBe(1);
    expect(samples.get(`retention_overdue_seconds{${place}}`)).toBeGreaterThan(50 * 86_400);
    await telecom.drop();
  });
});

test('tables that are named by date are one series: the longest overdue of them, and the sum of what went', async () => {
  const file = join(folder.path, 'retention.prom');
  const metrics = open(file);
  const part = (table: string, overdueMs: number) => ({
    ...{ store: 'homer', dataset: `captures:${table}`, class: 'cdr' },
    overdueMs,
  });
  const parts = [part('c_20150101', 5000), part('c_20150102', 9000), part('c_20150103', 0)];
  metrics.planned({ parts } as unknown as Plan);
  for (const { store, dataset, class: name } of parts) metrics.batch({ store, dataset, class: name }, COUNTS);
  await metrics.ended('done');
  const text = readFileSync(file, 'utf8');
  const samples = samplesOf(text);
  const place = 'job="nightly",store="homer",dataset="captures",class="cdr"';
  expect(samples.get(`retention_overdue_seconds{${place}}`)).toBe(9);
  expect(samples.get(`retention_records_total{${place},outcome="purged"}`)).toBe(285);
  expect(text).not.toContain('c_2015');
});
