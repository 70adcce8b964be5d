// All tables of the databases that a store's datasets stand in, as far as this user may see them.
import type { Knex } from 'knex';
import { shownTable, type TableName } from '../../policy/table-name.ts';
import type { HeldColumn, Inventory, InventoryDetail } from '../inventory.ts';
import { type Ask, askOf } from './ask.ts';
import { HOLDING_ROWS, readingsOf } from './describe.ts';
import { comparing } from './foreign-keys.ts';
import { seenInPart } from './rights.ts';

/** `mapped`: the tables of its datasets. */
export async function inventory(
  database: Knex,
  mapped: readonly TableName[],
  detail: InventoryDetail,
): Promise<Inventory> {
  const ask = askOf(database);
  const own = String((await ask('SELECT DATABASE() AS home'))[0]?.home);
  const names = await comparing(ask);
  const byPlace = new Map<string, TableName[]>();
  const homes = new Set([own]);
  for (const one of mapped)
    for (const place of readingsOf(one)) {
      byPlace.set(names.idOf(place), [...(byPlace.get(names.idOf(place)) ?? []), one]);
      if (place.database !== null) homes.add(place.database);
    }
  const among = `TABLE_SCHEMA IN (${[...homes].map(() => '?').join(', ')})`;
  const tables = await ask(
    `SELECT TABLE_SCHEMA AS home, TABLE_NAME AS name${detail === 'all' ? ', TABLE_ROWS AS estimated' : ''} FROM information_schema.TABLES WHERE ${among} AND ${HOLDING_ROWS} ORDER BY TABLE_SCHEMA, TABLE_NAME`,
    [...homes],
  );
  const columns =
    detail === 'all' ? await columnsOf(ask, among, [...homes]) : new Map<string, HeldColumn[]>();
  const blind =
    detail === 'all'
      ? await seenInPart(ask, [...new Set([own, ...tables.map(({ home }) => String(home))])])
      : [];
  return {
    holdings: tables.map(({ home, name, estimated = null }) => {
      const place = { database: String(home), name: String(name) };
      return {
        at: shownTable(names.named(place)),
        mappedAs: byPlace.get(names.idOf(place)) ?? [],
        records: detail === 'all' ? Number(estimated ?? 0) : null,
        columns: columns.get(JSON.stringify([home, name])) ?? [],
      };
    }),
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
    const id = JSON.stringify([home, name]);
    const known = byTable.get(id);
    if (known === undefined) byTable.set(id, [column]);
    else known.push(column);
  }
  return byTable;
}
