// A small benchmark from end to end: that it measures, that it checks what it measured, and that its file can be drawn.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chartSvg } from '../../scripts/bench/chart.ts';
import { markdownTable } from '../../scripts/bench/markdown.ts';
import { readBenchFile } from '../../scripts/bench/read-bench-file.ts';
import type { BenchFile, Run } from '../../scripts/bench/result.ts';
import { type FreshFolder, freshFolder } from '../support/databases.ts';

const ROWS = 4000;
const MEASURES = ['int-settled', 'plan-nothing-due', 'files'];

let folder: FreshFolder;
let file: BenchFile;
let stdout: string;

beforeAll(async () => {
  folder = await freshFolder();
  const json = join(folder.path, 'bench.json');
  const flags = ['--rows', String(ROWS), '--rounds', '1', '--only', MEASURES.join(','), '--json', json];
  const ended = bench(flags);
  expect(ended.status, ended.stderr).toBe(0);
  stdout = ended.stdout;
  file = readBenchFile(json);
}, 120_000);

afterAll(() => folder?.remove());

function bench(flags: readonly string[]) {
  return spawnSync(process.execPath, ['--import', 'tsx', 'scripts/bench.ts', ...flags], {
    encoding: 'utf8',
    env: { ...process.env, TMPDIR: folder.path },
  });
}

function runOf(suite: string, contestant: string): Run {
  const found = file.runs.find(run => run.suite === suite && run.contestant === contestant);
  if (found === undefined) throw new Error(`no run of ${contestant} in ${suite}`);
  return found;
}

test('says what was measured, on what, and whether each target was reached', () => {
  expect(file).toMatchObject({ rows: ROWS, rounds: 1, machine: { cores: expect.any(Number) } });
  expect(file.versions.server).toContain('MariaDB');
  expect(file.serverOptions).toContain('--sync-binlog=1');
  expect(file.measures.map(measure => measure.name)).toEqual(MEASURES);
  for (const { goals, status } of file.measures) {
    expect(goals.length).toBeGreaterThan(0);
    expect(status).toBe(goals.every(goal => goal.reached) ? 'reached' : 'missed');
    for (const { value, wants, target, reached } of goals) {
      expect(reached).toBe(wants === '>=' ? value.median >= target : value.median <= target);
      expect(value.min).toBeLessThanOrEqual(value.median);
      expect(value.median).toBeLessThanOrEqual(value.max);
    }
  }
  expect(stdout).toMatch(
    /int-settled .*\n.*ours, 1 connection \/ one DELETE .* x .*<= 0\.65 x .*(reached|missed)/,
  );
});

test('both contestants disposed of the same rows, and that was checked', () => {
  const [ours, theirs] = [runOf('purge-int', 'ours'), runOf('purge-int', 'one DELETE')];
  expect(ours.records).toBeGreaterThan(ROWS / 3 - ROWS / 50);
  expect(ours.records).toBeLessThan(ROWS / 3 + ROWS / 50);
  expect(theirs.records).toBe(ours.records);
  expect(ours.checked).toBe(`all ${ours.records} due rows gone, the rest unchanged, evidence of as many`);
  for (const run of [ours, theirs]) {
    expect(run.server?.rowsDeleted).toBe(run.records);
    expect(run.server?.binlogBytes).toBeGreaterThan(run.records * 50);
    expect(run.settledMs).toBeGreaterThanOrEqual(run.wallMs);
  }
  // Two processes of Node's cannot cost less.
  expect(ours.clientCpuMs).toBeGreaterThan(50);
  expect(ours.clientPeakMb).toBeGreaterThan(30);
});

test('the database time of a plan is counted statement by statement', () => {
  const { more, records } = runOf('plan-nothing-due', 'ours, plan');
  expect(records).toBe(0);
  expect(more.statements).toBeGreaterThan(3);
  expect(more.databaseMs).toBeGreaterThan(0);
  expect(more.databaseMs).toBeGreaterThanOrEqual(more.slowestMs ?? Number.NaN);
});

test('its file becomes a chart and a table', () => {
  const svg = chartSvg(file);
  expect(svg).toMatch(/^<svg xmlns/);
  expect(svg).toContain('>retention</text>');
  expect(svg).toContain('>find -delete</text>');
  const table = markdownTable(file);
  expect(table).toContain(
    '| time until the server has settled, against one single DELETE | ours, 1 connection / one DELETE |',
  );
  expect(table).toContain(file.command);
});

test('nothing is left behind, and a measure that there is not is refused with those that there are', () => {
  // Its servers and data were in temporary folders below this one.
  expect(readdirSync(folder.path).filter(name => name.startsWith('retention-'))).toEqual([]);
  const refused = bench(['--only', 'int-speed']);
  expect(refused.status).toBe(1);
  expect(refused.stderr).toContain('no measure int-speed; there are int-rate, ');
});
