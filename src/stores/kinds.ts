// The one list of store kinds. A new kind is one line here.
import { openFilesystem, openFilesystemReader } from './filesystem.ts';
import { openMysql, openMysqlReader } from './mysql.ts';
import { openSqlite, openSqliteReader } from './sqlite.ts';
import type { Store, StoreKind, StoreMap, StoreReader } from './store.ts';

export interface Kind {
  readonly openReader: (map: StoreMap, at: string) => StoreReader;
  /** `replicasAt`: where each replica is that the data map names, in its order. */
  readonly open: (map: StoreMap, at: string, hashKey: string, replicasAt?: readonly string[]) => Store;
}

export const kinds: Readonly<Record<StoreKind, Kind>> = {
  mysql: { openReader: openMysqlReader, open: openMysql },
  sqlite: { openReader: openSqliteReader, open: openSqlite },
  filesystem: { openReader: openFilesystemReader, open: openFilesystem },
};
