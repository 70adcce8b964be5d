// How many records a dataset has, and how many of them no class is declared for.
import type { Knex } from 'knex';
import type { Key } from '../../policy/policy.ts';
import type { Counted, ScanRange } from '../scan-range.ts';
import type { Dialect } from './dialect.ts';
import { aliased, columnOf } from './names.ts';
import { selectRecords, type Target, toRecord } from './query.ts';
import { joinStartRows } from './start-rows.ts';
import { whereNotStarted, whereRange } from './where-range.ts';

/** Rows from which on counting them all costs others something: 0.05 us a row, and pages that push others' out. */
const WORTH_AN_ESTIMATE = 100_000;

export async function count(
  database: Knex,
  dialect: Dialect,
  target: Target,
  tags: readonly string[] | null,
  accuracy: 'exact' | 'estimate',
): Promise<Counted> {
  const all: ScanRange = { tags, which: { kind: 'all' } };
  const stored = database.from(aliased('t', target.table.place));
  whereRange(stored, dialect, target, all);
  let notStarted = 0;
  if (target.dataset.start.event === 'account-closed') {
    const open = database.from(aliased('t', target.table.place));
    if (target.source !== null) {
      const { table, on } = target.source;
      open.innerJoin(aliased('s', table.place), join => {
        for (const [ours, theirs] of Object.entries(on))
          join.on(columnOf('s', theirs), '=', columnOf('t', ours));
      });
    }
    joinStartRows(open, database, dialect, target, null);
    whereRange(open, dialect, target, all);
    whereNotStarted(open, dialect, target);
    notStarted = await countOf(open);
  }
  const { estimatedRows } = target.table;
  const isEstimate = accuracy === 'estimate' && tags === null && estimatedRows >= WORTH_AN_ESTIMATE;
  return { stored: isEstimate ? estimatedRows : await countOf(stored), isEstimate, notStarted };
}

/** Counts as `StoreReader.countValues` says it. */
export async function countValues(
  database: Knex,
  dialect: Dialect,
  { table }: Target,
  column: string,
  values: readonly string[],
): Promise<readonly { readonly value: string; readonly records: number }[] | null> {
  if (!table.indexes.some(({ columns }) => columns[0] === column)) return null;
  const isNumber = table.columns.get(column)?.type === 'integer';
  const asked = isNumber ? values.filter(value => /^-?\d{1,19}$/.test(value)) : values;
  if (asked.length === 0) return [];
  const name = columnOf('t', column);
  const rows: { value: unknown; records: unknown }[] = await database
    .from(aliased('t', table.place))
    .whereIn(name, [...asked])
    .groupBy(name)
    .select(
      database.raw('? as ??', [dialect.asText(database, name), 'value']),
      database.raw('count(*) as ??', ['records']),
    );
  return rows.map(row => ({ value: String(row.value), records: Number(row.records) }));
}

async function countOf(query: Knex.QueryBuilder): Promise<number> {
  const [row] = await query.count({ n: '*' });
  return Number(row?.n ?? 0);
}

export async function unclassified(
  database: Knex,
  dialect: Dialect,
  target: Target,
): Promise<{ count: number; samples: readonly Key[] }> {
  const { dataset } = target;
  const { tagColumn } = dataset;
  if (dataset.class.kind === 'fixed' || tagColumn === null) return { count: 0, samples: [] };
  const tags = Object.keys(dataset.class.classes);
  const narrow = (query: Knex.QueryBuilder): Knex.QueryBuilder =>
    query.where(any => any.whereNotIn(columnOf('t', tagColumn), tags).orWhereNull(columnOf('t', tagColumn)));
  const rows = await narrow(selectRecords(database, dialect, target, null)).limit(5);
  const found = await countOf(narrow(database.from(aliased('t', target.table.place))));
  return {
    count: found,
    samples: rows.map((row: Parameters<typeof toRecord>[0]) => toRecord(row, dataset).key),
  };
}
