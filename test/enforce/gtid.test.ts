// A MySQL with GTIDs takes no statement that writes to a table with transactions and to one without: a trigger of a MyISAM table
// that writes to another one fails every row. That is the server's doing, told as such, and of that table alone.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { policyOf } from '../ledger/sample-log.ts';
import { freshFolder, freshMysql } from '../support/databases.ts';
import { startServer } from '../support/mysql-server.ts';
import { policySetOf, smallRun } from '../support/small-run.ts';
import { sqlMap } from '../support/store-maps.ts';
import { testOn } from '../support/test-on.ts';
import { thisFlavour } from '../support/this-server.ts';

const GTID = ['--log-bin=binlog', '--server-id=1', '--gtid-mode=ON', '--enforce-gtid-consistency=ON'];
const start = { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' } as const;

testOn(
  'GTIDs that are enforced',
  'a trigger from MyISAM into InnoDB: its rows stay and say why, the others go',
  async () => {
    expect(await nightOn(GTID)).toEqual({
      state: 'partial',
      reasons: [{ 'failed: ER_GTID_UNSAFE_NON_TRANSACTIONAL_TABLE 1785': 2 }, {}],
      left: { old: 2, calls: 0, log: 0 },
    });
  },
);

test('a trigger from MyISAM into InnoDB, where nothing stands against it: all of them go', async () => {
  expect(await nightOn([])).toEqual({
    state: 'done',
    reasons: [{}, {}],
    left: { old: 0, calls: 0, log: 2 },
  });
});

/** What comes of two tables: one of MyISAM with a trigger, and one of InnoDB beside it. */
async function nightOn(options: readonly string[]): Promise<object> {
  const server = await startServer(thisFlavour(), options);
  const database = await freshMysql(server.url);
  const folder = await freshFolder();
  const run = database.knex;
  try {
    await run.raw('CREATE TABLE log (id INT AUTO_INCREMENT PRIMARY KEY, was INT) ENGINE=InnoDB');
    for (const [table, engine] of [
      ['old', 'MyISAM'],
      ['calls', 'InnoDB'],
    ] as const) {
      await run.raw(
        `CREATE TABLE ${table} (id INT PRIMARY KEY, at DATETIME NOT NULL, KEY (at)) ENGINE=${engine}`,
      );
      await run.raw(`INSERT INTO ${table} VALUES (1, '2020-01-01'), (2, '2020-01-01')`);
    }
    await run.raw(
      'CREATE TRIGGER noted AFTER DELETE ON old FOR EACH ROW INSERT INTO log (was) VALUES (OLD.id)',
    );
    const small = await smallRun({
      ledgerAt: join(folder.path, 'ledger.db'),
      maps: [
        sqlMap('mysql', [
          {
            ...{ dataset: 'old', table: 'old', key: ['id'], class: 'call', start },
            acknowledged: { triggers: ['noted'] },
          },
          { dataset: 'calls', table: 'calls', key: ['id'], class: 'call', start },
        ]),
      ],
      at: { tested: database.url },
      policySet: policySetOf([policyOf('call', 'P30D', 'purge')]),
      nowMs: Date.now(),
    });
    try {
      const { state } = await small.enforce(await small.plan());
      const reasons: unknown[] = [];
      for await (const { body } of small.ledger.audit.entries({ kind: 'done' }))
        reasons.push(JSON.parse(body).event.reasons);
      const left = async (table: string): Promise<number> => (await run(table).pluck('id')).length;
      return {
        ...{ state, reasons },
        left: { old: await left('old'), calls: await left('calls'), log: await left('log') },
      };
    } finally {
      await small.close();
    }
  } finally {
    await database.drop();
    await folder.remove();
    await server.stop();
  }
}
