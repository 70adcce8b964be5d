// What a session of ours is, variable by variable, on every MySQL and MariaDB: whatever changes what a statement of ours
// means, does, returns or skips is stated when a connection is opened, and read back. What need not be stated is in
// `mysql-unstated.ts`; a test holds both against the server in hand.

export interface Stated {
  /** As SHOW VARIABLES gives it once it is stated. */
  readonly value: string;
  /** Others that mean the same to us. */
  readonly or?: readonly string[];
  /** Where the statement has to spell it in another way. */
  readonly written?: string;
  /**
   * `always`: each server has it, and lets everybody set it. `differing`: set where a server has it with another value: not each
   * has it, or it takes a privilege. `by-itself`: a statement of its own sees to it.
   */
  readonly set: 'always' | 'differing' | 'by-itself';
  /** For `always`: only servers that this version comment speaks to have it. */
  readonly only?: string;
  /** Another name of this variable, on servers that have it. */
  readonly sameAs?: string;
  readonly why: string;
}

/** `sql_mode` whole, not what a server has and something more: each of its words changes what a statement means. */
export const SQL_MODE = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION';

const always = (value: string, why: string, more: Partial<Stated> = {}): Stated => ({
  value,
  set: 'always',
  why,
  ...more,
});
const differing = (value: string, why: string, more: Partial<Stated> = {}): Stated => ({
  value,
  set: 'differing',
  why,
  ...more,
});
const byItself = (value: string, why: string): Stated => ({ value, set: 'by-itself', why });

const WHOLE_TEXT = 'a text that the session cannot spell reads as question marks, and no hold matches it';
const NOT_CUT = 'a statement that is cut off, or sees a part, passes for one that saw all';
const NOT_ENDED = 'a long statement would be ended; those that ask for the load say how long';
const LONG_PAUSES = 'a run that pauses would lose its connection, or what it has locked';
const REPLICATED = 'what goes here would stay on every replica';
const GROWN_LEDGER = 'the tables of a ledger are made as they were meant';

/** In the order in which they are set: some set others on their way. */
export const STATED: Readonly<Record<string, Stated>> = {
  sql_mode: always(
    SQL_MODE,
    'what quotes, blanks, NOT, NULL and dates mean, and whether a cut text is an error',
  ),
  character_set_client: byItself('utf8mb4', WHOLE_TEXT),
  character_set_connection: byItself('utf8mb4', WHOLE_TEXT),
  character_set_results: byItself('utf8mb4', WHOLE_TEXT),
  collation_connection: byItself('utf8mb4_unicode_ci', 'which texts a comparison takes for the same'),
  time_zone: always('+00:00', 'TIMESTAMP is read as an instant'),
  autocommit: always('ON', 'a write outside a transaction would wait for a commit that never comes'),
  completion_type: always(
    'NO_CHAIN',
    'after a commit another transaction would be open, or the connection closed',
  ),
  foreign_key_checks: always('ON', 'rows that refer to a deleted one would neither keep it nor go with it'),
  unique_checks: always('ON', 'a second row of one key could come into the ledger'),
  check_constraint_checks: differing('ON', 'a mask could write what the table forbids'),
  sql_safe_updates: always('OFF', 'a delete without an index is refused'),
  sql_select_limit: always('18446744073709551615', NOT_CUT),
  sql_big_selects: always('ON', 'a long question would be refused; switches max_join_size off'),
  // The keys of the largest batch in one text: 20,000 of 800 bytes. The server makes room for what there is.
  group_concat_max_len: always('16777216', NOT_CUT),
  sql_auto_is_null: always('OFF', 'IS NULL would find a row that was inserted last'),
  sql_quote_show_create: always('ON', "names in the server's own texts are told from its words by quotes"),
  lc_messages: always('en_US', 'errors are read for the key or trigger that they name'),
  lc_time_names: always('en_US', 'names of days and months'),
  div_precision_increment: always('4', 'how many digits a division keeps'),
  default_week_format: always('0', 'what week a day is in'),
  max_sort_length: always('1024', 'keys that begin alike would come in no order'),
  timestamp: always('', "the server's clock is asked for the time that it is", { written: 'DEFAULT' }),
  insert_id: always('0', 'the number of the next row of the ledger'),
  innodb_lock_wait_timeout: always('1', 'others are waited for a second, not a minute'),
  lock_wait_timeout: always('86400', 'a change of the table is waited for'),
  innodb_table_locks: always('ON', 'LOCK TABLES and the locks of rows know of each other'),
  wait_timeout: always('28800', LONG_PAUSES),
  interactive_timeout: always('28800', LONG_PAUSES),
  net_read_timeout: always('30', LONG_PAUSES),
  net_write_timeout: always('60', LONG_PAUSES),
  default_storage_engine: always('InnoDB', `${GROWN_LEDGER}: with transactions`),
  idle_transaction_timeout: differing('0', LONG_PAUSES),
  idle_readonly_transaction_timeout: differing('0', LONG_PAUSES),
  idle_write_transaction_timeout: differing('0', LONG_PAUSES),
  max_statement_time: always('0.000000', NOT_ENDED, { only: '/*M!100101' }),
  max_execution_time: always('0', NOT_ENDED, { only: '/*!50708' }),
  max_session_mem_used: differing('9223372036854775807', 'a large statement would be refused'),
  explain_format: always('TRADITIONAL', 'the estimate of a walk is read from it', { only: '/*!80032' }),
  innodb_snapshot_isolation: always('OFF', 'a row that changed meanwhile is read as it is now, under lock', {
    only: '/*M!110602',
  }),
  system_versioning_asof: differing('DEFAULT', 'rows would be read as they were', { written: 'DEFAULT' }),
  system_versioning_alter_history: differing('ERROR', 'a history would be changed in silence'),
  sql_if_exists: differing('OFF', 'a partition that is not there would be told as dropped'),
  old_mode: differing('UTF8_IS_UTF8MB3', 'what a cast of a time means', { or: [''] }),
  alter_algorithm: differing('DEFAULT', 'a partition could not be dropped'),
  old_alter_table: differing('OFF', 'a partition would be dropped by a copy of the table', {
    or: ['DEFAULT'],
    sameAs: 'alter_algorithm',
  }),
  default_regex_flags: differing('', 'what a pattern matches'),
  standard_compliant_cte: differing('ON', 'what WITH means'),
  query_cache_type: differing('OFF', 'answers are of now'),
  wsrep_dirty_reads: differing('OFF', 'a node that is cut off from its cluster would answer'),
  sql_log_bin: differing('ON', REPLICATED),
  skip_replication: differing('OFF', REPLICATED),
  explicit_defaults_for_timestamp: differing('ON', GROWN_LEDGER),
  resultset_metadata: differing('FULL', 'the driver names columns by it'),
  show_gipk_in_create_table_and_information_schema: differing(
    'ON',
    'a key that the server made itself is seen',
  ),
  terminology_use_previous: differing(
    'NONE',
    'words of the catalogue and of replication are the ones that we know',
  ),
  transaction_isolation: byItself('', 'which rows a statement sees, and whether gaps are locked'),
  tx_isolation: byItself('', 'the same, as older servers call it'),
  transaction_read_only: byItself('', 'planning can write nothing, whatever its user may do'),
  tx_read_only: byItself('', 'the same, as older servers call it'),
  in_transaction: byItself('0', 'none is open that somebody else began'),
};
