// SQLite keeps the contract of a store, and the suites of the SQL stores.
import { freshSqlite } from '../support/databases.ts';
import { sqliteFixture } from '../support/sql-fixture.ts';
import { sqlMap } from '../support/store-maps.ts';
import { contractDatasets, putRecords, storedNames } from './sql-contract.ts';
import { describeSqlDispose } from './sql-dispose.ts';
import { describeSqlGone } from './sql-gone.ts';
import { describeSqlKeys } from './sql-keys.ts';
import { describeSqlNamed } from './sql-named.ts';
import { describeSqlStarts } from './sql-starts.ts';
import { describeStore } from './store-contract.ts';

describeStore('sqlite', async () => {
  const { path, knex, drop } = await freshSqlite();
  await knex.raw('CREATE TABLE records (name TEXT PRIMARY KEY, recorded TEXT NOT NULL)');
  return {
    map: sqlMap('sqlite', contractDatasets),
    at: path,
    nowhere: '/no/such/folder/store.sqlite',
    put: records => putRecords(knex, records),
    absentAs: 'gone',
    names: () => storedNames(knex),
    drop,
  };
});

describeSqlGone('sqlite', sqliteFixture);
describeSqlKeys('sqlite', sqliteFixture);
describeSqlStarts('sqlite', sqliteFixture);
describeSqlDispose('sqlite', sqliteFixture);
describeSqlNamed('sqlite', sqliteFixture);
