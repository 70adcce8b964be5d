// Adverse settings of a server, as data: what somebody may have set for reasons of his own, and what of a session of ours stands
// against it. Each is tried twice: as it is, and with that statement of ours left out.
import { SQL_MODE } from '../../src/database/mysql-stated.ts';
import type { Family } from '../support/flavours.ts';

export interface AdverseSetting {
  /** How it is set. `global`: for new sessions. `init`: by init_connect, for users without SUPER. `options`: when it starts. */
  readonly how: 'global' | 'init' | 'options';
  /** `sql_mode = 'ANSI_QUOTES'`; for options, one option after another, by blanks. */
  readonly set: string;
  /** Only on these; both unless said otherwise. */
  readonly on?: readonly Family[];
  /** Asked of it too: what waits, and what pauses. */
  readonly isSlow?: true;
  /** Nothing of ours makes a difference under it, on one server or on both: it is tried, and does not count. */
  readonly isIdle?: true;
  /** It is refused by name, and nothing goes on under it. */
  readonly isRefused?: true;
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
const refused = (setting: AdverseSetting): AdverseSetting => ({ ...setting, isRefused: true });
const idle = (setting: AdverseSetting): AdverseSetting => ({ ...setting, isIdle: true });
const slow = (setting: AdverseSetting): AdverseSetting => ({ ...setting, isSlow: true });
const mode = (words: string, on?: readonly Family[]): AdverseSetting => global(`sql_mode = '${words}'`, on);

/** One word beside those that we state, so that nothing else makes the difference. */
const beside = (word: string, on?: readonly Family[]): AdverseSetting => mode(`${SQL_MODE},${word}`, on);

const ISOLATION = ['transaction'];

export const ADVERSE: readonly AdverseSetting[] = [
  mode(''),
  beside('ANSI_QUOTES'),
  beside('NO_BACKSLASH_ESCAPES'),
  beside('PIPES_AS_CONCAT'),
  beside('IGNORE_SPACE'),
  beside('HIGH_NOT_PRECEDENCE'),
  beside('PAD_CHAR_TO_FULL_LENGTH'),
  beside('ONLY_FULL_GROUP_BY'),
  beside('NO_UNSIGNED_SUBTRACTION'),
  beside('REAL_AS_FLOAT'),
  beside('NO_AUTO_VALUE_ON_ZERO'),
  mode('STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'),
  idle(mode('STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION')),
  beside('ALLOW_INVALID_DATES'),
  beside('NO_ZERO_DATE'),
  beside('NO_ZERO_IN_DATE'),
  beside('TRADITIONAL'),
  mode('ANSI'),
  mode('ORACLE', MARIADB),
  mode('MSSQL', MARIADB),
  mode('DB2', MARIADB),
  mode('POSTGRESQL', MARIADB),
  mode('MAXDB', MARIADB),
  mode('MYSQL40', MARIADB),
  idle(beside('NO_TABLE_OPTIONS', MARIADB)),
  beside('EMPTY_STRING_IS_NULL', MARIADB),
  beside('SIMULTANEOUS_ASSIGNMENT', MARIADB),
  beside('TIME_ROUND_FRACTIONAL', MARIADB),
  beside('TIME_TRUNCATE_FRACTIONAL', MYSQL),
  global("time_zone = '+13:00'"),
  global("time_zone = '-11:00'"),
  global('autocommit = 0'),
  global('completion_type = 1'),
  global('completion_type = 2'),
  global('foreign_key_checks = 0'),
  idle(global('unique_checks = 0')),
  global('check_constraint_checks = 0', MARIADB),
  global('sql_safe_updates = 1'),
  global('sql_select_limit = 2'),
  global('sql_select_limit = 0'),
  global('max_join_size = 1', undefined, ['sql_big_selects']),
  global('group_concat_max_len = 4'),
  global('sql_auto_is_null = 1'),
  global('sql_quote_show_create = 0'),
  global("lc_messages = 'de_DE'"),
  global("lc_messages = 'ja_JP'"),
  global("lc_time_names = 'de_DE'"),
  global('div_precision_increment = 0'),
  global('default_week_format = 3'),
  global('max_sort_length = 64', MARIADB),
  idle(global('max_sort_length = 64', MYSQL)),
  slow(global('lock_wait_timeout = 1')),
  slow(global('innodb_lock_wait_timeout = 40')),
  slow(global('wait_timeout = 1', undefined, ['wait_timeout', 'interactive_timeout'])),
  slow(global('idle_transaction_timeout = 1', MARIADB)),
  slow(global('idle_readonly_transaction_timeout = 1', MARIADB)),
  slow(global('idle_write_transaction_timeout = 1', MARIADB)),
  global("default_storage_engine = 'MyISAM'"),
  global("default_storage_engine = 'MEMORY'"),
  global("default_storage_engine = 'Aria'", MARIADB),
  global("default_storage_engine = 'BLACKHOLE'", MYSQL),
  global('max_statement_time = 0.0001', MARIADB),
  global('max_execution_time = 1', MYSQL),
  idle(refused(global('max_session_mem_used = 8192', MARIADB))),
  global('innodb_snapshot_isolation = 1', MARIADB),
  global("system_versioning_asof = '2001-01-01 00:00:00'", MARIADB),
  global("old_mode = 'ZERO_DATE_TIME_CAST'", MARIADB),
  global("alter_algorithm = 'INSTANT'", MARIADB),
  global("default_regex_flags = 'EXTENDED'", MARIADB),
  idle(global("default_regex_flags = 'DOTALL,MULTILINE'", MARIADB)),
  idle(global('query_cache_type = 1', MARIADB)),
  global('sql_if_exists = 1', MARIADB),
  global('standard_compliant_cte = 0', MARIADB),
  idle(global("optimizer_switch = 'index_merge=off,mrr=on,semijoin=off,materialization=off'")),
  idle(global('optimizer_search_depth = 1')),
  idle(global('auto_increment_increment = 7')),
  global('explicit_defaults_for_timestamp = 0'),
  idle(global("character_set_server = 'latin1'", undefined, [])),
  global("explain_format = 'TREE'", MYSQL),
  idle(global('sql_require_primary_key = 1', MYSQL)),
  idle(global('sql_generate_invisible_primary_key = 1', MYSQL)),
  global('show_gipk_in_create_table_and_information_schema = 0', MYSQL),
  global('tx_read_only = 1', MARIADB, ISOLATION),
  global('transaction_read_only = 1', MYSQL, ISOLATION),
  global("tx_isolation = 'READ-UNCOMMITTED'", MARIADB, ISOLATION),
  global("tx_isolation = 'SERIALIZABLE'", MARIADB, ISOLATION),
  global("transaction_isolation = 'READ-UNCOMMITTED'", MYSQL, ISOLATION),
  global("transaction_isolation = 'SERIALIZABLE'", MYSQL, ISOLATION),
  refused(global('read_only = 1')),
  refused(global('super_read_only = 1', MYSQL, ['super_read_only', 'read_only'])),
  refused(global("binlog_format = 'STATEMENT'")),
  idle(global("binlog_format = 'MIXED'")),
  idle(global("binlog_row_image = 'MINIMAL'")),
  refused(global('max_allowed_packet = 1024')),
  global('max_allowed_packet = 65536', MYSQL, ['fitting']),
  idle(global('max_allowed_packet = 65536', MARIADB, ['fitting'])),
  init('SET NAMES latin1', ['names']),
  init('SET NAMES utf8mb3', ['names']),
  init('SET NAMES gbk', ['names']),
  init('SET NAMES cp1251', ['names']),
  init("SET character_set_results = 'latin1'", ['names']),
  idle(init('SET character_set_results = NULL', ['names'])),
  init("SET character_set_client = 'latin1'", ['names']),
  init("SET character_set_connection = 'ascii'", ['names']),
  init("SET collation_connection = 'utf8mb4_bin'", ['names']),
  init("SET sql_mode = 'NO_BACKSLASH_ESCAPES'", ['sql_mode']),
  init("SET sql_mode = 'ANSI'", ['sql_mode']),
  init("SET time_zone = '+10:00'", ['time_zone']),
  init('SET autocommit = 0', ['autocommit']),
  init('SET foreign_key_checks = 0', ['foreign_key_checks']),
  init('SET sql_select_limit = 1', ['sql_select_limit']),
  init('SET group_concat_max_len = 4', ['group_concat_max_len']),
  init('SET sql_safe_updates = 1', ['sql_safe_updates']),
  init('SET sql_big_selects = 0, max_join_size = 1', ['sql_big_selects']),
  init('SET completion_type = 1', ['completion_type']),
  init('SET timestamp = 1000000000', ['timestamp']),
  init('SET insert_id = 1', ['insert_id']),
  init('SET max_statement_time = 0.0001', ['max_statement_time'], MARIADB),
  init("SET lc_messages = 'fr_FR'", ['lc_messages']),
  init("SET default_storage_engine = 'MyISAM'", ['default_storage_engine']),
  init('START TRANSACTION READ ONLY', ['transaction']),
  init('BEGIN', ['transaction']),
  init("XA START 'somebody'", ['transaction']),
  init('SET SESSION TRANSACTION READ ONLY', ['transaction']),
  init('SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED', ['transaction']),
  init('SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE', ['transaction']),
  init('CREATE TEMPORARY TABLE {database}.calls LIKE {database}.empty_calls', []),
  init('LOCK TABLES {database}.calls READ', []),
  refused(init('USE information_schema', ['database'])),
  options('--character-set-server=latin1 --skip-character-set-client-handshake', ['names'], MARIADB),
  options('--character-set-server=ucs2 --collation-server=ucs2_general_ci', ['names']),
  idle(options('--lower-case-table-names=1', [])),
  options('--default-time-zone=+05:45', ['time_zone']),
  idle(options('--character-set-server=latin1', [])),
  idle(options('--innodb-rollback-on-timeout=1', [])),
  idle(options('--log-bin=binlog --server-id=1 --gtid-mode=ON --enforce-gtid-consistency=ON', [], MYSQL)),
  options('--sql-mode=ANSI_QUOTES,NO_BACKSLASH_ESCAPES --autocommit=0', ['sql_mode', 'autocommit']),
];
