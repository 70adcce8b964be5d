// Draws a benchmark's JSON file as one SVG, for a light page and a dark one alike:
//   npm run bench:chart -- bench.json docs/performance.svg
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { readBenchFile } from './read-bench-file.ts';
import type { BenchFile, Run, Spread } from './result.ts';
import { figureOf, rowsPerSecond } from './spread.ts';
import { short } from './text-table.ts';

const PRODUCT = 'retention';
const [WIDTH, BAR, GAP] = [420, 26, 24];
// Read on white and on black: a middle grey for text, two hues of equal weight for bars.
const [TEXT, OURS, PEER] = ['#7a828e', '#2f81f7', '#a8b1bb'];

/** A group of bars: what they say, and a bar for each contestant. */
interface Panel {
  readonly title: string;
  readonly bars: readonly Bar[];
}

interface Bar {
  readonly name: string;
  readonly value: Spread;
}

const panels: readonly {
  readonly title: string;
  readonly suite: string;
  readonly pick: (run: Run) => number;
}[] = [
  {
    title: 'rows purged in a second, ascending keys (more is better)',
    suite: 'purge-int',
    pick: rowsPerSecond,
  },
  {
    title: 'rows purged in a second, random keys (more is better)',
    suite: 'purge-uuid',
    pick: rowsPerSecond,
  },
  {
    title: 'seconds until the server has settled (less is better)',
    suite: 'purge-int',
    pick: run => (run.settledMs ?? run.wallMs) / 1000,
  },
  {
    title: 'client CPU for 1,000 records, in ms (less is better)',
    suite: 'purge-int',
    pick: run => run.clientCpuMs / (run.records / 1000),
  },
  {
    title: '99th percentile that others feel, in ms (less is better)',
    suite: 'foreground',
    pick: run => run.more.p99 ?? 0,
  },
  { title: 'recordings removed in a second (more is better)', suite: 'files', pick: rowsPerSecond },
];

/** The whole picture; panels that the file has no runs for are left out. */
export function chartSvg(file: BenchFile): string {
  const drawn = panels.flatMap(({ title, suite, pick }): Panel[] => {
    const runs = file.runs.filter(run => run.suite === suite);
    const names = [...new Set(runs.map(run => run.contestant))];
    if (names.length === 0) return [];
    return [{ title, bars: names.map(name => ({ name, value: figureOf(runs, name, pick) })) }];
  });
  if (drawn.length === 0) throw new Error('there is nothing to draw: no suite with peers was run');
  const heights = [0, 1].map(column => heightOf(drawn.filter((_, index) => index % 2 === column)));
  const tops = [0, 0];
  const placed = drawn.map((panel, index) => {
    const column = index % 2;
    const top = tops[column] ?? 0;
    tops[column] = top + heightOf([panel]);
    return `<g transform="translate(${column * (WIDTH + GAP)},${top})">${panelSvg(panel)}</g>`;
  });
  const [width, height] = [drawn.length > 1 ? 2 * WIDTH + GAP : WIDTH, Math.max(...heights)];
  const footer = `${PRODUCT} writes the evidence of every record. ${file.rows.toLocaleString('en')} rows, a third of them due; rounds: ${file.rounds}, bars are medians, lines go from least to most; ${file.machine.cores} cores, ${file.finishedAt.slice(0, 10)}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height + 20}" viewBox="0 0 ${width} ${height + 20}" font-family="system-ui, sans-serif" role="img" aria-label="Benchmark of retention against pt-archiver">`,
    ...placed,
    `<text x="1" y="${height + 12}" font-size="11" fill="${TEXT}">${footer}</text>`,
    '</svg>',
    '',
  ].join('\n');
}

function heightOf(some: readonly Panel[]): number {
  return some.reduce((sum, { bars }) => sum + bars.length * BAR + 30 + GAP, 0);
}

function panelSvg({ title, bars }: Panel): string {
  const { document } = parseHTML('<html><body></body></html>');
  const rows = bars.map(({ name, value }) => ({
    name: name.replace(/^ours/, PRODUCT),
    ...value,
    label: short(value.median),
  }));
  const most = Math.max(...rows.map(row => row.max));
  const svg = Plot.plot({
    document,
    width: WIDTH,
    height: bars.length * BAR + 30,
    marginLeft: 132,
    marginRight: 64,
    marginTop: 26,
    marginBottom: 4,
    style: { background: 'none', color: TEXT, fontSize: '12px', fontFamily: 'system-ui, sans-serif' },
    x: { axis: null, domain: [0, most] },
    y: { label: null, domain: rows.map(row => row.name), tickSize: 0, padding: 0.25 },
    marks: [
      Plot.barX(rows, { x: 'median', y: 'name', fill: row => (row.name.startsWith(PRODUCT) ? OURS : PEER) }),
      Plot.ruleY(rows, { x1: 'min', x2: 'max', y: 'name', stroke: TEXT, strokeWidth: 1.5 }),
      Plot.text(rows, { x: 'max', y: 'name', text: 'label', textAnchor: 'start', dx: 6, fill: TEXT }),
    ],
  });
  const heading = `<text x="1" y="14" font-size="13" font-weight="600" fill="${TEXT}">${title}</text>`;
  return `${heading}${svg.outerHTML}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [from, to] = process.argv.slice(2);
  if (from === undefined || to === undefined) {
    process.stderr.write('npm run bench:chart -- FILE.json FILE.svg\n');
    process.exitCode = 2;
  } else {
    writeFileSync(to, chartSvg(readBenchFile(from)));
  }
}
