// What a run did, from the ledger alone, so that it cannot claim what the audit log does not hold.
import pc from 'picocolors';
import { isoInstant } from '../clock.ts';
import type { AuditHead } from '../ledger/audit-log.ts';
import type { Run } from '../ledger/runs.ts';
import type { PartSum, RunSum } from '../ledger/sum-run.ts';
import type { Plan } from '../plan/plan.ts';
import { foldFamilies } from './fold-families.ts';
import { csvLine, formatCount, formatMinute } from './numbers.ts';
import type { Format } from './plan-report.ts';
import { drawTable } from './tables.ts';

export interface RunReportInput {
  readonly run: Run;
  readonly plan: Plan;
  readonly sum: RunSum;
  readonly head: AuditHead;
}

const columns = ['purged', 'flagged', 'anonymised', 'spared', 'failed'] as const;

export function runReport(input: RunReportInput, format: Format): string {
  switch (format) {
    case 'text':
      return runText(input);
    case 'json':
      return `${JSON.stringify(runJson(input), null, 2)}\n`;
    case 'csv':
      return runCsv(input);
  }
}

function runText({ run, plan, sum, head }: RunReportInput): string {
  const parts = sum.parts.map(part => ({ ...part, planned: planned(plan, part) }));
  const rows = foldFamilies(parts, () => false, sumOf).map(part => [
    `${part.store}/${part.dataset}`,
    part.class,
    formatCount(part.planned),
    ...columns.map(column => formatCount(part.counts[column])),
    reasonsOf(part.reasons),
  ]);
  const totals = [
    'total',
    '',
    formatCount(sum.parts.reduce((total, part) => total + planned(plan, part), 0)),
    ...columns.map(column => formatCount(sum.counts[column])),
    reasonsOf(sum.reasons),
  ];
  const settled = sum.parts.reduce((total, part) => total + part.settled, 0);
  return [
    `${pc.bold('ENFORCED')}  run ${run.id}   ${stateWord(run)}`,
    `plan ${run.plan}   job ${run.job}   started ${formatMinute(run.startedAtMs)}${run.endedAtMs === null ? '' : `   took ${((run.endedAtMs - run.startedAtMs) / 1000).toFixed(1)} s`}`,
    '',
    rows.length === 0
      ? 'Nothing was due.'
      : drawTable(
          ['dataset', 'class', '#planned', ...columns.map(column => `#${column}`), 'why spared or failed'],
          [...rows, totals],
        ),
    ...sum.parts.flatMap(childLines),
    ...sum.parts.flatMap(missingLine),
    ...(settled === 0
      ? []
      : [
          '',
          `${settled} batches were settled after the run had been cut off, by looking at what was still there.`,
        ]),
    '',
    `audit log: entry ${head.seq}, ${head.hash}`,
    ...nextSteps(run, sum),
    '',
  ].join('\n');
}

/** What went with the records of a dataset. */
function childLines({ store, dataset, children }: RunSum['parts'][number]): string[] {
  const rows = Object.entries(children).map(([at, count]) => `${at} ${formatCount(count)}`);
  return rows.length === 0 ? [] : [`  with those of ${store}/${dataset}: ${rows.join(', ')}`];
}

/** Files that nobody saw go: their rows are named apart from those whose files went with them. */
function missingLine({ store, dataset, missing, reasons }: RunSum['parts'][number]): string[] {
  if (missing === 0) return [];
  const stayed = Object.entries(reasons).reduce(
    (sum, [reason, count]) => (reason.split(':')[0] === 'missing' ? sum + count : sum),
    0,
  );
  return [
    `  of ${store}/${dataset}: missing ${formatCount(missing)}, files that nobody saw go; ${formatCount(missing - stayed)} of their rows went, ${formatCount(stayed)} stayed`,
  ];
}

function stateWord(run: Run): string {
  switch (run.state) {
    case 'done':
      return pc.green('done');
    case 'partial':
      return pc.yellow('done, but some records could not be disposed of');
    case 'interrupted':
      return pc.yellow('interrupted');
    case 'failed':
      return pc.red('failed');
    case 'running':
      return pc.yellow('running, or cut off');
  }
}

function nextSteps(run: Run, sum: RunSum): string[] {
  const steps = ['Check it:  retention audit verify'];
  if (run.state === 'interrupted' || run.state === 'running' || run.state === 'failed')
    steps.push(`Go on with it:  retention enforce ${run.plan}`);
  if (Object.keys(sum.reasons).some(reason => reason.startsWith('blocked')))
    steps.push(
      'Blocked records are still referred to by others. See why one stays:  retention explain STORE DATASET KEY',
    );
  if (Object.keys(sum.reasons).some(reason => reason.startsWith('missing')))
    steps.push(
      'Rows whose file is missing stay. Put the files back, or write missing: purge-record beside their path. See them:  retention orphans JOB',
    );
  return steps;
}

type PlannedSum = PartSum & { readonly planned: number };

/** Tables that are named by date as one line. */
function sumOf(some: readonly PlannedSum[], dataset: string): PlannedSum {
  const [first] = some;
  if (first === undefined) throw new Error('nothing to sum');
  const counts: { -readonly [Name in (typeof columns)[number]]: number } = { ...first.counts };
  for (const column of columns) counts[column] = some.reduce((sum, part) => sum + part.counts[column], 0);
  const reasons: Record<string, number> = {};
  for (const part of some)
    for (const [reason, count] of Object.entries(part.reasons))
      reasons[reason] = (reasons[reason] ?? 0) + count;
  const missing = some.reduce((sum, part) => sum + part.missing, 0);
  const planned = some.reduce((sum, part) => sum + part.planned, 0);
  return { ...first, dataset, planned, counts, reasons, missing };
}

function planned(plan: Plan, sum: { store: string; dataset: string; class: string }): number {
  return plan.parts
    .filter(part => part.store === sum.store && part.dataset === sum.dataset && part.class === sum.class)
    .reduce((total, part) => total + part.counts.due, 0);
}

function reasonsOf(reasons: Readonly<Record<string, number>>): string {
  return Object.entries(reasons)
    .map(([reason, count]) => `${reason} ${formatCount(count)}`)
    .join(', ');
}

function runJson({ run, plan, sum, head }: RunReportInput): unknown {
  const { startedAtMs, endedAtMs, ...rest } = run;
  return {
    dryRun: false,
    ...rest,
    startedAt: isoInstant(startedAtMs),
    endedAt: endedAtMs === null ? null : isoInstant(endedAtMs),
    source: plan.source,
    counts: sum.counts,
    reasons: sum.reasons,
    parts: sum.parts.map(part => ({ ...part, planned: planned(plan, part) })),
    auditHead: head,
  };
}

function runCsv({ run, plan, sum }: RunReportInput): string {
  const head = [
    'run',
    'mode',
    'state',
    'started',
    'store',
    'dataset',
    'class',
    'disposition',
    'planned',
    ...columns,
    'reasons',
    'missing',
  ];
  const rows = sum.parts.map(part =>
    csvLine([
      run.id,
      'enforced',
      run.state,
      isoInstant(run.startedAtMs),
      part.store,
      part.dataset,
      part.class,
      part.disposition,
      planned(plan, part),
      ...columns.map(column => part.counts[column]),
      reasonsOf(part.reasons),
      part.missing,
    ]),
  );
  return `${[csvLine(head), ...rows].join('\r\n')}\r\n`;
}
