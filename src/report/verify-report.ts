// What checking the audit log came to.
import pc from 'picocolors';
import type { Verification } from '../ledger/verify-audit.ts';
import { csvLine, formatCount } from './numbers.ts';
import type { Format } from './plan-report.ts';

export function verifyReport(verification: Verification, format: Format): string {
  const { entries, records, head, open, broken } = verification;
  switch (format) {
    case 'text':
      return `${[
        broken === null
          ? `${pc.green('The audit log verifies')}: ${formatCount(entries)} entries, ${formatCount(records)} records disposed of.`
          : `${pc.red('The audit log does not verify')}: entry ${broken.seq}, ${broken.why}.`,
        ...(open === 0
          ? []
          : [`${open} batches have no outcome yet: a run is going on, or the next one will settle them.`]),
        ...(broken === null
          ? [`head ${head.seq}:${head.hash}`]
          : ['Keep this ledger as it is, and find out who can write to it.']),
      ].join('\n')}\n`;
    case 'json':
      return `${JSON.stringify({ verified: broken === null, ...verification }, null, 2)}\n`;
    case 'csv':
      return `${csvLine(['verified', 'entries', 'records', 'open', 'head', 'broken entry', 'why'])}\r\n${csvLine([String(broken === null), entries, records, open, `${head.seq}:${head.hash}`, broken?.seq ?? null, broken?.why ?? null])}\r\n`;
  }
}
