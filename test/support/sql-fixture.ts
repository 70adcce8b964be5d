// What the SQL suites work on: one fresh database, and a way to open it as a store with the datasets of a test.
import type { Knex } from 'knex';
import { kinds } from '../../src/stores/kinds.ts';
import type { Order } from '../../src/stores/order.ts';
import type { Dataset, Store, StoreReader } from '../../src/stores/store.ts';
import { freshMysql, freshSqlite } from './databases.ts';
import { type DatasetFile, datasetNamed, sqlMap } from './store-maps.ts';

export interface OpenedSql {
  readonly reader: StoreReader;
  readonly store: Store;
  readonly dataset: (name: string) => Dataset;
  /** An order for keys of the first dataset. */
  readonly order: (disposition: Order['disposition'], keys: readonly (readonly string[])[]) => Order;
}

export interface SqlFixture {
  readonly kind: 'mysql' | 'sqlite';
  readonly at: string;
  /** A connection behind the product's back. */
  readonly knex: Knex;
  readonly open: (...datasets: DatasetFile[]) => OpenedSql;
  readonly drop: () => Promise<void>;
}

export const HASH_KEY = 'a key for tests';

export async function mysqlFixture(): Promise<SqlFixture> {
  const database = await freshMysql();
  return fixture('mysql', database.url, database.knex, database.drop);
}

export async function sqliteFixture(): Promise<SqlFixture> {
  const database = await freshSqlite();
  return fixture('sqlite', database.path, database.knex, database.drop);
}

function fixture(kind: SqlFixture['kind'], at: string, knex: Knex, drop: () => Promise<void>): SqlFixture {
  const opened: { close: () => Promise<void> }[] = [];
  return {
    kind,
    at,
    knex,
    open: (...datasets) => {
      const map = sqlMap(kind, datasets);
      const reader = kinds[kind].openReader(map, at);
      const store = kinds[kind].open(map, at, HASH_KEY);
      opened.push(reader, store);
      const [first] = map.datasets;
      if (first === undefined) throw new Error('a map without datasets');
      return {
        reader,
        store,
        dataset: name => datasetNamed(map, name),
        order: (disposition, keys) => ({ dataset: first, disposition, keys, children: [] }),
      };
    },
    drop: async () => {
      await Promise.all(opened.map(one => one.close()));
      await drop();
    },
  };
}
