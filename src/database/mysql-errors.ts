// Errors of MySQL and MariaDB by their numbers: the driver has no names for MariaDB's own, and gives some of them a name that
// they have in MySQL. One table for all who ask.
import type { Explained } from './explained.ts';

type Row = readonly [name: string, kind: Explained['kind'], message?: string, hint?: string];

const NO_ROOM = 'the server has no room';
const MAKE_ROOM = 'Make room on its disk, or raise the limit that it names; what was begun has been undone';
const TOO_LONG = 'the server ended a statement that took too long';
const GIVE_TIME =
  'Nothing of it was done. Raise max_statement_time or max_execution_time for this user, or run when the server has time';
const READ_ONLY = 'the server can only be read now';
const BE_PRIMARY =
  'Is it a replica, or the primary from before a failover? Point the URL at the server that takes writes, or switch off read_only there';
const ENDED = 'somebody ended the statement (KILL)';
const AGAIN = 'Run again: what was done is in the audit log, and the rest is in the next plan';

/** Known by their number, which both servers keep for as long as they live. */
const BY_NUMBER: Readonly<Record<number, Row>> = {
  3: ['EE_WRITE', 'world', NO_ROOM, MAKE_ROOM],
  28: ['ENOSPC', 'world', NO_ROOM, MAKE_ROOM],
  1021: ['ER_DISK_FULL', 'world', NO_ROOM, MAKE_ROOM],
  1026: ['ER_ERROR_ON_WRITE', 'world', NO_ROOM, MAKE_ROOM],
  1114: ['ER_RECORD_FILE_FULL', 'world', NO_ROOM, MAKE_ROOM],
  1037: [
    'ER_OUTOFMEMORY',
    'world',
    'the server has no memory left',
    'Give it more, or run when it has less to do',
  ],
  1038: [
    'ER_OUT_OF_SORTMEMORY',
    'world',
    'the server has too little memory for sorting',
    'Raise sort_buffer_size for this user',
  ],
  1041: [
    'ER_OUT_OF_RESOURCES',
    'world',
    'the server has no memory left',
    'Give it more, or run when it has less to do',
  ],
  1206: [
    'ER_LOCK_TABLE_FULL',
    'world',
    'the server has no room for more locks',
    'Raise innodb_buffer_pool_size, or make `batch` in the job smaller',
  ],
  1153: [
    'ER_NET_PACKET_TOO_LARGE',
    'world',
    'a statement was longer than the server takes',
    'Raise max_allowed_packet on the server, to 16M say, or make `batch` in the job smaller',
  ],
  1301: [
    'ER_WARN_ALLOWED_PACKET_OVERFLOWED',
    'world',
    'an answer was longer than the server gives',
    'Raise max_allowed_packet on the server, to 16M say, or make `batch` in the job smaller',
  ],
  1020: ['ER_CHECKREAD', 'locked'],
  1205: ['ER_LOCK_WAIT_TIMEOUT', 'locked'],
  1213: ['ER_LOCK_DEADLOCK', 'locked'],
  1614: ['ER_XA_RBDEADLOCK', 'locked'],
  3058: ['ER_USER_LOCK_DEADLOCK', 'locked'],
  3101: ['ER_TRANSACTION_ROLLBACK_DURING_COMMIT', 'locked'],
  3572: ['ER_LOCK_NOWAIT', 'locked'],
  1217: ['ER_ROW_IS_REFERENCED', 'blocked'],
  1451: ['ER_ROW_IS_REFERENCED_2', 'blocked'],
  1644: ['ER_SIGNAL_EXCEPTION', 'blocked'],
  1146: ['ER_NO_SUCH_TABLE', 'gone'],
  1932: ['ER_NO_SUCH_TABLE_IN_ENGINE', 'other'],
  1040: ['ER_CON_COUNT_ERROR', 'unreachable'],
  1042: ['ER_BAD_HOST_ERROR', 'unreachable'],
  1043: ['ER_HANDSHAKE_ERROR', 'unreachable'],
  1044: ['ER_DBACCESS_DENIED_ERROR', 'unreachable'],
  1045: ['ER_ACCESS_DENIED_ERROR', 'unreachable'],
  1049: ['ER_BAD_DB_ERROR', 'unreachable'],
  1053: ['ER_SERVER_SHUTDOWN', 'unreachable'],
  1077: ['ER_NORMAL_SHUTDOWN', 'unreachable'],
  1129: ['ER_HOST_IS_BLOCKED', 'unreachable'],
  1130: ['ER_HOST_NOT_PRIVILEGED', 'unreachable'],
  1152: ['ER_ABORTING_CONNECTION', 'unreachable'],
  1158: ['ER_NET_READ_ERROR', 'unreachable'],
  1159: ['ER_NET_READ_INTERRUPTED', 'unreachable'],
  1160: ['ER_NET_ERROR_ON_WRITE', 'unreachable'],
  1161: ['ER_NET_WRITE_INTERRUPTED', 'unreachable'],
  1184: ['ER_NEW_ABORTING_CONNECTION', 'unreachable'],
  1203: ['ER_TOO_MANY_USER_CONNECTIONS', 'unreachable'],
  1226: ['ER_USER_LIMIT_REACHED', 'unreachable'],
  1251: ['ER_NOT_SUPPORTED_AUTH_MODE', 'unreachable'],
  1698: ['ER_ACCESS_DENIED_NO_PASSWORD_ERROR', 'unreachable'],
  1820: ['ER_MUST_CHANGE_PASSWORD', 'unreachable'],
  1862: ['ER_MUST_CHANGE_PASSWORD_LOGIN', 'unreachable'],
  1927: ['ER_CONNECTION_KILLED', 'unreachable'],
  3032: ['ER_SERVER_OFFLINE_MODE', 'unreachable'],
  3118: ['ER_ACCOUNT_HAS_BEEN_LOCKED', 'unreachable'],
  3159: ['ER_SECURE_TRANSPORT_REQUIRED', 'unreachable'],
  3169: ['ER_SESSION_WAS_KILLED', 'unreachable'],
  4031: ['ER_CLIENT_INTERACTION_TIMEOUT', 'unreachable'],
  4151: ['ER_ACCOUNT_HAS_BEEN_LOCKED', 'unreachable'],
  1836: ['ER_READ_ONLY_MODE', 'world', READ_ONLY, BE_PRIMARY],
  1874: ['ER_INNODB_READ_ONLY', 'world', READ_ONLY, BE_PRIMARY],
  3100: [
    'ER_RUN_HOOK_ERROR',
    'world',
    'the group of servers does not take the write',
    'See the state of its members (group replication); run again when it takes writes',
  ],
  1047: [
    'ER_UNKNOWN_COM_ERROR',
    'world',
    'the server does not take this now: a node that is cut off from its cluster, or a proxy that does not pass it on',
    'See wsrep_ready on the node; connect to the server itself, or to one that is in the cluster',
  ],
  1317: ['ER_QUERY_INTERRUPTED', 'world', ENDED, AGAIN],
  1969: ['ER_STATEMENT_TIMEOUT', 'world', TOO_LONG, GIVE_TIME],
  3024: ['ER_QUERY_TIMEOUT', 'world', TOO_LONG, GIVE_TIME],
  1665: [
    'ER_BINLOG_STMT_MODE_AND_ROW_ENGINE',
    'world',
    'binlog_format is STATEMENT, and InnoDB then takes no write at READ COMMITTED',
    'SET GLOBAL binlog_format = ROW (or MIXED), for new connections too, and run again',
  ],
  1792: [
    'ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION',
    'world',
    'the session can only read',
    'Planning writes nothing; a writing session at a server whose transaction_read_only is on needs it off',
  ],
  1142: ['ER_TABLEACCESS_DENIED_ERROR', 'denied'],
  1143: ['ER_COLUMNACCESS_DENIED_ERROR', 'denied'],
  1227: ['ER_SPECIFIC_ACCESS_DENIED_ERROR', 'denied'],
  1370: ['ER_PROCACCESS_DENIED_ERROR', 'denied'],
  1449: [
    'ER_NO_SUCH_USER',
    'other',
    'the definer of a trigger or view is no user of the server any more',
    'Make it again with a DEFINER that exists: SHOW CREATE TRIGGER, DROP TRIGGER, then CREATE DEFINER=CURRENT_USER TRIGGER ...',
  ],
  1785: [
    'ER_GTID_UNSAFE_NON_TRANSACTIONAL_TABLE',
    'other',
    'a server with enforce_gtid_consistency takes no write to a table without transactions whose triggers write to one that has them',
    'ALTER TABLE ... ENGINE=InnoDB for the table whose rows are to go, or for all that its triggers write to',
  ],
  1064: ['ER_PARSE_ERROR', 'other'],
  1065: ['ER_EMPTY_QUERY', 'other'],
  1051: ['ER_BAD_TABLE_ERROR', 'other'],
  1054: ['ER_BAD_FIELD_ERROR', 'other'],
  1305: ['ER_SP_DOES_NOT_EXIST', 'other'],
  4025: ['ER_CONSTRAINT_FAILED', 'other'],
  3819: ['ER_CHECK_CONSTRAINT_VIOLATED', 'other'],
  4079: ['ER_ILLEGAL_PARAMETER_DATA_TYPE_FOR_OPERATION', 'other'],
};

/** Numbers below this mean the same on both servers, so that the driver's name for one is right. */
const NAMED_ALIKE = 1900;

interface DriverError {
  readonly code?: string;
  readonly errno?: number;
  readonly sqlState?: string;
  readonly message?: string;
}

/** The server's number of an error; null for the driver's own, and for what is no error of a database. */
export function mysqlNumber(error: unknown): number | null {
  const { errno, sqlState } = (error ?? {}) as DriverError;
  return typeof errno === 'number' && errno > 0 && (sqlState !== undefined || errno in BY_NUMBER)
    ? errno
    : null;
}

/** Name and number, `ER_QUERY_TIMEOUT 3024`: what may stand in logs, where the message may quote a key. */
export function mysqlErrorName(error: unknown): string {
  const { code = '' } = (error ?? {}) as DriverError;
  const number = mysqlNumber(error);
  if (number === null) return code === '' ? 'an unknown error' : code;
  const name = BY_NUMBER[number]?.[0] ?? (number < NAMED_ALIKE ? code : '');
  return name === '' ? `error ${number} of the server` : `${name} ${number}`;
}

export function explainMysqlError(error: unknown): Explained {
  const { code = '', sqlState = '', message = '' } = (error ?? {}) as DriverError;
  const number = mysqlNumber(error);
  const by = mysqlErrorName(error);
  if (number === null) {
    // A connection that died says so once; whatever is asked of it after that has no code.
    const isLost = /^(ECONN|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN|EHOST|ENET|PROTOCOL_)/.test(code);
    if (isLost || /in closed state|Connection lost|connection is closed/i.test(message))
      return { kind: 'unreachable', by: code === '' ? 'the connection was lost' : code };
    return { kind: 'other', by };
  }
  if (number === 1217 || number === 1451) {
    const parts = /\(`[^`]+`\.`([^`]+)`, CONSTRAINT `([^`]+)`/.exec(message);
    return { kind: 'blocked', by: parts === null ? 'a foreign key' : `${parts[1]} (${parts[2]})` };
  }
  if (sqlState === '45000' || number === 1644) return { kind: 'blocked', by: 'a trigger' };
  if (number === 1290) return explainOption(message, by);
  const [, kind = 'other', told, hint] = BY_NUMBER[number] ?? [];
  if (kind === 'denied') return { kind, by, ...explainDenied(message) };
  return {
    kind,
    by,
    ...(told === undefined ? {} : { message: told }),
    ...(hint === undefined ? {} : { hint }),
  };
}

/** 1290: whichever option of the server forbids it. */
function explainOption(message: string, by: string): Explained {
  const option = /running with the (.+?) option/.exec(message)?.[1] ?? 'an option that forbids it';
  if (/read[-_]only/i.test(option)) return { kind: 'world', by, message: READ_ONLY, hint: BE_PRIMARY };
  const hint = `See ${option} among the server's options`;
  return { kind: 'world', by, message: `the server runs with ${option}, which forbids this`, hint };
}

/** The server says what was wanted of which table, and of no value. */
function explainDenied(message: string): Pick<Explained, 'message' | 'hint'> {
  const [, right = '', of = '', table = ''] =
    /^([A-Z ]+?) command denied to user .+? for (?:(column '[^']+') in )?table '?(.+?)'?$/.exec(message) ??
    [];
  if (table === '')
    return {
      message: 'this user lacks a right',
      hint: 'retention doctor prints the rights that the job needs, as GRANT statements',
    };
  const name = table.replaceAll('`', '');
  const column = of === '' ? '' : ` (${of.slice(8, -1)})`;
  return {
    message: `this user may not ${right} ${name}${column}`,
    hint: `GRANT ${right}${column} ON ${name} TO this user; retention doctor prints all that the job needs`,
  };
}
