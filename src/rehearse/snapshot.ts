// What stood in the stores before a run, and what stands there after it: a digest for each row, in a scratch file, so that
// memory does not grow with the stores. Holds no values of rows but their keys.
import { createHash } from 'node:crypto';
import { openSqliteFile } from '../knex-sqlite.ts';
import { joinKeys, keyText } from '../policy/key-text.ts';
import type { WholeRow, WholeTable } from '../stores/whole-table.ts';

/** How the rows of a table are looked at. */
export interface Sight {
  /** What tells a row apart; null: all of its columns, and how often they are there. */
  readonly key: readonly string[] | null;
  /** Columns that the run may change in rows that it says so of. */
  readonly mayChange: ReadonlySet<string>;
  /** Keys identify people, and the audit log has them hashed. */
  readonly hashKey: string | null;
}

/** A row that is not as it was. `kept`: no column but those that may change has. */
export interface ChangedRow {
  readonly id: string;
  readonly was: number;
  readonly is: number;
  readonly kept: boolean;
}

/** What the audit log says became of a row. */
export type Said = 'purged' | 'flagged' | 'anonymised';

export interface Snapshots {
  readonly take: (when: 'before' | 'after', at: string, table: WholeTable, sight: Sight) => Promise<void>;
  /** Tables of either time, by name. */
  readonly tables: () => Promise<readonly { readonly at: string; readonly isKeyed: boolean }[]>;
  readonly rows: (when: 'before' | 'after', table: string) => Promise<number>;
  /** Rows of a table that were there and are not, are there and were not, or differ; in pages. */
  readonly changes: (table: string) => AsyncIterable<readonly ChangedRow[]>;
  /** Notes what the audit log says of rows. */
  readonly say: (table: string, ids: readonly string[], did: Said) => Promise<void>;
  readonly saidOf: (table: string, ids: readonly string[]) => Promise<ReadonlyMap<string, Said>>;
  /** Rows that the audit log says are gone and that are there: how many, and a few of them. */
  readonly goneAndThere: (
    table: string,
  ) => Promise<{ readonly count: number; readonly samples: readonly string[] }>;
  readonly close: () => Promise<void>;
}

const PAGE_ROWS = 1000;

/** So many rows are named where something is wrong with more. */
export const SAMPLES = 5;

export async function openSnapshots(file: string): Promise<Snapshots> {
  const database = openSqliteFile(file, ['PRAGMA journal_mode = OFF', 'PRAGMA synchronous = OFF']);
  for (const when of ['before', 'after'])
    await database.raw(
      `CREATE TABLE ${when} (at TEXT, id TEXT, whole TEXT, kept TEXT, n INTEGER, PRIMARY KEY (at, id)) WITHOUT ROWID`,
    );
  await database.raw('CREATE TABLE seen (at TEXT PRIMARY KEY, keyed INTEGER)');
  await database.raw('CREATE TABLE said (at TEXT, id TEXT, did TEXT, PRIMARY KEY (at, id)) WITHOUT ROWID');
  return {
    take: async (when, at, table, sight) => {
      await database.raw('INSERT OR IGNORE INTO seen VALUES (?, ?)', [at, sight.key === null ? 0 : 1]);
      for await (const page of table.rows()) {
        if (page.length === 0) continue;
        await database.transaction(async transaction => {
          for (const row of page) {
            const { id, whole, kept } = seen(row, table, sight);
            await transaction.raw(
              `INSERT INTO ${when} VALUES (?, ?, ?, ?, 1) ON CONFLICT DO UPDATE SET n = n + 1`,
              [at, id, whole, kept],
            );
          }
        });
      }
    },
    tables: async () =>
      (await database('seen').orderBy('at')).map((row: { at: string; keyed: number }) => ({
        at: row.at,
        isKeyed: row.keyed === 1,
      })),
    rows: async (when, at) => Number((await database(when).where({ at }).sum({ n: 'n' }))[0]?.n ?? 0),
    changes: at => changesOf(database, at),
    say: (at, ids, did) =>
      database.transaction(async transaction => {
        for (const id of ids)
          await transaction.raw('INSERT OR REPLACE INTO said VALUES (?, ?, ?)', [at, id, did]);
      }),
    saidOf: async (at, ids) => {
      const rows: { id: string; did: Said }[] = await database('said').where({ at }).whereIn('id', ids);
      return new Map(rows.map(({ id, did }) => [id, did]));
    },
    goneAndThere: async at => {
      const there = database('said')
        .join('after', join => join.on('after.at', 'said.at').andOn('after.id', 'said.id'))
        .where({ 'said.at': at, did: 'purged' });
      const samples = await there.clone().limit(SAMPLES).select('said.id');
      const [counted] = await there.count({ n: '*' });
      return { count: Number(counted?.n ?? 0), samples: samples.map((row: { id: string }) => row.id) };
    },
    close: () => database.destroy(),
  };
}

async function* changesOf(
  database: ReturnType<typeof openSqliteFile>,
  at: string,
): AsyncGenerator<readonly ChangedRow[]> {
  let after = '';
  for (;;) {
    const rows: { id: string; was: number | null; now: number | null; kept: number }[] = await database.raw(
      `SELECT id, max(was) AS was, max(now) AS now, max(kept) AS kept FROM (
         SELECT b.id, b.n AS was, a.n AS now, a.kept IS b.kept AS kept FROM before b LEFT JOIN after a ON a.at = b.at AND a.id = b.id
          WHERE b.at = ? AND b.id > ? AND (a.id IS NULL OR a.whole <> b.whole OR a.n <> b.n)
         UNION ALL
         SELECT a.id, NULL, a.n, 0 FROM after a WHERE a.at = ? AND a.id > ? AND NOT EXISTS (SELECT 1 FROM before b WHERE b.at = a.at AND b.id = a.id)
       ) GROUP BY id ORDER BY id LIMIT ${PAGE_ROWS}`,
      [at, after, at, after],
    );
    if (rows.length === 0) return;
    yield rows.map(row => ({ id: row.id, was: row.was ?? 0, is: row.now ?? 0, kept: row.kept === 1 }));
    after = rows.at(-1)?.id ?? after;
  }
}

function seen(row: WholeRow, table: WholeTable, sight: Sight): { id: string; whole: string; kept: string } {
  const given = table.columns.filter(one => one.written !== 'worked-out');
  const digest = (columns: readonly string[]): string =>
    createHash('sha256')
      .update(joinKeys(columns.map(column => JSON.stringify([column, row[column] ?? null]))))
      .digest('base64url')
      .slice(0, 22);
  const whole = digest(given.map(one => one.name));
  const kept = digest(
    given.filter(one => one.written === 'given' && !sight.mayChange.has(one.name)).map(one => one.name),
  );
  const { key } = sight;
  const id =
    key === null
      ? whole
      : keyText(
          key.map(column => row[column] ?? ''),
          sight.hashKey,
        );
  return { id, whole, kept };
}
