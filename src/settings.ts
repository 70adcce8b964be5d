// Environment and flags to settings. The only file that reads `process.env`.
import { homedir, hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { RetentionError } from './errors.ts';
import type { Reference } from './stores/store.ts';

export interface Settings {
  readonly policiesFolder: string;
  readonly jobsFolder: string;
  /** A file's path or a MySQL URL. */
  readonly ledger: string;
  /** The folder of the mark of the last ledger; null: beside a ledger that is a file, else `stateHome`. */
  readonly stateFolder: string | null;
  /** Where programs of this user keep what they must not lose. */
  readonly stateHome: string;
  /** Secret for keyed hashes; empty where none is set, which matters only to datasets that need one. */
  readonly hashKey: string;
  readonly logLevel: string;
  /** Who acts, for the audit log. */
  readonly actor: string;
  readonly quiet: boolean;
  /** Progress as a bar for a person; otherwise one JSON line an event. */
  readonly interactive: boolean;
  readonly host: string;
  /** Where metrics are written; `{job}` stands for the job's name. Null: nowhere. */
  readonly metricsFile: string | null;
}

export interface Flags {
  readonly policies?: string;
  readonly jobs?: string;
  readonly ledger?: string;
  /** The folder of the ledger's mark; no flag of the command line. */
  readonly state?: string;
  readonly quiet?: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

export function readSettings(flags: Flags, environment: Environment = process.env): Settings {
  return {
    policiesFolder: flags.policies ?? environment.RETENTION_POLICIES ?? 'policies',
    jobsFolder: flags.jobs ?? environment.RETENTION_JOBS ?? 'jobs',
    ledger: flags.ledger ?? environment.RETENTION_LEDGER ?? 'retention-ledger.db',
    stateFolder: flags.state ?? (environment.RETENTION_STATE || null),
    stateHome: environment.XDG_STATE_HOME || join(homedir(), '.local/state'),
    hashKey: environment.RETENTION_HASH_KEY ?? '',
    logLevel: environment.RETENTION_LOG_LEVEL ?? 'info',
    actor: environment.RETENTION_ACTOR ?? userName(),
    quiet: flags.quiet ?? false,
    interactive: process.stderr.isTTY === true && environment.CI === undefined,
    host: hostname(),
    metricsFile: environment.RETENTION_METRICS_FILE || null,
  };
}

/** The place that a reference names: the text itself, or the value of the variable. */
export function resolveReference(
  reference: Reference,
  what: string,
  environment: Environment = process.env,
): string {
  if ('literal' in reference) return reference.literal;
  const value = environment[reference.env];
  if (value !== undefined && value !== '') return value;
  throw new RetentionError(
    'configuration-invalid',
    `${reference.env} is not set, and ${what} needs it`,
    `Set ${reference.env} in the environment`,
  );
}

/** Whether the variable that a reference names is set. */
export function isResolvable(reference: Reference, environment: Environment = process.env): boolean {
  return 'literal' in reference || (environment[reference.env] ?? '') !== '';
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a number that has no name.
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
