// Which ledger this is, beside the mark of the last one that was used, and what would be lost with it.
import { isoInstant } from '../clock.ts';
import type { Lost } from '../ledger/acknowledge.ts';
import type { AuditHead } from '../ledger/audit-log.ts';
import type { Identity } from '../ledger/identity.ts';
import type { Standing } from '../ledger/known.ts';
import { formatCount } from './numbers.ts';

export interface LedgerShown {
  /** Without user and password. */
  readonly at: string;
  readonly stateFolder: string;
  readonly identity: Identity;
  readonly head: AuditHead;
  readonly latestMs: number | null;
  readonly holds: number;
  readonly standing: Standing;
  readonly lost: Lost;
}

export function ledgerReport(shown: LedgerShown, format: 'text' | 'json'): string {
  if (format === 'json') return `${JSON.stringify(shown, null, 2)}\n`;
  const { at, stateFolder, identity, head, latestMs, holds, standing, lost } = shown;
  const since =
    identity.knownSinceMs === null ? 'never said to be the right one' : isoInstant(identity.knownSinceMs);
  return `${[
    `ledger   ${identity.id}  at ${at}`,
    `         known since ${since}, ${formatCount(head.seq)} entries, the latest of ${timeOf(latestMs)}, ${formatCount(holds)} holds`,
    lost.mark === null
      ? `last     no ledger was used here before (mark: ${stateFolder})`
      : `last     ${lost.mark.ledger}  up to entry ${lost.mark.seq} of ${timeOf(lost.mark.atMs)} (mark: ${stateFolder})`,
    ...toldStanding(standing),
    ...toldLost(lost),
  ].join('\n')}\n`;
}

function toldStanding(standing: Standing): string[] {
  if ('why' in standing) return [`Nothing is enforced under it: ${standing.why}.`];
  return standing.is === 'known'
    ? ['It is the ledger that was used last: enforcing goes on under it.']
    : ['It was in use before ledgers had names. The next run takes it over if its log verifies.'];
}

/** What accepting it would give up. */
export function toldLost({ mark, entries, holds }: Lost): string[] {
  if (mark === null) return [];
  return [
    ...(entries === null
      ? ['Nothing that the last ledger recorded is in this one, as far as can be told.']
      : []),
    ...(entries !== null && entries > 0
      ? [
          `${formatCount(entries)} entries of the last ledger are missing in this one, and what they did: holds, plans, proofs.`,
        ]
      : []),
    ...(holds.length > 0 ? [`Holds of the last ledger that are not in this one: ${holds.join(', ')}.`] : []),
  ];
}

function timeOf(ms: number | null): string {
  return ms === null ? 'no time' : isoInstant(ms);
}
