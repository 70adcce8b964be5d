// What the data maps leave out: for people, and for machines.
import pc from 'picocolors';
import type { Coverage, StoreCoverage } from '../plan/coverage.ts';
import type { CoverageNote } from '../plan/coverage-note.ts';
import { formatCount } from './numbers.ts';

export function coverageReport(coverage: Coverage, format: 'text' | 'json'): string {
  if (format === 'json') return `${JSON.stringify(coverage, null, 2)}\n`;
  const all = [...coverage.stores.flatMap(one => one.notes), ...coverage.notes];
  const warnings = all.filter(one => one.verdict === 'warns').length;
  return [
    `${pc.bold('COVERAGE')}  nothing was changed`,
    '',
    ...coverage.stores.flatMap(section),
    ...(coverage.notes.length === 0
      ? []
      : [pc.bold('policies and jobs'), ...coverage.notes.flatMap(noteLines), '']),
    all.length === 0
      ? 'Nothing is left out.'
      : `${formatCount(warnings)} to look into, ${formatCount(all.length - warnings)} to look at once.`,
    '',
  ].join('\n');
}

function section({ store, found, notes }: StoreCoverage): string[] {
  const counts =
    found === null
      ? ''
      : `  ${formatCount(found.mapped)} mapped, ${formatCount(found.ignored)} ignored, ${formatCount(found.unmapped)} by nobody`;
  return [`${pc.bold(store)}${counts}`, ...notes.flatMap(noteLines), ''];
}

function noteLines({ verdict, message, hint }: CoverageNote): string[] {
  const colour = verdict === 'warns' ? pc.yellow : pc.dim;
  return [`  ${colour(verdict)}  ${message}`, ...(hint === '' ? [] : [`    ${hint}`])];
}
