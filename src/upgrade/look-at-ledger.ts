// What stands in a ledger that an earlier program left, read without bringing it up to date: an SQLite file is copied first, so
// that not a byte beside it is written; a server is only asked.
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CLOCK_TOLERANCE_MS, type Clock } from '../clock.ts';
import { askLedger, type LedgerAnswers } from '../ledger/ask-ledger.ts';
import { openLedger } from '../ledger/ledger.ts';
import type { LedgerPlace } from '../ledger/place.ts';
import { verifyAudit } from '../ledger/verify-audit.ts';

export interface LedgerFound extends LedgerAnswers {
  readonly stateFolder: string;
  /** Why its log does not verify; null where it does, or where it cannot be read without being changed. */
  readonly broken: string | null;
  /** How far its latest entry is ahead of the clock, beyond what clocks may be apart; null where it is not. */
  readonly aheadMs: number | null;
}

/** Null where there is none. */
export async function lookAtLedger(
  place: LedgerPlace,
  stateFolder: string,
  clock: Clock,
): Promise<LedgerFound | null> {
  if (place.kind === 'file') return lookAtCopy(place.file, stateFolder, clock);
  const answers = await askLedger(place);
  return answers === null ? null : { ...answers, stateFolder, broken: null, aheadMs: ahead(answers, clock) };
}

async function lookAtCopy(file: string, stateFolder: string, clock: Clock): Promise<LedgerFound | null> {
  if (!existsSync(file)) return null;
  const folder = mkdtempSync(join(tmpdir(), 'retention-upgrade-'));
  try {
    const copy = join(folder, 'ledger.db');
    for (const end of ['', '-wal'])
      if (existsSync(`${file}${end}`)) copyFileSync(`${file}${end}`, `${copy}${end}`);
    const answers = await askLedger({ kind: 'file', file: copy });
    if (answers === null) return null;
    const broken = answers.unknownMigrations.length > 0 ? null : await brokenIn(copy, clock);
    return { ...answers, stateFolder, broken, aheadMs: ahead(answers, clock) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** In the copy, which may be brought up to date. */
async function brokenIn(copy: string, clock: Clock): Promise<string | null> {
  const ledger = await openLedger(copy, clock, 'upgrade', 'refuse');
  try {
    const { broken } = await verifyAudit(ledger);
    return broken === null ? null : `entry ${broken.seq}, ${broken.why}`;
  } finally {
    await ledger.close();
  }
}

function ahead({ latestMs }: LedgerAnswers, clock: Clock): number | null {
  const aheadMs = (latestMs ?? 0) - clock.nowMs();
  return aheadMs > CLOCK_TOLERANCE_MS ? aheadMs : null;
}
