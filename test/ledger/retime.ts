// Writes an audit log anew with one entry at another time: as a program would have left it that took any time.
import { canonicalJson } from '../../src/digest.ts';
import type { AuditEntry } from '../../src/ledger/audit-entry.ts';
import { entryHash } from '../../src/ledger/audit-log.ts';
import { spyOn } from '../support/small-ledger.ts';

/** Entry `seq` is `byMs` after the one before it. */
export async function retime(ledger: string, seq: number, byMs: number): Promise<void> {
  const spy = spyOn(ledger);
  let [hash, lastMs, latestMs] = ['', 0, 0];
  for (const row of await spy('audit_log').orderBy('seq')) {
    const entry = JSON.parse(row.body) as AuditEntry;
    const atMs = entry.seq === seq ? lastMs + byMs : Date.parse(entry.at);
    const body = canonicalJson({ ...entry, at: new Date(atMs).toISOString() });
    hash = entryHash(hash, body);
    [lastMs, latestMs] = [atMs, Math.max(latestMs, atMs)];
    await spy('audit_log').where({ seq: entry.seq }).update({ body, hash });
  }
  await spy('audit_head').update({ hash, latest_at: latestMs });
  await spy.destroy();
}
