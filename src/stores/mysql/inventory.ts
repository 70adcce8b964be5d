// All tables of the databases that a store's datasets stand in, as far as this user may see them.
import type { Knex } from 'knex';
import type { HeldColumn, Inventory, InventoryDetail } from '../inventory.ts';
import { type Ask, askOf } from './ask.ts';
import { seenInPart } from './rights.ts';

/** Kinds of table that hold rows; a view holds those of others. */
const HOLDING_ROWS = "TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')";

/** `mapped`: the tables of its datasets, `schema.table` where one stands in another database than the store's own. */
export async function inventory(
  database: Knex,
  mapped: readonly string[],
  detail: InventoryDetail,
): Promise<Inventory> {
  const ask = askOf(database);
  const own = String((await ask('SELECT DATABASE() AS home'))[0]?.home);
  const elsewhere = mapped.flatMap(at => (at.includes('.') ? (at.split('.', 1)[0] ?? []) : []));
  const homes = [...new Set([own, ...elsewhere])];
  const among = `TABLE_SCHEMA IN (${homes.map(() => '?').join(', ')})`;
  const tables = await ask(
    `SELECT TABLE_SCHEMA AS home, TABLE_NAME AS name${detail === 'all' ? ', TABLE_ROWS AS estimated' : ''} FROM information_schema.TABLES WHERE ${among} AND ${HOLDING_ROWS} ORDER BY TABLE_SCHEMA, TABLE_NAME`,
    homes,
  );
  const columns = detail === 'all' ? await columnsOf(ask, among, homes) : new Map<string, HeldColumn[]>();
  const blind = detail === 'all' ? await seenInPart(ask, homes) : [];
  return {
    holdings: tables.map(({ home, name, estimated = null }) => ({
      at: home === own ? String(name) : `${home}.${name}`,
      records: detail === 'all' ? Number(estimated ?? 0) : null,
      columns: columns.get(`${home}.${name}`) ?? [],
    })),
    unseen:
      blind.length === 0
        ? null
        : `this user sees those tables of ${blind.join(', ')} only that it has rights on: GRANT REFERENCES ON *.* shows the others, and lets it neither read nor change anything`,
  };
}

async function columnsOf(
  ask: Ask,
  among: string,
  homes: readonly string[],
): Promise<ReadonlyMap<string, HeldColumn[]>> {
  const rows = await ask(
    `SELECT TABLE_SCHEMA AS home, TABLE_NAME AS name, COLUMN_NAME AS col, DATA_TYPE AS type FROM information_schema.COLUMNS WHERE ${among} ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION`,
    homes,
  );
  const byTable = new Map<string, HeldColumn[]>();
  for (const { home, name, col, type } of rows) {
    const column = { name: String(col), isDate: /^(date|datetime|timestamp)$/.test(String(type)) };
    const known = byTable.get(`${home}.${name}`);
    if (known === undefined) byTable.set(`${home}.${name}`, [column]);
    else known.push(column);
  }
  return byTable;
}
