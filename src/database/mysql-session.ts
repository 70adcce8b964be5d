// Makes a new session of MySQL or MariaDB ours: whatever init_connect or the server's globals made of it is thrown away, what
// changes the meaning of statements is stated, and all of it is read back once.
import { RetentionError } from '../errors.ts';
import { STATED, type Stated } from './mysql-stated.ts';

/** What differs from session to session. */
export interface SessionRules {
  readonly access: 'reads' | 'writes';
  readonly isolation: 'READ COMMITTED' | 'REPEATABLE READ';
  /** The server itself ends what takes longer; null: nothing is. */
  readonly longestMs: number | null;
}

/** A connection as its driver gives it. */
export interface Connection {
  readonly query: (sql: string, done: (error: unknown, rows?: unknown) => void) => void;
  readonly reset: (done: (error: unknown) => void) => void;
  readonly destroy: () => void;
}

/** What the server is and how it is set, variable by variable, as of the opening. */
export type Variables = ReadonlyMap<string, string>;

/** For tests that show what a statement is good for: these are left as the server has them, and not read back. */
export const unsafeUnstated = new Set<string>();

/** Not ours to set; what is read of them decides what may be done, or tells one server from another. */
const ALSO_READ = [
  'version',
  'version_comment',
  'hostname',
  'port',
  'server_id',
  'server_uuid',
  'server_uid',
  'read_only',
  'super_read_only',
  'innodb_read_only',
  'lower_case_table_names',
  'max_allowed_packet',
  'log_bin',
  'binlog_format',
] as const;

/** `what`: whose session it is, for people. Throws `session-unfit` where the server does not let it be as it must. */
export async function stateSession(
  connection: Connection,
  what: string,
  database: string,
  rules: SessionRules,
): Promise<Variables> {
  const run = (sql: string): Promise<unknown> =>
    new Promise((resolve, reject) => {
      connection.query(sql, (error, rows) => {
        if (error) reject(error);
        else resolve(rows);
      });
    });
  if (!unsafeUnstated.has('reset'))
    await new Promise<void>((resolve, reject) => {
      connection.reset(error => {
        if (error) reject(error);
        else resolve();
      });
    });
  if (!unsafeUnstated.has('transaction'))
    await run(
      `SET SESSION TRANSACTION ISOLATION LEVEL ${rules.isolation}, ${rules.access === 'reads' ? 'READ ONLY' : 'READ WRITE'}`,
    );
  const wanted = wantedBy(rules);
  await run(atOnce(wanted));
  let variables = await readBack(run, what, database);
  const others = [...wanted].filter(
    ([name, one]) => canDiffer(one, variables) && !isAs(one, variables.get(name)),
  );
  if (others.length > 0) {
    for (const [name, one] of others) await setDiffering(run, what, name, one);
    variables = await readBack(run, what, database);
  }
  for (const [name, one] of wanted) {
    const value = variables.get(name);
    if (!isAs(one, value))
      throw unfit(what, `${name} is "${value}" after it was set to "${one.value}"`, name);
  }
  const packet = Number(variables.get('max_allowed_packet') ?? LEAST_PACKET);
  if (packet < LEAST_PACKET && !unsafeUnstated.has('max_allowed_packet'))
    throw unfit(
      what,
      `max_allowed_packet is ${packet}: statements and answers need ${LEAST_PACKET} bytes`,
      'max_allowed_packet',
    );
  return variables;
}

/** Throws `session-unfit` for a session that is to write where the server lets nothing be written. */
export function requireWritable(what: string, rules: SessionRules, variables: Variables): void {
  if (rules.access !== 'writes') return;
  const objection = readOnlyObjection(variables) ?? binlogObjection(variables, rules.isolation);
  if (objection !== null) throw new RetentionError('session-unfit', `${what}: ${objection}`, CANNOT_WRITE);
}

const CANNOT_WRITE =
  'Nothing more was changed. Point the URL at the server that takes writes, or set the variable on the server, for new connections too, and run again';

function readOnlyObjection(variables: Variables): string | null {
  const name = ['super_read_only', 'read_only', 'innodb_read_only'].find(
    one => !unsafeUnstated.has(one) && !['OFF', undefined].includes(variables.get(one)),
  );
  return name === undefined
    ? null
    : `${name} is ${variables.get(name)}: nothing is written there (a replica, or the primary from before a failover?)`;
}

/** InnoDB takes no row at this level where the log is of statements: after a partition has been dropped, say. */
export function binlogObjection(variables: Variables, isolation: SessionRules['isolation']): string | null {
  if (isolation !== 'READ COMMITTED' || unsafeUnstated.has('binlog_format')) return null;
  if (variables.get('log_bin') !== 'ON' || variables.get('binlog_format') !== 'STATEMENT') return null;
  return 'binlog_format is STATEMENT: InnoDB then takes no delete at READ COMMITTED; it has to be ROW or MIXED';
}

/** A page of keys and a batch of the ledger fit into it many times over. */
const LEAST_PACKET = 65536;

/** One statement for all that every server, or each that its comment speaks to, has and lets everybody set. */
function atOnce(wanted: ReadonlyMap<string, Stated>): string {
  const names = unsafeUnstated.has('names') ? [] : ["NAMES 'utf8mb4' COLLATE 'utf8mb4_unicode_ci'"];
  const all = [...wanted].filter(([, { set }]) => set === 'always');
  const plain = all.filter(([, { only }]) => only === undefined).map(([name, one]) => assignment(name, one));
  const some = all.flatMap(([name, one]) =>
    one.only === undefined ? [] : ` ${one.only} , ${assignment(name, one)} */`,
  );
  return `SET ${[...plain, ...names].join(', ')}${some.join('')}`;
}

function assignment(name: string, { value, written }: Stated): string {
  return `SESSION ${name} = ${written ?? (/^[0-9.]+$/.test(value) ? value : `'${value}'`)}`;
}

/** What has to be found at the end: what is stated for all, and what these rules say. */
function wantedBy(rules: SessionRules): Map<string, Stated> {
  const isolation = rules.isolation.replace(' ', '-');
  const access = rules.access === 'reads' ? 'ON' : 'OFF';
  const own: Readonly<Record<string, string>> = {
    transaction_isolation: isolation,
    tx_isolation: isolation,
    transaction_read_only: access,
    tx_read_only: access,
    ...(rules.longestMs === null
      ? {}
      : {
          max_statement_time: (rules.longestMs / 1000).toFixed(6),
          max_execution_time: String(rules.longestMs),
        }),
  };
  const all = Object.entries(STATED)
    .filter(([name]) => !unsafeUnstated.has(name) && !unsafeUnstated.has(groupOf(name)))
    .map(([name, one]) => [name, { ...one, value: own[name] ?? one.value }] as const);
  return new Map(all);
}

function groupOf(name: string): string {
  if (/^(character_set|collation)_/.test(name)) return 'names';
  if (/^(transaction|tx)_/.test(name)) return 'transaction';
  return name === 'in_transaction' ? 'reset' : name;
}

/** What the first statement may have passed over, and what is no other name of a variable that is set already. */
function canDiffer({ set, only, sameAs }: Stated, variables: Variables): boolean {
  return (set === 'differing' || only !== undefined) && !(sameAs !== undefined && variables.has(sameAs));
}

/** True too where the server has no such variable. */
function isAs({ value, written, or = [] }: Stated, read: string | undefined): boolean {
  // The time that it is has no one value.
  if (read === undefined || (written !== undefined && value === '')) return true;
  const words = (text: string): string => text.toUpperCase().split(',').sort().join(',');
  return [value, ...or].some(one => words(one) === words(read));
}

async function readBack(
  run: (sql: string) => Promise<unknown>,
  what: string,
  database: string,
): Promise<Variables> {
  const names = [...Object.keys(STATED), ...ALSO_READ].map(name => `'${name}'`).join(', ');
  const own =
    database === '' || unsafeUnstated.has('database')
      ? ''
      : ` AND DATABASE() = '${database.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`;
  const rows = (await run(`SHOW SESSION VARIABLES WHERE Variable_name IN (${names})${own}`)) as {
    Variable_name: string;
    Value: string;
  }[];
  if (rows.length === 0)
    throw unfit(what, `the session is in another database than "${database}"`, 'init_connect');
  return new Map(rows.map(row => [row.Variable_name.toLowerCase(), row.Value]));
}

async function setDiffering(
  run: (sql: string) => Promise<unknown>,
  what: string,
  name: string,
  one: Stated,
): Promise<void> {
  try {
    await run(`SET ${assignment(name, one)}`);
  } catch (error) {
    throw unfit(
      what,
      `${name} has to be "${one.value}", and the server does not let this user set it`,
      name,
      error,
    );
  }
}

function unfit(what: string, message: string, name: string, cause?: unknown): RetentionError {
  const why = STATED[name]?.why;
  return new RetentionError(
    'session-unfit',
    `${what}: ${message}${why === undefined ? '' : ` (${why})`}`,
    `Change ${name} on the server, in its options and init_connect, or grant this user the right to set it`,
    { cause },
  );
}
