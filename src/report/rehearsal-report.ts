// What a rehearsal found: each table as it was, what went, and what nothing had named.
import pc from 'picocolors';
import { isAsAnnounced, type Rehearsal } from '../rehearse/rehearse.ts';
import { csvLine, formatCount } from './numbers.ts';
import type { Format } from './plan-report.ts';
import { drawTable } from './tables.ts';

export function rehearsalReport(rehearsal: Rehearsal, format: Format): string {
  switch (format) {
    case 'text':
      return rehearsalText(rehearsal);
    case 'json':
      return `${JSON.stringify({ ...rehearsal, plan: rehearsal.plan.id, asAnnounced: isAsAnnounced(rehearsal) }, null, 2)}\n`;
    case 'csv':
      return `${[
        csvLine(['table', 'rows before', 'gone', 'changed', 'new', 'wrong']),
        ...rehearsal.tables.map(one =>
          csvLine([one.table, one.was, one.gone, one.changed, one.added, one.wrong.join('; ')]),
        ),
      ].join('\r\n')}\r\n`;
  }
}

function rehearsalText(rehearsal: Rehearsal): string {
  const { tables, audit, run, plan } = rehearsal;
  const touched = tables.filter(one => one.gone + one.changed + one.added + one.wrong.length > 0);
  const untouched = tables.length - touched.length;
  return [
    `${pc.bold('REHEARSED')}  plan ${plan.id}   run ${run.run}   ${run.state}`,
    '',
    drawTable(
      ['table', '#rows before', '#gone', '#changed', '#new'],
      touched.map(one => [one.table, ...[one.was, one.gone, one.changed, one.added].map(formatCount)]),
    ),
    '',
    `${formatCount(untouched)} other tables are as they were, row for row.`,
    ...touched.flatMap(one => one.wrong.map(why => `${pc.red('wrong')}  ${one.table}: ${why}`)),
    audit.broken === null
      ? `The audit log verifies: ${formatCount(audit.records)} records disposed of.`
      : `${pc.red('wrong')}  the audit log does not verify at entry ${audit.broken.seq}: ${audit.broken.why}`,
    isAsAnnounced(rehearsal)
      ? 'Nothing changed that the plan did not name.'
      : 'Do not enforce this job on the database that this is a copy of. Keep the copy: it shows what happened.',
    '',
  ].join('\n');
}
