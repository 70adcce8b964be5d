// Two private servers, one a replica of the other, for tests of what a run does when replicas fall behind.
import { setTimeout as wait } from 'node:timers/promises';
import knex, { type Knex } from 'knex';
import { type Family, type Flavour, familyOf } from './flavours.ts';
import { type MysqlServer, startServer } from './mysql-server.ts';
import { thisFlavour } from './this-server.ts';

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

export interface ReplicaPairOptions {
  readonly flavour?: Flavour;
  /** Further options of the one server and of the other. */
  readonly primary?: readonly string[];
  readonly replica?: readonly string[];
}

interface Spelling {
  /** MariaDB always has them. */
  readonly gtid: readonly string[];
  readonly change: (at: URL) => string;
  readonly start: string;
  readonly stop: string;
}

export const replication: Readonly<Record<Family, Spelling>> = {
  mariadb: {
    gtid: [],
    change: ({ hostname, port, username, password }) =>
      `CHANGE MASTER TO MASTER_HOST='${hostname}', MASTER_PORT=${port}, MASTER_USER='${username}', MASTER_PASSWORD='${password}', MASTER_USE_GTID=slave_pos`,
    start: 'START SLAVE',
    stop: 'STOP SLAVE',
  },
  mysql: {
    gtid: ['--gtid-mode=ON', '--enforce-gtid-consistency=ON'],
    change: ({ hostname, port, username, password }) =>
      `CHANGE REPLICATION SOURCE TO SOURCE_HOST='${hostname}', SOURCE_PORT=${port}, SOURCE_USER='${username}', SOURCE_PASSWORD='${password}', SOURCE_AUTO_POSITION=1, GET_SOURCE_PUBLIC_KEY=1`,
    start: 'START REPLICA',
    stop: 'STOP REPLICA',
  },
};

export async function replicaPair(options: ReplicaPairOptions = {}): Promise<ReplicaPair> {
  const { flavour = thisFlavour() } = options;
  const { gtid, change, start, stop } = replication[familyOf(flavour)];
  const primary = await startServer(flavour, [
    '--log-bin=binlog',
    '--server-id=1',
    ...gtid,
    ...(options.primary ?? []),
  ]);
  // MySQL's replica writes what it applies to a log of its own, which it needs for GTIDs; MariaDB's need not.
  const replica = await startServer(flavour, [
    '--server-id=2',
    '--relay-log=relay',
    ...(gtid.length === 0 ? [] : ['--log-bin=binlog']),
    ...gtid,
    ...(options.replica ?? []),
  ]);
  const onPrimary = connection(primary.url);
  const onReplica = connection(replica.url);
  await onReplica.raw(change(new URL(primary.url)));
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
