// The tables that a write reaches by foreign key: how their rows are told apart to be counted, and whether a history keeps
// them. For what a foreign key does there, neither MySQL nor MariaDB sets off a trigger (tried on 9.7 and 10.11).
import type { TableName } from '../../policy/table-name.ts';
import type { Around } from '../sql/around.ts';
import type { ColumnType } from '../sql/dialect.ts';
import type { Reached } from '../sql/foreign-keys.ts';
import type { Ask } from './ask.ts';
import { missingOn } from './rights.ts';

export async function aroundOf(
  ask: Ask,
  idOf: (table: TableName) => string,
  reached: readonly Reached[],
  typeOf: (type: string) => ColumnType,
): Promise<ReadonlyMap<string, Around>> {
  const around = new Map<string, Around>();
  for (const { table } of reached)
    if (!around.has(idOf(table))) around.set(idOf(table), await lookAt(ask, table, typeOf));
  return around;
}

async function lookAt(
  ask: Ask,
  { database, name }: TableName,
  typeOf: (type: string) => ColumnType,
): Promise<Around> {
  const at = [database, name];
  const where = 'TABLE_SCHEMA = ? AND TABLE_NAME = ?';
  const [table] = await ask(`SELECT TABLE_TYPE AS type FROM information_schema.TABLES WHERE ${where}`, at);
  const columns = await ask(
    `SELECT COLUMN_NAME AS name, DATA_TYPE AS type FROM information_schema.COLUMNS WHERE ${where}`,
    at,
  );
  const primary = await ask(
    `SELECT COLUMN_NAME AS name FROM information_schema.STATISTICS WHERE ${where} AND INDEX_NAME = 'PRIMARY' AND SUB_PART IS NULL ORDER BY SEQ_IN_INDEX`,
    at,
  );
  return {
    isReadable: (await missingOn(ask, String(database), name, ['SELECT'])).length === 0,
    keepsHistory: table?.type === 'SYSTEM VERSIONED',
    deleteTriggers: [],
    updateTriggers: [],
    rowKey: primary.length === 0 ? null : primary.map(column => String(column.name)),
    types: new Map(columns.map(column => [String(column.name), typeOf(String(column.type))])),
  };
}
