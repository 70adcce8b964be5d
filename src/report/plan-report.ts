// A plan as people and machines read it: text for a terminal, JSON and CSV for everything else. All three are drawn from
// the one saved plan, so none can say what another does not.

import pc from 'picocolors';
import type { Finding, Plan, PlanPart } from '../plan/plan.ts';
import type { SubProcessor } from '../policy/policy.ts';
import { isChange } from '../policy/table-name.ts';
import { countParts, foldFamilies, tellFindings } from './fold-families.ts';
import { formatBytes, formatCount, formatDay, formatMinute } from './numbers.ts';
import { orderLines } from './orders-report.ts';
import { planCsv, planJson } from './plan-data.ts';
import { isUnread, sumParts } from './sum-parts.ts';
import { drawTable } from './tables.ts';

export type Format = 'text' | 'json' | 'csv';

/** `dry-run`: to be looked at. `run`: shown on the way, and enforced at once. */
export type PlanPurpose = 'dry-run' | 'run';

export interface PlanReportInput {
  readonly plan: Plan;
  readonly purpose: PlanPurpose;
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

function planText({ plan, purpose, subProcessors }: PlanReportInput): string {
  const { source } = plan;
  const shown = foldFamilies(plan.parts, isQuiet, sumParts);
  return [
    purpose === 'dry-run'
      ? `${pc.bold('DRY RUN')}  nothing has been changed`
      : `${pc.bold('PLAN')}  what is due`,
    `plan ${plan.id}   job ${plan.job} (${plan.mode})`,
    `as of ${formatMinute(plan.asOfMs)}   next run ${formatMinute(plan.nextRunMs)}`,
    ...(source.kind === 'replay' ? [`replay of ${source.run}: what it disposed of and has come back`] : []),
    '',
    countsTable(shown),
    ...keptLines(shown),
    ...findingLines(plan.parts),
    ...(plan.orders === undefined ? [] : ['', pc.bold('Orders'), ...orderLines(plan.orders)]),
    ...copyLines(plan.parts, subProcessors),
    '',
    ...(purpose === 'dry-run' ? nextSteps(plan) : []),
    '',
  ].join('\n');
}

interface Column {
  readonly heading: string;
  readonly cell: (part: PlanPart) => string;
  /** For counts: their sum is in the last row, and the column is left out where all are 0. */
  readonly count?: (part: PlanPart) => number;
  readonly always?: boolean;
}

function countColumn(heading: string, name: keyof PlanPart['counts'], always = false): Column {
  const count = (part: PlanPart): number => part.counts[name];
  return {
    heading: `#${heading}`,
    cell: part => (isUnread(part) ? '-' : formatCount(count(part))),
    count,
    always,
  };
}

const tableColumns: readonly Column[] = [
  { heading: 'dataset', cell: part => `${part.store}/${part.dataset}` },
  { heading: 'class', cell: part => part.class },
  {
    ...countColumn('stored', 'stored', true),
    cell: part =>
      isUnread(part) ? '-' : `${part.storedIsEstimate ? 'some ' : ''}${formatCount(part.counts.stored)}`,
  },
  countColumn('due', 'due', true),
  countColumn('due, held', 'held', true),
  countColumn('undated', 'undated', true),
  countColumn('kept by law', 'keptByFloor'),
  countColumn('by instruction', 'keptByInstruction'),
  { heading: 'to do', cell: part => (isUnread(part) ? 'not read' : (part.disposition ?? 'no period')) },
  {
    heading: 'started before',
    cell: part => formatDay(part.bounds[0]?.beforeMs ?? null, part.bounds[0]?.zone),
  },
];

/** Nothing of it is due, and nothing keeps any of it: it is only stored. */
function isQuiet(part: PlanPart): boolean {
  const { stored: _stored, notStarted: _open, alreadyDone: _done, ...telling } = part.counts;
  return !isUnread(part) && Object.values(telling).every(count => count === 0);
}

function countsTable(parts: readonly PlanPart[]): string {
  const sum = (count: (part: PlanPart) => number): number =>
    parts.reduce((total, part) => total + count(part), 0);
  const columns = tableColumns.filter(({ count, always }) => count === undefined || always || sum(count) > 0);
  const totals = columns.map(({ count }, index) =>
    index === 0 ? 'total' : count === undefined ? '' : formatCount(sum(count)),
  );
  return drawTable(
    columns.map(({ heading }) => heading),
    [...parts.map(part => columns.map(({ cell }) => cell(part))), totals],
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
      ...(part.oldestMs === null ? [] : [`the oldest due started on ${formatDay(part.oldestMs)}`]),
      ...partitionWords(part.partitions),
      ...(part.missing === undefined
        ? []
        : [`missing ${formatCount(part.missing.records)}, of which a file is not there`]),
      ...(part.files > 0 ? [`${formatCount(part.files)} files go along`] : []),
      ...Object.entries(part.children)
        .filter(([, rows]) => rows > 0)
        .map(([at, rows]) =>
          isChange(at) ? `${formatCount(rows)} rows ${at}` : `${formatCount(rows)} of ${at} go along`,
        ),
      ...(part.bytes === null ? [] : [`${formatBytes(part.bytes)} in all`]),
    ];
    return said.length === 0 ? [] : [`  ${part.store}/${part.dataset} (${part.class}): ${said.join(', ')}`];
  });
  return lines.length === 0 ? [] : ['', pc.bold('Also counted'), ...lines];
}

/** `12 partitions go whole, p1 to p12`; why others do not is among the findings. */
function partitionWords(partitions: PlanPart['partitions']): string[] {
  const names = partitions.filter(({ as }) => as === 'drop').map(({ name }) => name);
  const [first, last] = [names.at(0), names.at(-1)];
  if (first === undefined || last === undefined) return [];
  return [
    names.length === 1
      ? `partition ${first} goes whole`
      : `${names.length} partitions go whole, ${first} to ${last}`,
  ];
}

const severities: readonly Finding['severity'][] = ['refused', 'warning', 'advice'];

function findingLines(parts: readonly PlanPart[]): string[] {
  const found = tellFindings(parts);
  if (found.length === 0) return [];
  const ordered = severities.flatMap(severity =>
    found.filter(({ finding }) => finding.severity === severity),
  );
  return [
    '',
    pc.bold('Findings'),
    ...ordered.flatMap(({ place, finding }) => [
      `  ${colour(finding.severity)}  ${place}`,
      `           ${countOf(finding)}${finding.message}${finding.samples.length === 0 ? '' : `: ${finding.samples.join(' ')}`}`,
    ]),
  ];
}

/** What is said of no number of records. */
const UNCOUNTED: readonly Finding['code'][] = [
  'store-mismatch',
  'limit-exceeded',
  'partitions-as-rows',
  'unmapped-copy',
  'no-tables',
  'children-not-sought',
  'children-alone',
  'personal-keys',
];

/** `3 records: `, where records are what it counts. */
function countOf({ code, count }: Finding): string {
  if (UNCOUNTED.includes(code)) return '';
  return `${formatCount(count)} ${count === 1 ? 'record' : 'records'}: `;
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

function nextSteps(plan: Plan): string[] {
  const due = plan.parts.reduce((sum, part) => sum + part.counts.due, 0);
  const unread = plan.parts.filter(isUnread).length;
  const refused =
    unread === 0 ? [] : [pc.red(`${unread} of ${countParts(plan.parts)} were not read: see the findings.`)];
  if (plan.mode === 'report')
    return [...refused, `Job ${plan.job} only reports: this plan is for looking at.`];
  if (due === 0) return [...refused, unread === 0 ? 'Nothing is due.' : 'Of the others nothing is due.'];
  if (plan.asOfMs > plan.madeAtMs)
    return [...refused, 'This plan is for a later day: it is for looking at only.'];
  if (plan.parts.some(part => part.findings.some(finding => finding.code === 'limit-exceeded'))) {
    const way = `If all of it has to go, raise the limits of job ${plan.job}, give the reason, and plan again.`;
    return [...refused, pc.red('Enforcing this plan is refused: it is over a limit of its job.'), way];
  }
  return [
    ...refused,
    `To enforce it:  retention enforce ${plan.id}`,
    `It can be enforced once, until ${formatMinute(plan.expiresAtMs)}, and never takes more than is listed here.`,
  ];
}
