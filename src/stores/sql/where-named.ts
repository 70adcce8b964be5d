// Narrows a selection to rows that may name certain files. It may leave more than those, never fewer: what the rows really
// name is for whoever resolves it.
import type { Knex } from 'knex';
import type { Naming } from '../../policy/naming.ts';
import { startBound } from '../../policy/start.ts';
import type { Dialect } from './dialect.ts';
import { columnOf } from './names.ts';
import { startColumn, type Target } from './query.ts';

/** Namings in one query. Each has a few values, and SQLite takes no more than 32,766. */
const MOST_NAMINGS = 2000;

/** As many at a time as one query is to be about. */
export function* inSlices(namings: readonly Naming[]): Generator<readonly Naming[]> {
  for (let from = 0; from < namings.length; from += MOST_NAMINGS)
    yield namings.slice(from, from + MOST_NAMINGS);
}

/** There is at least one naming, and all are of one template. */
export function whereNamed(
  query: Knex.QueryBuilder,
  dialect: Dialect,
  target: Target,
  namings: readonly Naming[],
): void {
  const columns = new Set(namings.flatMap(naming => Object.keys(naming.columns)));
  for (const column of columns) {
    const texts = new Set<string>();
    const stems = new Set<string>();
    for (const naming of namings) {
      const text = naming.columns[column];
      if (text !== undefined) (naming.anyEnding === column ? stems : texts).add(text);
    }
    query.where(any => {
      // Texts that no value of the column can have leave nothing else to compare with.
      any.whereRaw('0 = 1');
      orWhereTexts(any, dialect, target, column, [...texts, ...stems]);
      if (stems.size > 0) orWhereStems(any, dialect, target, column, [...stems]);
    });
  }
  whereStarts(query, dialect, target, namings);
}

/** The column's text, as a record has it, is one of these. */
function orWhereTexts(
  query: Knex.QueryBuilder,
  dialect: Dialect,
  target: Target,
  column: string,
  texts: readonly string[],
): void {
  const type = target.table.columns.get(column)?.type;
  const name = columnOf('t', column);
  const client = query.client;
  if (type === 'text') {
    query.orWhereIn(name, [...texts]);
    return;
  }
  const isPlain = (text: string): boolean => type === 'integer' && /^-?\d{1,40}$/.test(text);
  const numbers = texts.filter(isPlain);
  if (numbers.length > 0) query.orWhereIn(name, numbers.map(text => client.raw(text)) as unknown as string[]);
  const others = texts.filter(text => !isPlain(text));
  const compared = type === undefined ? null : dialect.comparedText(client, name, type);
  if (others.length > 0 && compared !== null)
    query.orWhereRaw(`? in (${others.map(() => '?').join(', ')})`, [compared, ...others]);
}

/** The column's text is one of these and an ending. An index is asked for each; without one, one look at a row does for all. */
function orWhereStems(
  query: Knex.QueryBuilder,
  dialect: Dialect,
  target: Target,
  column: string,
  stems: readonly string[],
): void {
  const name = columnOf('t', column);
  if (target.table.indexes.some(index => index.columns[0] === column)) {
    for (const stem of stems)
      query.orWhereRaw(`?? like ? escape '|'`, [name, `${stem.replace(/[|%_]/g, '|$&')}.%`]);
    return;
  }
  query.orWhereRaw(`? in (${stems.map(() => '?').join(', ')})`, [
    dialect.toLastDot(query.client, name),
    ...stems.map(stem => `${stem}.`),
  ]);
}

/** Where every naming says when its row started, the start's index finds those. */
function whereStarts(
  query: Knex.QueryBuilder,
  dialect: Dialect,
  target: Target,
  namings: readonly Naming[],
): void {
  let [fromMs, beforeMs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { starts } of namings) {
    if (starts === null) return;
    fromMs = Math.min(fromMs, starts.fromMs);
    beforeMs = Math.max(beforeMs, starts.beforeMs);
  }
  const spec = target.dataset.start;
  const [from, before] = [startBound(fromMs, spec), startBound(beforeMs, spec)];
  if (from === null || before === null) return;
  query
    .where(startColumn(target), '>=', dialect.widen(from, spec.unit, 'from'))
    .where(startColumn(target), '<', dialect.widen(before, spec.unit, 'before'));
}
