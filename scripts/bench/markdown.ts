// Writes a benchmark's JSON file as the table that stands in the README:
//   npm run --silent bench:table -- bench.json
import { fileURLToPath } from 'node:url';
import { readBenchFile } from './read-bench-file.ts';
import type { BenchFile, Goal, Measure } from './result.ts';
import { short } from './text-table.ts';

/** A row for each goal, with its spread and target; date, machine and command below. */
export function markdownTable(file: BenchFile): string {
  const { machine, versions } = file;
  return [
    '| measure | | median | least to most | target | |',
    '| --- | --- | --: | --- | --: | --- |',
    ...file.measures.flatMap(rowsOf),
    '',
    `${file.finishedAt.slice(0, 10)}, ${machine.cores} cores (${machine.processor}), ${machine.memoryGb} GB, ${versions.server?.replace(/^.*Ver /, '') ?? ''},`,
    `${versions['pt-archiver'] ?? ''}, Node ${versions.node ?? ''}, rounds: ${file.rounds}; \`${file.command}\``,
    '',
  ].join('\n');
}

function rowsOf({ title, status, goals }: Measure): string[] {
  if (goals.length === 0) return [`| ${title} | | | | | ${status} |`];
  return goals.map((goal, index) => {
    const { label, unit, value, reached } = goal;
    const cells = [
      index === 0 ? title : '',
      label,
      written(value.median, unit),
      `${short(value.min)} to ${short(value.max)}`,
      target(goal),
      reached ? 'reached' : 'missed',
    ];
    return `| ${cells.join(' | ')} |`;
  });
}

function target({ wants, target: value, unit }: Goal): string {
  return `${wants === '>=' ? '≥' : '≤'} ${written(value, unit)}`;
}

function written(value: number, unit: string): string {
  return unit === 'x' || unit === '' ? `${short(value)}${unit}` : `${short(value)} ${unit}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [from] = process.argv.slice(2);
  if (from === undefined) {
    process.stderr.write('npm run --silent bench:table -- FILE.json\n');
    process.exitCode = 2;
  } else {
    process.stdout.write(markdownTable(readBenchFile(from)));
  }
}
