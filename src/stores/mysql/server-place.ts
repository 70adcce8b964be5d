// Which server a connection is at: who it is, how far its data have come, whether it may be written, and what it
// replicates from. Asked with what any user may ask, but for the last.
import { mysqlNumber } from '../../database/mysql-errors.ts';
import type { Channel, ServerPlace } from '../server-place.ts';
import type { Ask } from './ask.ts';

type Named = ReadonlyMap<string, string>;

/** What a connection tells of its server, without what it replicates from. */
export type Answer = Omit<ServerPlace, 'channels' | 'database'>;

/** `server_uuid` is of MySQL, `server_uid` of MariaDB, which makes it of the machine's address and the port alone. */
export const ASK_VARIABLES = `SHOW GLOBAL VARIABLES WHERE Variable_name IN ('server_uuid', 'server_uid', 'server_id',
  'hostname', 'port', 'version', 'read_only', 'super_read_only', 'innodb_read_only',
  'gtid_executed', 'gtid_binlog_pos', 'gtid_slave_pos', 'gtid_current_pos', 'group_replication_group_name',
  'wsrep_on')`;

export const ASK_STATUS = `SHOW GLOBAL STATUS WHERE Variable_name IN ('Innodb_lsn_current',
  'Innodb_redo_log_current_lsn', 'wsrep_cluster_state_uuid', 'wsrep_ready', 'Slaves_running')`;

export type Rows = readonly Readonly<Record<string, unknown>>[];

/** Rows of the two questions above to what they tell. */
export function readAnswer(variables: Rows, status: Rows): Answer {
  const [has, now] = [named(variables), named(status)];
  const [own, cluster] = [namesOf(has), clusterOf(has, now)];
  return {
    id: cluster ?? identityOf(has),
    called: `${has.get('hostname') ?? 'a server'}:${has.get('port') ?? ''}`,
    position: positionOf(has, now, cluster !== null),
    readOnly: whyReadOnly(has, now),
    origins: [...new Set(originsOf(has))],
    names: own,
  };
}

/** Members of a cluster that commit together are one database, whichever of them answers. Null: it is in none. */
function clusterOf(has: Named, now: Named): string | null {
  const cluster = now.get('wsrep_cluster_state_uuid') ?? '';
  if (has.get('wsrep_on') === 'ON' && cluster !== '') return `galera ${cluster}`;
  const group = has.get('group_replication_group_name') ?? '';
  return group === '' ? null : `group ${group}`;
}

/**
 * Machines in containers often have the same address: on MariaDB the host's name and the server's number are taken
 * besides.
 */
function identityOf(has: Named): string {
  const uuid = has.get('server_uuid');
  if (uuid !== undefined) return uuid;
  return ['server_uid', 'hostname', 'port', 'server_id'].map(name => has.get(name) ?? '').join(' ');
}

/** By these a replica names its source: MySQL's by both, MariaDB's by the number alone. */
function namesOf(has: Named): string[] {
  const uuid = has.get('server_uuid');
  return uuid === undefined ? [`server ${has.get('server_id') ?? ''}`] : [uuid];
}

/** GTIDs name the server that first committed: MySQL's `uuid:1-5,uuid:7`, MariaDB's `domain-server-sequence`. */
function originsOf(has: Named): string[] {
  const origins: string[] = [];
  for (const set of listOf(has.get('gtid_executed'))) origins.push(set.split(':')[0] ?? '');
  for (const name of ['gtid_binlog_pos', 'gtid_slave_pos', 'gtid_current_pos'])
    for (const one of listOf(has.get(name))) origins.push(`server ${one.split('-')[1] ?? ''}`);
  return origins.filter(one => one !== '');
}

/** The place in the redo log is each member's own. */
function positionOf(has: Named, now: Named, isCluster: boolean): Record<string, number> {
  const position: Record<string, number> = {};
  const lsn = now.get('Innodb_lsn_current') ?? now.get('Innodb_redo_log_current_lsn');
  if (lsn !== undefined && !isCluster) position.lsn = Number(lsn);
  for (const set of listOf(has.get('gtid_executed'))) {
    const numbers = set.match(/(?<=[:-])\d+(?=:|-|$)/g) ?? [];
    position[`gtid ${set.split(':')[0] ?? ''}`] = Math.max(...numbers.map(Number));
  }
  for (const one of listOf(has.get('gtid_binlog_pos'))) {
    const [domain = '', , sequence] = one.split('-');
    position[`gtid domain ${domain}`] = Number(sequence);
  }
  return position;
}

function whyReadOnly(has: Named, now: Named): string | null {
  const set = ['innodb_read_only', 'super_read_only', 'read_only'].find(
    name => !['OFF', '0', undefined].includes(has.get(name)),
  );
  if (set !== undefined) return `it is set to ${set}`;
  return has.get('wsrep_on') === 'ON' && now.get('wsrep_ready') === 'OFF'
    ? 'it has lost its cluster (wsrep_ready is OFF)'
    : null;
}

/**
 * What the server replicates from; null where this user may not ask. MariaDB and MySQL say it in other words, and MySQL
 * changed its own with 8.0.22.
 */
export async function askChannels(ask: Ask): Promise<readonly Channel[] | null> {
  const [server] = await ask('SELECT VERSION() AS version');
  try {
    const rows = /mariadb/i.test(String(server?.version))
      ? await ask('SHOW ALL SLAVES STATUS')
      : await ask('SHOW REPLICA STATUS').catch(async error => {
          if (mysqlNumber(error) !== 1064) throw error;
          return ask('SHOW SLAVE STATUS');
        });
    // A group's own channels are no replica's: its members are one database.
    return rows.filter(row => !/^group_replication_/.test(String(row.Channel_Name ?? ''))).map(readChannel);
  } catch (error) {
    if (mysqlNumber(error) === 1227) return null;
    throw error;
  }
}

function readChannel(row: Readonly<Record<string, string | number | null>>): Channel {
  const threads = [
    row.Slave_IO_Running ?? row.Replica_IO_Running,
    row.Slave_SQL_Running ?? row.Replica_SQL_Running,
  ];
  const behind = row.Seconds_Behind_Master ?? row.Seconds_Behind_Source ?? null;
  const uuid = row.Source_UUID ?? row.Master_UUID ?? '';
  const number = row.Source_Server_Id ?? row.Master_Server_Id ?? '';
  return {
    from: `${row.Source_Host ?? row.Master_Host}:${row.Source_Port ?? row.Master_Port}`,
    source: [String(uuid), `server ${number}`].filter(name => name !== ''),
    secondsBehind: behind === null || threads.some(one => one !== 'Yes') ? null : Number(behind),
    delaySeconds: Number(row.SQL_Delay ?? 0),
  };
}

function named(rows: Rows): Named {
  return new Map(rows.map(row => [String(row.Variable_name), String(row.Value)]));
}

function listOf(value: string | undefined): string[] {
  return (value ?? '').split(/[,\s]+/).filter(one => one !== '');
}
