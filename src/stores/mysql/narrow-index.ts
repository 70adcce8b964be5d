// Whether a scan reads few enough rows to go along the start's index, told from the server's own estimate. Everything
// else follows the key: a sort for every page of a large range would read it over and over.
import type { Knex } from 'knex';
import type { ScanRange } from '../scan-range.ts';
import type { Dialect } from '../sql/dialect.ts';
import { aliasOf, columnOf, sealed, tableOf } from '../sql/names.ts';
import type { Target } from '../sql/query.ts';
import { whereRange } from '../sql/where-range.ts';

/** Rows are sorted by key for each page of some hundreds: at this many, that is some twenty sorts of them. */
const FEW_ROWS = 10_000;

/** The name of the start's index where the range is narrow in it; null where there is none, or it is not. */
export async function narrowIndex(
  database: Knex,
  dialect: Dialect,
  target: Target,
  range: ScanRange,
): Promise<string | null> {
  if (target.source !== null || target.rows !== null || range.which.kind === 'all') return null;
  const { dataset, table } = target;
  const index = table.indexes.find(({ columns }) => columns[0] === dataset.startColumn);
  if (index === undefined) return null;
  const query = database
    .from(database.raw('?? as ?? force index (??)', [tableOf(table.place), aliasOf('t'), sealed(index.name)]))
    .select(columnOf('t', dataset.startColumn));
  whereRange(query, dialect, target, range);
  const [[plan]] = await database.raw('explain ?', [query]);
  // No index at all: the condition on the start is one of several, and the others have to be looked for everywhere.
  if (plan.type === 'ALL' || plan.type === 'index') return null;
  return Number(plan.rows ?? 0) <= FEW_ROWS ? index.name : null;
}
