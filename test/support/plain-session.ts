// Sessions of the tests themselves: as plain as on a server that nobody has set, whatever this one is set to. What the product
// makes of its own sessions has no part in it.

/** `modes`: the whole of sql_mode. Every server takes it, whoever asks. */
export function plainSession(modes: string, also = ''): string {
  return [
    `SET SESSION sql_mode = '${modes}', time_zone = '+00:00', autocommit = 1, completion_type = 0`,
    ', foreign_key_checks = 1, unique_checks = 1, sql_select_limit = 18446744073709551615, sql_safe_updates = 0',
    ', sql_big_selects = 1, sql_auto_is_null = 0, group_concat_max_len = 1048576, div_precision_increment = 4',
    ', wait_timeout = 28800, lock_wait_timeout = 86400, innodb_lock_wait_timeout = 50',
    `, default_storage_engine = 'InnoDB', lc_messages = 'en_US'${also}, NAMES 'utf8mb4'`,
    " /*M!100101 , max_statement_time = 0, tx_read_only = 0, tx_isolation = 'REPEATABLE-READ' */",
    " /*M!101103 , system_versioning_asof = DEFAULT, old_mode = 'UTF8_IS_UTF8MB3', alter_algorithm = 'DEFAULT' */",
    " /*!50720 , max_execution_time = 0, transaction_read_only = 0, transaction_isolation = 'REPEATABLE-READ' */",
    ' /*!80030 , sql_require_primary_key = 0, sql_generate_invisible_primary_key = 0 */',
  ].join('');
}

interface Session {
  readonly query: (sql: string, done: (error: unknown) => void) => void;
}

/** For the pool of a knex: what it is told of each new connection. */
export function madePlain(sql: string) {
  return (connection: Session, done: (error: unknown, connection: Session) => void): void => {
    connection.query(sql, error => done(error, connection));
  };
}
