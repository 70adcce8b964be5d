// All tables of an SQLite file.
import type { Knex } from 'knex';
import type { TableName } from '../../policy/table-name.ts';
import type { Inventory, InventoryDetail } from '../inventory.ts';
import { sealed } from '../sql/names.ts';
import { folded } from './foreign-keys.ts';

/** Rows are counted, since there are no statistics. */
export async function inventory(
  database: Knex,
  mapped: readonly TableName[],
  detail: InventoryDetail,
): Promise<Inventory> {
  const tables: { name: string }[] = await database.raw(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
  );
  const holdings: Inventory['holdings'][number][] = [];
  for (const { name: at } of tables) {
    const own = mapped.filter(one => folded(one) === folded({ database: null, name: at }));
    if (detail === 'names') {
      holdings.push({ at, mappedAs: own, records: null, columns: [] });
      continue;
    }
    const [counted]: { n: number }[] = await database.raw('SELECT count(*) AS n FROM ??', [sealed(at)]);
    const columns: { name: string; type: string }[] = await database.raw('PRAGMA table_info(??)', [
      sealed(at),
    ]);
    holdings.push({
      at,
      mappedAs: own,
      records: Number(counted?.n ?? 0),
      columns: columns.map(({ name, type }) => ({ name, isDate: /DATE|TIME/i.test(type) })),
    });
  }
  return { holdings, unseen: null };
}
