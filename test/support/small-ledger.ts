// Looks into a ledger from outside, while the product has it open or after: what its audit log says, and how far a run is.
import knex, { type Knex } from 'knex';
import type { AuditEntry, AuditEvent } from '../../src/ledger/audit-entry.ts';
import { readEvidence } from '../../src/ledger/evidence.ts';

/** A second connection to a ledger that is an SQLite file. */
export function spyOn(ledger: string): Knex {
  return knex({
    client: 'better-sqlite3',
    connection: { filename: ledger },
    useNullAsDefault: true,
    pool: { min: 1, max: 1 },
  });
}

export async function auditEntries(ledger: Knex): Promise<AuditEntry[]> {
  const rows = await ledger('audit_log').orderBy('seq').select('body');
  return rows.map((row: { body: string }) => JSON.parse(row.body) as AuditEntry);
}

export async function auditEvents<K extends AuditEvent['kind']>(
  ledger: Knex,
  kind: K,
): Promise<Extract<AuditEvent, { kind: K }>[]> {
  const events = (await auditEntries(ledger)).map(entry => entry.event);
  return events.filter((event): event is Extract<AuditEvent, { kind: K }> => event.kind === kind);
}

/** How many entries of a kind there are; 0 while the ledger has no tables yet. */
export async function countKind(ledger: Knex, kind: AuditEvent['kind']): Promise<number> {
  try {
    const [row] = await ledger('audit_log').where({ kind }).count({ n: '*' });
    return Number(row?.n ?? 0);
  } catch {
    return 0;
  }
}

/** Keys that the evidence says were disposed of in a dataset, as often as it says so. */
export async function disposedKeys(ledger: Knex, dataset: string): Promise<string[]> {
  const rows = await ledger('audit_evidence').where({ dataset }).orderBy('seq');
  return rows
    .flatMap((row: { batch_keys: Uint8Array; outcomes: string }) =>
      readEvidence({ packedKeys: row.batch_keys, outcomes: row.outcomes }),
    )
    .filter(line => line.did !== 'spared' && line.did !== 'failed')
    .map(line => line.keyText);
}
