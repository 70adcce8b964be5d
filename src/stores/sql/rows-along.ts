// Rows of other tables that go with records, or are changed with them, by foreign key: asked about only where some can be.
import type { Knex } from 'knex';
import type { Disposition, Key } from '../../policy/policy.ts';
import type { ChildCounts } from '../child-table.ts';
import { writtenColumns } from './check-masks.ts';
import { type Along, beginningsOf, countReached } from './count-reached.ts';
import type { Dialect } from './dialect.ts';
import type { Target } from './query.ts';
import { recordRows, rowsBelow } from './rows-below.ts';

interface Asking {
  readonly connection: Knex;
  readonly dialect: Dialect;
}

/** The server did not take along what refers to the rows that went: thrown so that they are put back. */
export class RowsLeftBehind extends Error {
  readonly table: string;

  constructor(table: string) {
    super(`rows of ${table} would refer to nothing`);
    this.table = table;
  }
}

const NOTHING_ALONG: Along = { counts: {}, leftBehind: async () => null };

/** Rows of other tables that go with these or are changed by foreign key; nobody asks where none can be. */
export async function alongWith(
  { connection, dialect }: Asking,
  target: Target,
  keys: readonly Key[],
  locked: boolean,
): Promise<Along> {
  const beginnings = beginningsOf(target, recordRows(connection, target, keys), rowsBelow);
  if (beginnings.every(({ table }) => table.deleting.rows.length === 0)) return NOTHING_ALONG;
  return countReached({ connection, dialect, target, going: keys, locked }, beginnings);
}

/** Rows of other tables that a foreign key changes along with what is written to these. */
export async function countChanged(
  { connection, dialect }: Asking,
  target: Target,
  keys: readonly Key[],
  disposition: Disposition,
  locked: boolean,
): Promise<ChildCounts> {
  const { table } = target;
  if (keys.length === 0 || table.updating.rows.length === 0) return {};
  const columns = writtenColumns(target.dataset, [disposition]);
  const rows = recordRows(connection, target, keys);
  const counting = { connection, dialect, target, going: [], locked };
  return (await countReached(counting, [{ rows, table, columns }])).counts;
}
