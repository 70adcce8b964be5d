// Walks a table without a key: along the start, a window of starts at a time, each row with its number among those that
// are the same as it. Copies stand side by side, and never in two windows.
import type { Knex } from 'knex';
import type { StoredRecord } from '../../policy/record.ts';
import type { ScanRange } from '../scan-range.ts';
import type { Dialect } from './dialect.ts';
import { numberCopies } from './number-copies.ts';
import { bindPart, selectRecords, startColumn, type Target, toRecord } from './query.ts';
import { whereRange } from './where-range.ts';

/** Rows held at a time, some 5 MB. Fewer would have a table without an index on the start read more often. */
const WINDOW_ROWS = 5000;

/** Where a window begins: at a start, or after it. */
interface Edge {
  readonly operator: '>=' | '>';
  readonly start: string;
}

interface Walk {
  readonly database: Knex;
  readonly dialect: Dialect;
  readonly target: Target;
  readonly range: ScanRange;
  readonly identity: NonNullable<Target['identity']>;
  readonly follow: string | null;
}

export async function* scanRows(
  database: Knex,
  dialect: Dialect,
  target: Target,
  range: ScanRange,
): AsyncGenerator<readonly StoredRecord[]> {
  const { identity, dataset, table } = target;
  if (identity === null) throw new Error(`dataset ${dataset.name} has a key`);
  const index = table.indexes.find(({ columns }) => columns[0] === dataset.startColumn);
  const walk = { database, dialect, target, range, identity, follow: index?.name ?? null };
  // Of a column that takes no NULL, IS NULL is true of zero dates, which stand at the head of the walk.
  if (table.columns.get(dataset.startColumn)?.nullable === true) yield* rowsOfStart(walk, null);
  let from: Edge | null = null;
  for (;;) {
    const end: string | null = await startAfterWindow(walk, from);
    if (end !== null && from?.operator === '>=' && from.start === end) {
      yield* rowsOfStart(walk, end);
      from = { operator: '>', start: end };
      continue;
    }
    const page = await readWindow(walk, from, end);
    if (page.length > 0) yield page;
    if (end === null) return;
    from = { operator: '>=', start: end };
  }
}

/** The start of the first row that is too many for a window; null where all that is left fits. */
async function startAfterWindow(walk: Walk, from: Edge | null): Promise<string | null> {
  const start = startColumn(walk.target);
  // Without the digest: it would be worked out for all that is skipped.
  const only = walk.database.raw('? as ??', [
    walk.dialect.asText(walk.database, start, walk.target.table.columns.get(walk.target.dataset.startColumn)),
    'start',
  ]);
  const query = select(walk, from).clearSelect().select(only).whereNotNull(start).orderBy(start);
  const [row] = await query.offset(WINDOW_ROWS).limit(1);
  return row === undefined ? null : toRecord(row, walk.target.dataset).start.value;
}

async function readWindow(walk: Walk, from: Edge | null, end: string | null): Promise<StoredRecord[]> {
  const { target } = walk;
  const start = startColumn(target);
  const query = select(walk, from).whereNotNull(start).orderBy([start, 'k1']);
  if (end !== null) query.where(start, '<', bound(query, target, end));
  return numberCopies(
    (await query).map((row: Parameters<typeof toRecord>[0]) => toRecord(row, target.dataset)),
  );
}

/** Rows of one start that may be more than a window holds: those that have none, say. They follow their digests. */
async function* rowsOfStart(walk: Walk, at: string | null): AsyncGenerator<readonly StoredRecord[]> {
  const { target, identity } = walk;
  let [digest, seen] = ['', 0];
  for (;;) {
    const query = select(walk, null).orderBy('k1').offset(seen).limit(WINDOW_ROWS);
    if (at === null) query.whereNull(startColumn(target));
    else query.where(startColumn(target), bound(query, target, at));
    if (digest !== '') query.whereRaw('? >= ?', [identity(walk.database, 't'), digest]);
    const rows: Parameters<typeof toRecord>[0][] = await query;
    const page = rows.map(row => {
      const record = toRecord(row, target.dataset);
      const [start = '', own = ''] = record.key;
      seen = own === digest ? seen + 1 : 1;
      digest = own;
      return { ...record, key: [start, own, String(seen)] };
    });
    if (page.length > 0) yield page;
    if (page.length < WINDOW_ROWS) return;
  }
}

function select(walk: Walk, from: Edge | null): Knex.QueryBuilder {
  const { database, dialect, target, range, follow } = walk;
  const query = selectRecords(database, dialect, target, follow);
  whereRange(query, dialect, target, range);
  if (from !== null) query.where(startColumn(target), from.operator, bound(query, target, from.start));
  return query;
}

/** A start as its column compares it: it is the first part of the key. */
function bound(query: Knex.QueryBuilder, target: Target, start: string): string {
  return bindPart(query.client, target, 0, start) as string;
}
