// A plan as people and machines read it: text for a terminal, JSON and CSV for everything else. All three are drawn from
// the one saved plan, so none can say what another does not.
import pc from 'picocolors';
import { isoInstant } from '../clock.ts';
import type { Finding, Plan, PlanPart } from '../plan/plan.ts';
import type { SubProcessor } from '../policy/policy.ts';
import { csvLine, formatBytes, formatCount, formatDay, formatMinute } from './numbers.ts';
import { drawTable } from './tables.ts';

export type Format = 'text' | 'json' | 'csv';

export interface PlanReportInput {
  readonly plan: Plan;
  readonly subProcessors: readonly SubProcessor[];
}

export function planReport(input: PlanReportInput, format: Format): string {
  switch (format) {
    case 'text':
      return planText(input);
    case 'json':
      return `${JSON.stringify(planJson(input.plan), null, 2)}\n`;
    case 'csv':
      return planCsv(input.plan);
  }
}

function planText({ plan, subProcessors }: PlanReportInput): string {
  const due = plan.parts.reduce((sum, part) => sum + part.counts.due, 0);
  return [
    `${pc.bold('DRY RUN')}  nothing has been changed`,
    `plan ${plan.id}   job ${plan.job} (${plan.mode})   as of ${formatMinute(plan.asOfMs)}   next run ${formatMinute(plan.nextRunMs)}`,
    ...(plan.source.kind === 'replay'
      ? [`replay of ${plan.source.run}: what it disposed of and has come back`]
      : []),
    '',
    countsTable(plan.parts),
    ...keptLines(plan.parts),
    ...findingLines(plan.parts),
    ...copyLines(plan.parts, subProcessors),
    '',
    ...nextSteps(plan, due),
    '',
  ].join('\n');
}

function countsTable(parts: readonly PlanPart[]): string {
  const columns = ['stored', 'due', 'held', 'undated', 'keptByFloor', 'keptByInstruction'] as const;
  const rows = parts.map(part => [
    `${part.store}/${part.dataset}`,
    part.class,
    ...columns.map(column => formatCount(part.counts[column])),
    part.disposition ?? (part.policies.length === 0 ? '' : 'no period stated'),
    formatDay(part.bounds[0]?.beforeMs ?? null, part.bounds[0]?.zone),
    formatDay(part.oldestMs),
    formatBytes(part.bytes),
  ]);
  const totals = [
    'total',
    '',
    ...columns.map(column => formatCount(parts.reduce((sum, part) => sum + part.counts[column], 0))),
    '',
    '',
    '',
    formatBytes(
      parts.reduce<number | null>((sum, part) => (part.bytes === null ? sum : (sum ?? 0) + part.bytes), null),
    ),
  ];
  return drawTable(
    [
      'dataset',
      'class',
      '#stored',
      '#due',
      '#held',
      '#undated',
      '#by floor',
      '#by instruction',
      'due ones',
      'started before',
      'oldest due',
      '#size',
    ],
    [...rows, totals],
  );
}

/** The counts that most plans have none of. */
function keptLines(parts: readonly PlanPart[]): string[] {
  const lines = parts.flatMap(part => {
    const { notStarted, alreadyDone, keptOtherwise } = part.counts;
    const said = [
      ...(notStarted > 0 ? [`${formatCount(notStarted)} whose account is open`] : []),
      ...(alreadyDone > 0 ? [`${formatCount(alreadyDone)} done by an earlier run`] : []),
      ...(keptOtherwise > 0 ? [`${formatCount(keptOtherwise)} kept for what the findings say`] : []),
      ...(part.files > 0 ? [`${formatCount(part.files)} files go with the due ones`] : []),
    ];
    return said.length === 0 ? [] : [`  ${part.store}/${part.dataset} (${part.class}): ${said.join(', ')}`];
  });
  return lines.length === 0 ? [] : ['', pc.bold('Also counted'), ...lines];
}

const severities: readonly Finding['severity'][] = ['refused', 'warning', 'advice'];

function findingLines(parts: readonly PlanPart[]): string[] {
  const found = parts.flatMap(part => part.findings.map(finding => ({ part, finding })));
  if (found.length === 0) return [];
  const ordered = severities.flatMap(severity =>
    found.filter(({ finding }) => finding.severity === severity),
  );
  return [
    '',
    pc.bold('Findings'),
    ...ordered.map(({ part, finding }) => {
      const samples = finding.samples.length === 0 ? '' : `   e.g. ${finding.samples.join(' ')}`;
      return `  ${colour(finding.severity)}  ${part.store}/${part.dataset} (${part.class}): ${formatCount(finding.count)}, ${finding.message}${samples}`;
    }),
  ];
}

function colour(severity: Finding['severity']): string {
  switch (severity) {
    case 'refused':
      return pc.red('refused');
    case 'warning':
      return pc.yellow('warning');
    case 'advice':
      return 'advice ';
  }
}

/** Deleting a record at home while its copies live on elsewhere is not enforcement: the report says who has them. */
function copyLines(parts: readonly PlanPart[], subProcessors: readonly SubProcessor[]): string[] {
  const classes = [...new Set(parts.filter(part => part.counts.due > 0).map(part => part.class))];
  const lines = classes.flatMap(name => {
    const count = subProcessors.filter(party => party.classes.includes(name)).length;
    return count === 0 ? [] : [`  ${name}: ${count} sub-processors may hold copies`];
  });
  return lines.length === 0
    ? []
    : ['', `${pc.bold('Copies elsewhere')} (policies/sub-processors.yaml)`, ...lines];
}

function nextSteps(plan: Plan, due: number): string[] {
  if (plan.mode === 'report') return [`Job ${plan.job} only reports: this plan is for looking at.`];
  if (due === 0) return ['Nothing is due.'];
  const refused = plan.parts.some(part => part.findings.some(finding => finding.code === 'limit-exceeded'));
  const until = `It can be enforced once, until ${formatMinute(plan.expiresAtMs)}, and never takes more than is listed here.`;
  return refused
    ? [pc.red('Enforcing this plan would be refused: it is over a limit of its job.'), until]
    : [`To enforce it:  retention enforce ${plan.id}`, until];
}

/** The plan with times as ISO instants, for programs. */
function planJson(plan: Plan): unknown {
  const instant = (ms: number | null): string | null => (ms === null ? null : isoInstant(ms));
  const { madeAtMs, asOfMs, nextRunMs, expiresAtMs, parts, ...rest } = plan;
  return {
    dryRun: true,
    ...rest,
    madeAt: instant(madeAtMs),
    asOf: instant(asOfMs),
    nextRun: instant(nextRunMs),
    expiresAt: instant(expiresAtMs),
    parts: parts.map(({ oldestMs, newestMs, bounds, overdueMs, ...part }) => ({
      ...part,
      oldest: instant(oldestMs),
      newest: instant(newestMs),
      overdueSeconds: Math.floor(overdueMs / 1000),
      bounds: bounds.map(({ beforeMs, ...bound }) => ({ ...bound, before: instant(beforeMs) })),
    })),
  };
}

const csvColumns = [
  'stored',
  'due',
  'held',
  'undated',
  'keptByFloor',
  'keptByInstruction',
  'keptOtherwise',
  'notStarted',
  'alreadyDone',
] as const;

function planCsv(plan: Plan): string {
  const head = [
    'plan',
    'mode',
    'as of',
    'store',
    'dataset',
    'class',
    'disposition',
    ...csvColumns,
    'oldest',
    'newest',
    'bytes',
    'files',
    'findings',
  ];
  const rows = plan.parts.map(part =>
    csvLine([
      plan.id,
      'dry run',
      isoInstant(plan.asOfMs),
      part.store,
      part.dataset,
      part.class,
      part.disposition,
      ...csvColumns.map(column => part.counts[column]),
      part.oldestMs === null ? null : isoInstant(part.oldestMs),
      part.newestMs === null ? null : isoInstant(part.newestMs),
      part.bytes,
      part.files,
      part.findings.map(finding => `${finding.severity}: ${finding.count} ${finding.message}`).join('; '),
    ]),
  );
  return `${[csvLine(head), ...rows].join('\r\n')}\r\n`;
}
