// The append-only, hash-linked log. Each entry's hash covers the hash before it and its own exact text, so a changed,
// missing or moved entry breaks the chain at its place. When an entry cannot be written, nothing may be deleted.
import type { Knex } from 'knex';
import { CLOCK_TOLERANCE_MS, type Clock, isoInstant } from '../clock.ts';
import { inTransaction } from '../database/in-transaction.ts';
import { mysqlErrorName, mysqlNumber } from '../database/mysql-errors.ts';
import { canonicalJson, sha256 } from '../digest.ts';
import { RetentionError, reasonOf } from '../errors.ts';
import type { AuditEntry, AuditEvent } from './audit-entry.ts';
import type { Evidence } from './evidence.ts';

export interface AuditHead {
  /** 0 and an empty hash while the log is empty. */
  readonly seq: number;
  readonly hash: string;
}

export interface StoredEntry {
  readonly seq: number;
  readonly kind: string;
  readonly run: string | null;
  readonly body: string;
  readonly hash: string;
}

export interface EntryFilter {
  readonly run?: string;
  readonly kind?: AuditEvent['kind'];
  readonly afterSeq?: number;
}

export interface StoredEvidence extends Evidence {
  readonly seq: number;
  readonly store: string;
  readonly dataset: string;
}

export interface NewEntry {
  readonly event: AuditEvent;
  readonly evidence?: Evidence;
  readonly also?: (transaction: Knex.Transaction) => Promise<void>;
}

export interface AuditLog {
  /**
   * Writes an entry durably and gives its number. `evidence` belongs to `done` entries. With `also`, other
   * changes to the ledger happen in the same transaction or not at all.
   */
  readonly append: (event: AuditEvent, run: string | null, more?: Omit<NewEntry, 'event'>) => Promise<number>;
  /** Writes several entries, one after the other, all of them or none. */
  readonly appendAll: (entries: readonly NewEntry[], run: string | null) => Promise<void>;
  readonly head: () => Promise<AuditHead>;
  /** Entries in order, a page at a time. */
  readonly entries: (filter?: EntryFilter) => AsyncIterable<StoredEntry>;
  /** The latest time that the log knows of, in ms, and the last entry's number; null while the log is empty. */
  readonly latest: () => Promise<{ readonly seq: number; readonly atMs: number | null }>;
  /** The number of the last entry of some kinds; 0 where there is none. */
  readonly lastOf: (kinds: readonly AuditEvent['kind'][]) => Promise<number>;
  readonly evidence: (seq: number) => Promise<StoredEvidence | null>;
  /** Evidence of one dataset, in order of writing. */
  readonly evidenceOf: (store: string, dataset: string) => AsyncIterable<StoredEvidence>;
  /** The number of the first piece of evidence that belongs to no outcome; null when each belongs to one. */
  readonly strayEvidence: () => Promise<number | null>;
}

const PAGE = 500;

export function auditLog(database: Knex, clock: Clock, actor: string): AuditLog {
  const appendOne = async (
    transaction: Knex.Transaction,
    { event, evidence, also }: NewEntry,
    run: string | null,
  ): Promise<number> => {
    // The update comes first: it takes the write lock, so that the head read next is the last one.
    await transaction('audit_head').where({ id: 1 }).increment('seq', 1);
    const head = await readWholeHead(transaction);
    const nowMs = clock.nowMs();
    // Its times never go back, unless somebody says that the clock is right and what stands before is not.
    const atMs = event.kind === 'clock-confirmed' ? nowMs : Math.max(nowMs, head.atMs ?? nowMs);
    const entry: AuditEntry = {
      seq: head.seq,
      at: isoInstant(atMs),
      ...(atMs - nowMs > CLOCK_TOLERANCE_MS ? { clock: isoInstant(nowMs) } : {}),
      actor,
      run,
      event,
    };
    const body = canonicalJson(entry);
    const hash = entryHash(head.hash, body);
    await transaction('audit_log').insert({ seq: head.seq, run, kind: event.kind, body, hash });
    await transaction('audit_head').where({ id: 1 }).update({ hash, latest_at: atMs });
    if (evidence !== undefined && 'store' in event) {
      const { store, dataset } = event;
      const { packedKeys, outcomes } = evidence;
      await transaction('audit_evidence').insert({
        seq: head.seq,
        store,
        dataset,
        batch_keys: packedKeys,
        outcomes,
      });
    }
    await also?.(transaction);
    return head.seq;
  };
  const written = async <T>(act: (transaction: Knex.Transaction) => Promise<T>): Promise<T> => {
    try {
      return await inTransaction(database, act);
    } catch (error) {
      if (error instanceof RetentionError) throw error;
      throw new RetentionError(
        'audit-unwritable',
        `the audit log cannot be written: ${withoutStatement(error)}`,
        'Nothing is disposed of without it. Check the disk and the ledger, then run again',
        { cause: error },
      );
    }
  };
  return {
    append: (event, run, more = {}) =>
      written(transaction => appendOne(transaction, { event, ...more }, run)),
    appendAll: (entries, run) =>
      written(async transaction => {
        for (const entry of entries) await appendOne(transaction, entry, run);
      }),
    head: () => readHead(database),
    entries: filter => readEntries(database, filter ?? {}),
    latest: () => readWholeHead(database),
    lastOf: async kinds => {
      const [row] = await database('audit_log')
        .whereIn('kind', [...kinds])
        .max({ seq: 'seq' });
      return Number(row?.seq ?? 0);
    },
    evidence: async seq => {
      const row = await database('audit_evidence').where({ seq }).first();
      return row === undefined ? null : toEvidence(row);
    },
    evidenceOf: (store, dataset) => readEvidenceOf(database, store, dataset),
    strayEvidence: async () => {
      const outcomes = database('audit_log').where({ kind: 'done' }).select('seq');
      const row = await database('audit_evidence').whereNotIn('seq', outcomes).orderBy('seq').first('seq');
      return row === undefined ? null : Number(row.seq);
    },
  };
}

/** A statement quotes the names that are held; what was against it stands after it. */
function withoutStatement(error: unknown): string {
  return mysqlNumber(error) === null ? (reasonOf(error).split(' - ').at(-1) ?? '') : mysqlErrorName(error);
}

/** The hash that links an entry to the one before it. */
export function entryHash(previousHash: string, body: string): string {
  return sha256(`${previousHash}\n${body}`);
}

async function readHead(database: Knex): Promise<AuditHead> {
  const { seq, hash } = await readWholeHead(database);
  return { seq, hash };
}

async function readWholeHead(database: Knex): Promise<AuditHead & { readonly atMs: number | null }> {
  const row = await database('audit_head').where({ id: 1 }).first('seq', 'hash', 'latest_at');
  const at = row?.latest_at ?? null;
  return { seq: Number(row?.seq ?? 0), hash: String(row?.hash ?? ''), atMs: at === null ? null : Number(at) };
}

async function* readEntries(database: Knex, filter: EntryFilter): AsyncGenerator<StoredEntry> {
  let after = filter.afterSeq ?? 0;
  for (;;) {
    const query = database('audit_log').where('seq', '>', after).orderBy('seq').limit(PAGE);
    if (filter.run !== undefined) query.where({ run: filter.run });
    if (filter.kind !== undefined) query.where({ kind: filter.kind });
    const rows = (await query) as StoredEntry[];
    for (const row of rows) yield { ...row, seq: Number(row.seq) };
    if (rows.length < PAGE) return;
    after = Number(rows.at(-1)?.seq);
  }
}

async function* readEvidenceOf(
  database: Knex,
  store: string,
  dataset: string,
): AsyncGenerator<StoredEvidence> {
  let after = 0;
  for (;;) {
    const rows = await database('audit_evidence')
      .where({ store, dataset })
      .where('seq', '>', after)
      .orderBy('seq')
      .limit(50);
    for (const row of rows) yield toEvidence(row);
    if (rows.length < 50) return;
    after = Number(rows.at(-1)?.seq);
  }
}

function toEvidence(row: {
  seq: unknown;
  store: string;
  dataset: string;
  batch_keys: Uint8Array | ArrayBuffer;
  outcomes: string;
}): StoredEvidence {
  // The SQLite driver gives bytes as an ArrayBuffer, which a digest does not take.
  return {
    seq: Number(row.seq),
    store: row.store,
    dataset: row.dataset,
    packedKeys: new Uint8Array(row.batch_keys),
    outcomes: row.outcomes,
  };
}
