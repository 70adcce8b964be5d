// The measures as a plain table: each goal with its target, and whether it was reached.
import Table from 'cli-table3';
import type { BenchFile, Goal, Measure, Spread } from './result.ts';

const NO_LINES = Object.fromEntries(
  'top,top-mid,top-left,top-right,bottom,bottom-mid,bottom-left,bottom-right,left,left-mid,mid,mid-mid,right,right-mid,middle'
    .split(',')
    .map(name => [name, '']),
);

export function textTable(file: BenchFile): string {
  const table = new Table({
    head: ['measure', 'figure', 'median', 'min..max', 'target', ''],
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
    chars: NO_LINES,
  });
  for (const measure of file.measures) table.push(...rowsOf(measure));
  const { machine, versions } = file;
  return [
    `${file.rows.toLocaleString('en')} rows, rounds: ${file.rounds}; ${file.finishedAt.slice(0, 10)}; ${machine.cores} cores (${machine.processor}), ${machine.memoryGb} GB; load before it began ${short(machine.loadAtStart)}`,
    Object.entries(versions)
      .map(([name, version]) => `${name}: ${version}`)
      .join('; '),
    table.toString(),
    ...file.measures.flatMap(({ name, note }) => (note === null ? [] : [`${name}: ${note}`])),
    '',
  ].join('\n');
}

function rowsOf({ name, status, goals, figures, title }: Measure): string[][] {
  const mark = (one: Goal): string => (one.reached ? 'reached' : 'missed');
  return [
    [name, title, '', '', '', goals.length === 0 ? status : ''],
    ...goals.map(one => ['', `  ${one.label}`, ...spread(one.value, one.unit), aim(one), mark(one)]),
    ...figures.map(one => ['', `  ${one.label}`, ...spread(one.value, one.unit), '', '']),
  ];
}

function spread({ median, min, max }: Spread, unit: string): [string, string] {
  return [`${short(median)} ${unit}`.trim(), min === max ? '' : `${short(min)}..${short(max)}`];
}

function aim({ wants, target, unit }: Goal): string {
  return `${wants} ${short(target)} ${unit}`.trim();
}

/** As many digits as mean something. */
export function short(value: number): string {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en');
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return Number(value.toFixed(Math.abs(value) >= 10 ? 1 : 2)).toString();
}
