// The audit log is what an auditor is shown: nobody may change, drop, move or add anything in it without being found.
// Every property is tried on a ledger in an SQLite file and on one in MariaDB.
import fc from 'fast-check';
import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { type AuditHead, entryHash } from '../../src/ledger/audit-log.ts';
import { type Ledger, openLedger } from '../../src/ledger/ledger.ts';
import { type Verification, verifyAudit } from '../../src/ledger/verify-audit.ts';
import { freshMysql, freshSqlite } from '../support/databases.ts';
import { sampleLog } from './sample-log.ts';

type Row = Record<string, string | number | Uint8Array | null>;
const TABLES = ['audit_log', 'audit_evidence', 'audit_head'] as const;

const kinds = [
  { kind: 'sqlite', runs: 400, fresh: async () => ledgerFile() },
  { kind: 'mariadb', runs: 200, fresh: async () => ledgerServer() },
];

async function ledgerFile(): Promise<{ at: string; knex: Knex; drop: () => Promise<void> }> {
  const { path, knex, drop } = await freshSqlite();
  await knex.raw('PRAGMA synchronous = OFF');
  return { at: path, knex, drop };
}

async function ledgerServer(): Promise<{ at: string; knex: Knex; drop: () => Promise<void> }> {
  const { url, knex, drop } = await freshMysql();
  return { at: url, knex, drop };
}

describe.each(kinds)('the audit log in $kind', ({ runs, fresh }) => {
  const rows = new Map<string, Row[]>();
  const drops: (() => Promise<void>)[] = [];
  let knex: Knex;
  let ledger: Ledger;
  let intact: Verification;

  beforeAll(async () => {
    const [place, store] = [await fresh(), await freshSqlite()];
    const small = await sampleLog(store, place.at);
    await small.close();
    knex = place.knex;
    ledger = await openLedger(place.at, systemClock, 'auditor');
    drops.push(() => ledger.close(), place.drop, store.drop);
    for (const table of TABLES) {
      const all = await knex(table).orderBy(table === 'audit_head' ? 'id' : 'seq');
      rows.set(
        table,
        all.map(row => ('batch_keys' in row ? { ...row, batch_keys: Buffer.from(row.batch_keys) } : row)),
      );
    }
    intact = await verifyAudit(ledger);
  });

  afterAll(async () => {
    for (const drop of drops) await drop();
  });

  /** Does something to the tables, verifies, and puts everything back. */
  async function harmed(
    harm: () => Promise<unknown>,
    expected: AuditHead | null = null,
  ): Promise<Verification> {
    try {
      await harm();
      return await verifyAudit(ledger, expected);
    } finally {
      await knex.transaction(async transaction => {
        for (const table of TABLES) {
          await transaction(table).delete();
          for (const row of rows.get(table) ?? []) await transaction(table).insert(row);
        }
      });
    }
  }

  const log = (): Row[] => rows.get('audit_log') ?? [];
  const last = (): number => log().length;

  test('verifies as the product wrote it', () => {
    expect(intact.broken).toBeNull();
    expect(intact).toMatchObject({ entries: last(), open: 0 });
    expect(intact.records).toBeGreaterThanOrEqual(20);
    const kindsThere = new Set(log().map(row => row.kind));
    for (const kind of [
      'plan-made',
      'run-started',
      'intended',
      'done',
      'run-ended',
      'refused',
      'hold-placed',
    ])
      expect(kindsThere).toContain(kind);
  });

  test('any changed byte of any column of any row is found, and its entry named', async () => {
    const spots = TABLES.flatMap(table =>
      (rows.get(table) ?? []).flatMap((row, index) =>
        Object.keys(row).map(column => ({ table, index, column, original: row[column] })),
      ),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...spots),
        fc.nat({ max: 1_000_000 }),
        fc.integer({ min: 1, max: 255 }),
        async ({ table, index, column, original }, at, by) => {
          const row = rows.get(table)?.[index] ?? {};
          const id = table === 'audit_head' ? { id: row.id } : { seq: row.seq };
          const { broken } = await harmed(() =>
            knex(table)
              .where(id)
              .update({ [column]: changed(original ?? null, at, by) }),
          );
          expect(broken, `${table}.${column}`).not.toBeNull();
          if (table === 'audit_head') expect(broken?.seq).toBe(last() + 1);
          else
            expect([broken?.seq, Number(/entry (\d+) is missing/.exec(broken?.why ?? '')?.[1])]).toContain(
              Number(row.seq),
            );
        },
      ),
      { numRuns: runs },
    );
  });

  test('a deleted entry is found, whichever it is', async () => {
    for (const { seq } of log()) {
      const { broken } = await harmed(() => knex('audit_log').where({ seq }).delete());
      expect(broken?.seq).toBe(Math.min(Number(seq) + 1, last()));
    }
  });

  test('deleted or smuggled-in evidence is found', async () => {
    for (const { seq } of rows.get('audit_evidence') ?? []) {
      const { broken } = await harmed(() => knex('audit_evidence').where({ seq }).delete());
      expect(broken).toEqual({ seq: Number(seq), why: 'its evidence is missing' });
    }
    const [some] = rows.get('audit_evidence') ?? [];
    for (const seq of [1, last() + 7]) {
      const { broken } = await harmed(() => knex('audit_evidence').insert({ ...some, seq }));
      expect(broken?.seq).toBe(seq);
    }
  });

  test('two entries that changed places are found at the first of them', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: last() }),
        fc.integer({ min: 1, max: last() }),
        async (a, b) => {
          fc.pre(a !== b);
          const { broken } = await harmed(async () => {
            await knex('audit_log').where({ seq: a }).update({ seq: -1 });
            await knex('audit_log').where({ seq: b }).update({ seq: a });
            await knex('audit_log').where({ seq: -1 }).update({ seq: b });
          });
          expect(broken?.seq).toBe(Math.min(a, b));
        },
      ),
      { numRuns: 20 },
    );
  });

  test('a log cut short is found, by its head or by one that was noted down', async () => {
    for (let left = 0; left < last(); left += 1) {
      const cut = async (): Promise<void> => {
        await knex('audit_log').where('seq', '>', left).delete();
        await knex('audit_evidence').where('seq', '>', left).delete();
      };
      expect((await harmed(cut)).broken?.seq).toBe(left + 1);
      const behead = async (): Promise<void> => {
        await cut();
        await knex('audit_head').update({ seq: left, hash: left === 0 ? '' : log()[left - 1]?.hash });
      };
      expect((await harmed(behead, intact.head)).broken?.seq).toBe(left + 1);
    }
  });

  test('a log written anew with right hashes is found by the head that was noted down', async () => {
    const forge = async (): Promise<void> => {
      let hash = '';
      for (const { seq, body } of log()) {
        const forged = String(body).replaceAll('"tester"', '"nobody"');
        hash = entryHash(hash, forged);
        await knex('audit_log').where({ seq }).update({ body: forged, hash });
      }
      await knex('audit_head').update({ hash });
    };
    expect((await harmed(forge)).broken).toBeNull();
    expect((await harmed(forge, intact.head)).broken?.seq).toBe(last());
  });
});

/** The value with one byte changed, or for a number another number. */
function changed(value: Row[string] | null, at: number, by: number): string | number | Buffer {
  if (value === null || value === undefined) return 'x';
  if (typeof value === 'number') return value + by * 1000;
  if (value instanceof Uint8Array) {
    const bytes = Buffer.from(value);
    const index = at % bytes.length;
    bytes[index] = (bytes[index] ?? 0) ^ by;
    return bytes;
  }
  if (/^\d{1,18}$/.test(value)) return String(Number(value) + by * 1000);
  const index = at % Math.max(1, value.length);
  const code = 33 + ((value.charCodeAt(index) + by) % 90);
  const other = code === value.charCodeAt(index) ? '~' : String.fromCharCode(code);
  return `${value.slice(0, index)}${other}${value.slice(index + 1)}`;
}
