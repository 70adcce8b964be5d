// A plan as programs read it: JSON with all there is in it, and CSV with a line for each part.
import { isoInstant } from '../clock.ts';
import type { Plan } from '../plan/plan.ts';
import { csvLine } from './numbers.ts';

/** The plan with times as ISO instants, for programs. */
export function planJson(plan: Plan): unknown {
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

/** A line a part. */
export function planCsv(plan: Plan): string {
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
    'missing',
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
      part.missing?.records ?? 0,
      part.findings.map(finding => `${finding.severity}: ${finding.count} ${finding.message}`).join('; '),
    ]),
  );
  return `${[csvLine(head), ...rows].join('\r\n')}\r\n`;
}
