// MySQL and MariaDB keep the contract of a store, and the suites of the SQL stores.
import { freshMysql } from '../support/databases.ts';
import { mysqlFixture } from '../support/sql-fixture.ts';
import { sqlMap } from '../support/store-maps.ts';
import { contractDatasets, putRecords, storedNames } from './sql-contract.ts';
import { describeSqlDispose } from './sql-dispose.ts';
import { describeSqlGone } from './sql-gone.ts';
import { describeSqlKeys } from './sql-keys.ts';
import { describeSqlNamed } from './sql-named.ts';
import { describeSqlStarts } from './sql-starts.ts';
import { describeStore } from './store-contract.ts';

describeStore('mysql', async () => {
  const { url, knex, drop } = await freshMysql();
  await knex.raw('CREATE TABLE records (name VARCHAR(190) PRIMARY KEY, recorded DATETIME(3) NOT NULL)');
  return {
    map: sqlMap('mysql', contractDatasets),
    at: url,
    nowhere: 'mysql://nobody@127.0.0.1:9/nothing',
    put: records => putRecords(knex, records),
    absentAs: 'gone',
    names: () => storedNames(knex),
    drop,
  };
});

describeSqlGone('mysql', mysqlFixture);
describeSqlKeys('mysql', mysqlFixture);
describeSqlStarts('mysql', mysqlFixture);
describeSqlDispose('mysql', mysqlFixture);
describeSqlNamed('mysql', mysqlFixture);
