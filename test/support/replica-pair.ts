// Two private servers, one a replica of the other, for tests of what a run does when replicas fall behind.
import { setTimeout as wait } from 'node:timers/promises';
import knex, { type Knex } from 'knex';
import { findMysqlServer, type MysqlServer, startMysqlServer } from './mysql-server.ts';

export interface ReplicaPair {
  readonly primary: MysqlServer;
  readonly replica: MysqlServer;
  /** Connections to both, without a database. */
  readonly onPrimary: Knex;
  readonly onReplica: Knex;
  /** Stops the thread that applies what came from the primary, or starts it. */
  readonly apply: (on: boolean) => Promise<void>;
  /** Waits until the replica has everything that the primary has now. */
  readonly caughtUp: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export async function replicaPair(): Promise<ReplicaPair> {
  // MariaDB always has them.
  const isMariadb = findMysqlServer()?.includes('mariadb') ?? true;
  const gtid = isMariadb ? [] : ['--gtid-mode=ON', '--enforce-gtid-consistency=ON'];
  const primary = await startMysqlServer(['--log-bin=binlog', '--server-id=1', ...gtid]);
  const replica = await startMysqlServer(['--server-id=2', '--relay-log=relay', ...gtid]);
  const onPrimary = connection(primary.url);
  const onReplica = connection(replica.url);
  const { port, username, password } = new URL(primary.url);
  const [change, start, stop] = isMariadb
    ? [
        `CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=${port}, MASTER_USER='${username}', MASTER_PASSWORD='${password}', MASTER_USE_GTID=slave_pos`,
        'START SLAVE',
        'STOP SLAVE',
      ]
    : [
        `CHANGE REPLICATION SOURCE TO SOURCE_HOST='127.0.0.1', SOURCE_PORT=${port}, SOURCE_USER='${username}', SOURCE_PASSWORD='${password}', SOURCE_AUTO_POSITION=1, GET_SOURCE_PUBLIC_KEY=1`,
        'START REPLICA',
        'STOP REPLICA',
      ];
  await onReplica.raw(change);
  await onReplica.raw(start);
  await onPrimary.raw('CREATE DATABASE beats');
  await onPrimary.raw('CREATE TABLE beats.beat (id INT PRIMARY KEY AUTO_INCREMENT)');
  const caughtUp = async (): Promise<void> => {
    const [{ insertId }] = await onPrimary.raw('INSERT INTO beats.beat VALUES ()');
    for (;;) {
      const seen = await onReplica
        .raw('SELECT id FROM beats.beat WHERE id = ?', [insertId])
        .catch(() => [[]]);
      if (seen[0].length > 0) return;
      await wait(20);
    }
  };
  await caughtUp();
  return {
    primary,
    replica,
    onPrimary,
    onReplica,
    apply: async on => {
      await onReplica.raw(`${on ? start : stop} SQL_THREAD`);
    },
    caughtUp,
    stop: async () => {
      await onPrimary.destroy();
      await onReplica.destroy();
      await replica.stop();
      await primary.stop();
    },
  };
}

function connection(url: string): Knex {
  return knex({ client: 'mysql2', connection: url, pool: { min: 0, max: 2 } });
}
