// Every way this product fails on purpose: a code that finishes "it failed because", and a hint that says what
// to do. Nothing here logs or exits; `main.ts` turns an error into an exit code.

/** Process exit codes, part of the product's contract with cron, Kubernetes and people's scripts. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  refused: 3,
  partial: 4,
  unverified: 5,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export type ErrorCode =
  | 'configuration-invalid'
  | 'usage-invalid'
  | 'not-found'
  | 'store-unreachable'
  | 'store-mismatch'
  | 'server-changed'
  | 'session-unfit'
  | 'store-refuses'
  | 'statement-refused'
  | 'ledger-unusable'
  | 'ledger-unknown'
  | 'audit-unwritable'
  | 'limit-exceeded'
  | 'plan-not-enforceable'
  | 'run-in-progress'
  | 'lease-lost'
  | 'clock-untrusted'
  | 'clock-stepped'
  | 'hash-key-missing'
  | 'outside-window'
  | 'load-critical'
  | 'orders-unreadable';

const exitCodes: Record<ErrorCode, ExitCode> = {
  'configuration-invalid': EXIT.usage,
  'usage-invalid': EXIT.usage,
  'not-found': EXIT.usage,
  'store-unreachable': EXIT.failed,
  'store-mismatch': EXIT.failed,
  'server-changed': EXIT.failed,
  'session-unfit': EXIT.failed,
  'store-refuses': EXIT.failed,
  'statement-refused': EXIT.failed,
  'ledger-unusable': EXIT.failed,
  'ledger-unknown': EXIT.refused,
  'audit-unwritable': EXIT.failed,
  'limit-exceeded': EXIT.refused,
  'plan-not-enforceable': EXIT.refused,
  'run-in-progress': EXIT.refused,
  'lease-lost': EXIT.failed,
  'clock-untrusted': EXIT.refused,
  // In the middle of a run: what went before it went.
  'clock-stepped': EXIT.failed,
  'hash-key-missing': EXIT.usage,
  'outside-window': EXIT.refused,
  // As any run that ended early and can be gone on with. Not `failed`, after which schedulers start again at once, on a
  // server that has enough to do; not `refused`, which promises that nothing was touched.
  'load-critical': EXIT.partial,
  'orders-unreadable': EXIT.failed,
};

/** An expected failure. `message` says what happened, `hint` says what to do about it. */
export class RetentionError extends Error {
  override readonly name = 'RetentionError';
  readonly code: ErrorCode;
  readonly hint: string;

  constructor(code: ErrorCode, message: string, hint: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.hint = hint;
  }

  get exitCode(): ExitCode {
    return exitCodes[this.code];
  }
}

/** One mistake in a configuration file; `line` and `column` count from 1. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Where in the document, as `datasets[0].start.unit`; empty for the document itself. */
  readonly path: string;
  readonly message: string;
  readonly hint: string;
}

/** Every mistake found in the configuration, together, so that one round of editing mends them all. */
export class ConfigurationError extends RetentionError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(
      'configuration-invalid',
      `${problems.length} ${problems.length === 1 ? 'mistake' : 'mistakes'} in the configuration`,
      'Mend each one at the file and line given, then run: retention validate',
    );
    this.problems = problems;
  }
}

/** The text of anything that was thrown. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** What failed, by its code alone where it has one: a message may quote values, and paths and keys can be anybody's number. */
export function failureOf(error: unknown): string {
  const { code } = ((error instanceof RetentionError ? error.cause : null) ?? error) as { code?: string };
  return code ?? reasonOf(error).split(':')[0] ?? 'an unknown error';
}

/** The root of a store of files is not there: no file of it can be looked at now. The message says why. */
export class RootAway extends Error {}
