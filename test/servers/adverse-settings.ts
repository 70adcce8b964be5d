// Adverse settings of a server, as data: what somebody may have set for reasons of his own, and what of a session of ours stands
// against it. Each is tried twice: as it is, and with that statement of ours left out.
import type { Family } from '../support/flavours.ts';

export interface AdverseSetting {
  /** How it is set. `global`: for new sessions. `init`: by init_connect, for users without SUPER. `options`: when it starts. */
  readonly how: 'global' | 'init' | 'options';
  /** `sql_mode = 'ANSI_QUOTES'`; for options, one option after another, by blanks. */
  readonly set: string;
  /** Only on these; both unless said otherwise. */
  readonly on?: readonly Family[];
  /** What of ours is left out the second time: variables of `mysql-stated.ts`, `names`, `transaction`, `reset`. */
  readonly against: readonly string[];
}

const MARIADB: readonly Family[] = ['mariadb'];
const MYSQL: readonly Family[] = ['mysql'];

const global = (set: string, on?: readonly Family[], against?: readonly string[]): AdverseSetting => {
  const [name = ''] = set.split(' = ');
  return { how: 'global', set, against: against ?? [name], ...(on === undefined ? {} : { on }) };
};
/** What throws the session away stands against it too. */
const init = (set: string, against: readonly string[], on?: readonly Family[]): AdverseSetting => ({
  how: 'init',
  set,
  against: ['reset', ...against],
  ...(on === undefined ? {} : { on }),
});
const options = (set: string, against: readonly string[], on?: readonly Family[]): AdverseSetting => ({
  how: 'options',
  set,
  against,
  ...(on === undefined ? {} : { on }),
});
const mode = (words: string, on?: readonly Family[]): AdverseSetting => global(`sql_mode = '${words}'`, on);

const ISOLATION = ['transaction'];

export const ADVERSE: readonly AdverseSetting[] = [
  mode(''),
  mode('ANSI_QUOTES,STRICT_ALL_TABLES'),
  mode('NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES'),
  mode('PIPES_AS_CONCAT,STRICT_ALL_TABLES'),
  mode('IGNORE_SPACE,STRICT_ALL_TABLES'),
  mode('HIGH_NOT_PRECEDENCE,STRICT_ALL_TABLES'),
  mode('PAD_CHAR_TO_FULL_LENGTH,STRICT_ALL_TABLES'),
  mode('ONLY_FULL_GROUP_BY,STRICT_ALL_TABLES'),
  mode('NO_UNSIGNED_SUBTRACTION,STRICT_ALL_TABLES'),
  mode('REAL_AS_FLOAT,STRICT_ALL_TABLES'),
  mode('ALLOW_INVALID_DATES'),
  mode('NO_ZERO_DATE,NO_ZERO_IN_DATE,STRICT_ALL_TABLES'),
  mode('TRADITIONAL'),
  mode('ANSI'),
  mode('ORACLE', MARIADB),
  mode('MSSQL', MARIADB),
  mode('DB2', MARIADB),
  mode('POSTGRESQL', MARIADB),
  mode('MAXDB', MARIADB),
  mode('EMPTY_STRING_IS_NULL,STRICT_ALL_TABLES', MARIADB),
  mode('SIMULTANEOUS_ASSIGNMENT,STRICT_ALL_TABLES', MARIADB),
  mode('TIME_TRUNCATE_FRACTIONAL,STRICT_ALL_TABLES', MYSQL),
  global("time_zone = '+13:00'"),
  global("time_zone = '-11:00'"),
  global('autocommit = 0'),
  global('completion_type = 1'),
  global('completion_type = 2'),
  global('foreign_key_checks = 0'),
  global('unique_checks = 0'),
  global('check_constraint_checks = 0', MARIADB),
  global('sql_safe_updates = 1'),
  global('sql_select_limit = 2'),
  global('sql_select_limit = 0'),
  global('max_join_size = 1', undefined, ['sql_big_selects']),
  global('group_concat_max_len = 4'),
  global('sql_auto_is_null = 1'),
  global('sql_quote_show_create = 0'),
  global("lc_messages = 'de_DE'"),
  global("lc_time_names = 'de_DE'"),
  global('div_precision_increment = 0'),
  global('max_sort_length = 64'),
  global('lock_wait_timeout = 1'),
  global('wait_timeout = 1', undefined, ['wait_timeout', 'interactive_timeout']),
  global("default_storage_engine = 'MyISAM'"),
  global("default_storage_engine = 'MEMORY'"),
  global('max_statement_time = 0.0001', MARIADB),
  global('max_execution_time = 1', MYSQL),
  global('max_session_mem_used = 8192', MARIADB),
  global('innodb_snapshot_isolation = 1', MARIADB),
  global("system_versioning_asof = '2001-01-01 00:00:00'", MARIADB),
  global("old_mode = 'ZERO_DATE_TIME_CAST'", MARIADB),
  global("alter_algorithm = 'INSTANT'", MARIADB),
  global("default_regex_flags = 'EXTENDED'", MARIADB),
  global('query_cache_type = 1', MARIADB),
  global("explain_format = 'TREE'", MYSQL),
  global('sql_require_primary_key = 1', MYSQL),
  global('sql_generate_invisible_primary_key = 1', MYSQL),
  global('show_gipk_in_create_table_and_information_schema = 0', MYSQL),
  global('tx_read_only = 1', MARIADB, ISOLATION),
  global('transaction_read_only = 1', MYSQL, ISOLATION),
  global("tx_isolation = 'READ-UNCOMMITTED'", MARIADB, ISOLATION),
  global("tx_isolation = 'SERIALIZABLE'", MARIADB, ISOLATION),
  global("transaction_isolation = 'READ-UNCOMMITTED'", MYSQL, ISOLATION),
  global("transaction_isolation = 'SERIALIZABLE'", MYSQL, ISOLATION),
  global('read_only = 1'),
  global('super_read_only = 1', MYSQL, ['super_read_only', 'read_only']),
  global("binlog_format = 'STATEMENT'"),
  global('max_allowed_packet = 1024'),
  global('max_allowed_packet = 65536', undefined, ['fitting']),
  init('SET NAMES latin1', ['names']),
  init('SET NAMES utf8mb3', ['names']),
  init('SET NAMES gbk', ['names']),
  init('SET NAMES cp1251', ['names']),
  init("SET character_set_results = 'latin1'", ['names']),
  init("SET character_set_client = 'latin1'", ['names']),
  init("SET character_set_connection = 'ascii'", ['names']),
  init("SET sql_mode = 'NO_BACKSLASH_ESCAPES'", ['sql_mode']),
  init("SET time_zone = '+10:00'", ['time_zone']),
  init('SET autocommit = 0', ['autocommit']),
  init('SET foreign_key_checks = 0', ['foreign_key_checks']),
  init('SET sql_select_limit = 1', ['sql_select_limit']),
  init('SET completion_type = 1', ['completion_type']),
  init('SET timestamp = 1000000000', ['timestamp']),
  init('START TRANSACTION READ ONLY', ['transaction']),
  init('SET SESSION TRANSACTION READ ONLY', ['transaction']),
  init('SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED', ['transaction']),
  init('CREATE TEMPORARY TABLE {database}.calls LIKE {database}.empty_calls', []),
  init('LOCK TABLES {database}.calls READ', []),
  init('USE information_schema', ['database']),
  options('--character-set-server=latin1 --skip-character-set-client-handshake', ['names'], MARIADB),
  options('--character-set-server=ucs2 --collation-server=ucs2_general_ci', ['names']),
  options('--lower-case-table-names=1', []),
  options('--default-time-zone=+05:45', ['time_zone']),
  options('--character-set-server=latin1', []),
];

/** Of these nothing was found that a statement of ours makes other, on one server or on both. */
export const IDLE_SETTINGS: readonly string[] = [
  "sql_mode = 'PIPES_AS_CONCAT,STRICT_ALL_TABLES'",
  "sql_mode = 'IGNORE_SPACE,STRICT_ALL_TABLES'",
  "sql_mode = 'HIGH_NOT_PRECEDENCE,STRICT_ALL_TABLES'",
  "sql_mode = 'ONLY_FULL_GROUP_BY,STRICT_ALL_TABLES'",
  "sql_mode = 'NO_UNSIGNED_SUBTRACTION,STRICT_ALL_TABLES'",
  "sql_mode = 'REAL_AS_FLOAT,STRICT_ALL_TABLES'",
  "sql_mode = 'NO_ZERO_DATE,NO_ZERO_IN_DATE,STRICT_ALL_TABLES'",
  "sql_mode = 'TRADITIONAL'",
  "sql_mode = 'SIMULTANEOUS_ASSIGNMENT,STRICT_ALL_TABLES'",
  'unique_checks = 0',
  'sql_auto_is_null = 1',
  "lc_messages = 'de_DE'",
  'div_precision_increment = 0',
  'max_sort_length = 64',
  'lock_wait_timeout = 1',
  'wait_timeout = 1',
  "lc_time_names = 'de_DE'",
  'max_session_mem_used = 8192',
  "system_versioning_asof = '2001-01-01 00:00:00'",
  "old_mode = 'ZERO_DATE_TIME_CAST'",
  "default_regex_flags = 'EXTENDED'",
  'query_cache_type = 1',
  "tx_isolation = 'SERIALIZABLE'",
  'max_allowed_packet = 65536',
  'innodb_snapshot_isolation = 1',
  "sql_mode = 'TIME_TRUNCATE_FRACTIONAL,STRICT_ALL_TABLES'",
  "explain_format = 'TREE'",
  'sql_require_primary_key = 1',
  'sql_generate_invisible_primary_key = 1',
  'show_gipk_in_create_table_and_information_schema = 0',
  "transaction_isolation = 'SERIALIZABLE'",
];
