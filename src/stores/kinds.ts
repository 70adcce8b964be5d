// The one list of store kinds. A new kind is one line here.
import { openFilesystem, openFilesystemReader, openWholeFilesystem } from './filesystem.ts';
import { openMysql, openMysqlReader, openWholeMysql } from './mysql.ts';
import { openSqlite, openSqliteReader, openWholeSqlite } from './sqlite.ts';
import type { Store, StoreKind, StoreMap, StoreReader } from './store.ts';
import type { WholeStore } from './whole-table.ts';

export interface Kind {
  readonly openReader: (map: StoreMap, at: string) => StoreReader;
  /** `replicasAt`: where each replica is that the data map names, in its order. */
  readonly open: (map: StoreMap, at: string, hashKey: string, replicasAt?: readonly string[]) => Store;
  /** Everything that stands in the store, for a rehearsal. */
  readonly openWhole: (map: StoreMap, at: string) => WholeStore;
}

export const kinds: Readonly<Record<StoreKind, Kind>> = {
  mysql: { openReader: openMysqlReader, open: openMysql, openWhole: openWholeMysql },
  sqlite: { openReader: openSqliteReader, open: openSqlite, openWhole: openWholeSqlite },
  filesystem: { openReader: openFilesystemReader, open: openFilesystem, openWhole: openWholeFilesystem },
};
