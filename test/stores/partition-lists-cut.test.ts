// Lists of the keys of a partition that are as long as the server gives any text: what has to be told apart in them makes none
// of them longer, and no dataset is refused for it.
import { afterEach, expect, test } from 'vitest';
import { kinds } from '../../src/stores/kinds.ts';
import { type FreshMysql, freshMysql } from '../support/databases.ts';
import { type MysqlServer, startServer } from '../support/mysql-server.ts';
import { datasetNamed, sqlMap } from '../support/store-maps.ts';
import { thisFlavour } from '../support/this-server.ts';

const start = { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' } as const;
/** With 64 letters to a key and a line's end each, one mark for each is more than the server gives. */
const ROWS = 1000;

let server: MysqlServer | undefined;
let database: FreshMysql | undefined;

afterEach(async () => {
  await database?.drop();
  await server?.stop();
});

test('a full list with records in it that are set apart comes whole, in two', async () => {
  server = await startServer(thisFlavour(), ['--max-allowed-packet=65536']);
  database = await freshMysql(server.url);
  const { knex } = database;
  await knex.raw(
    `CREATE TABLE calls (k VARCHAR(40) NOT NULL, at DATETIME NOT NULL, who VARCHAR(10), PRIMARY KEY (k, at), KEY (at))
     ENGINE=InnoDB PARTITION BY RANGE COLUMNS (at)
     (PARTITION p_old VALUES LESS THAN ('2020-02-01'), PARTITION p_new VALUES LESS THAN (MAXVALUE))`,
  );
  await knex.batchInsert(
    'calls',
    Array.from({ length: ROWS }, (_, row) => ({
      k: `${'k'.repeat(34)}${1000 + row}`,
      at: new Date(Date.UTC(2020, 0, 1) + row * 60_000).toISOString().slice(0, 19).replace('T', ' '),
      who: row === 500 ? 'P' : 'H',
    })),
    200,
  );
  const map = sqlMap('mysql', [
    {
      ...{ dataset: 'calls', table: 'calls', key: ['k', 'at'], class: 'call', customer: 'who', start },
      partitions: 'drop',
    },
  ]);
  const reader = kinds.mysql.openReader(map, database.url);
  try {
    const apart = {
      customers: ['H'],
      numbers: [],
      keys: [],
      spans: [],
      withoutCustomer: false,
      withoutNumbers: false,
    };
    const range = {
      ...{ tags: null, plausibleFrom: '1990-01-01 00:00:00', before: '2020-03-01 00:00:00', apart },
      beforeMs: Date.UTC(2020, 2, 1),
    };
    const partition = { name: 'p_old', bound: "'2020-02-01 00:00:00'", estimatedRows: ROWS, why: null };
    let records = 0;
    const left: unknown[] = [];
    for await (const listed of reader.partitions?.list(
      datasetNamed(map, 'calls'),
      range,
      [partition],
      ROWS,
    ) ?? []) {
      records += listed.records;
      left.push(...listed.apart);
    }
    expect(records).toBe(1);
    expect(left).toHaveLength(ROWS - 1);
    expect(left.at(-1)).toEqual([`${'k'.repeat(34)}1999`, '2020-01-01 16:39:00']);
  } finally {
    await reader.close();
  }
});
