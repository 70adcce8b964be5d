// A MySQL with GTIDs takes no statement that writes to a table with transactions and to one without: a trigger of a MyISAM table
// that writes to another one fails every row. That is the server's doing, told as such, and of that table alone.
import { describe, expect } from 'vitest';
import { policyOf } from '../ledger/sample-log.ts';
import { freshFolder, freshMysql } from '../support/databases.ts';
import { startServer } from '../support/mysql-server.ts';
import { policySetOf, smallRun } from '../support/small-run.ts';
import { sqlMap } from '../support/store-maps.ts';
import { testOn } from '../support/test-on.ts';
import { thisFlavour } from '../support/this-server.ts';

const GTID = ['--log-bin=binlog', '--server-id=1', '--gtid-mode=ON', '--enforce-gtid-consistency=ON'];
const start = { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' } as const;

describe('on a MySQL with GTIDs', () => {
  testOn(
    'GTIDs that are enforced',
    'a trigger from MyISAM into InnoDB: its rows stay and say why, the others go',
    async () => {
      const server = await startServer(thisFlavour(), GTID);
      const database = await freshMysql(server.url);
      const folder = await freshFolder();
      try {
        const run = database.knex;
        await run.raw('CREATE TABLE log (id INT AUTO_INCREMENT PRIMARY KEY, was INT) ENGINE=InnoDB');
        await run.raw('CREATE TABLE old (id INT PRIMARY KEY, at DATETIME NOT NULL, KEY (at)) ENGINE=MyISAM');
        await run.raw(
          'CREATE TABLE calls (id INT PRIMARY KEY, at DATETIME NOT NULL, KEY (at)) ENGINE=InnoDB',
        );
        for (const table of ['old', 'calls'])
          await run.raw("INSERT INTO ?? VALUES (1, '2020-01-01'), (2, '2020-01-01')", [table]);
        await run.raw(
          'CREATE TRIGGER noted AFTER DELETE ON old FOR EACH ROW INSERT INTO log (was) VALUES (OLD.id)',
        );
        const small = await smallRun({
          ledgerAt: `${folder.path}/ledger.db`,
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
          const plan = await small.plan();
          const { state } = await small.enforce(plan);
          expect(state).toBe('partial');
          const reasons: unknown[] = [];
          for await (const { body } of small.ledger.audit.entries({ kind: 'done' }))
            reasons.push(JSON.parse(body).event.reasons);
          expect(reasons).toEqual([{ 'failed: ER_GTID_UNSAFE_NON_TRANSACTIONAL_TABLE 1785': 2 }, {}]);
          expect(await run('calls').pluck('id')).toEqual([]);
          expect(await run('old').pluck('id')).toHaveLength(2);
        } finally {
          await small.close();
        }
      } finally {
        await database.drop();
        await folder.remove();
        await server.stop();
      }
    },
  );
});
