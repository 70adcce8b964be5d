// What a store gives (`StoredRecord`, values as they stand) and what a decision needs (`RecordFacts`, values
// understood). `readRecord` is the one road from the first to the second.
import { type FileRule, resolveFile } from './file-path.ts';
import { saysNumber } from './numbers.ts';
import type { Disposition, Key, StartEvent } from './policy.ts';
import { readStart, type StartReading, type StartSpec } from './start.ts';
import { type RowsSay, readStartRows } from './start-rows.ts';

/** A record as its store gave it. Texts are exact: nothing is parsed, rounded or trimmed. */
export interface StoredRecord {
  readonly key: Key;
  /** The value of the tag that says the class, where the dataset has one. */
  readonly tag: string | null;
  readonly customer: string | null;
  readonly numbers: readonly string[];
  readonly jurisdiction: string | null;
  readonly start: {
    readonly value: string | null;
    readonly status: string | null;
    /** What stands in for a value that says nothing; not there where nothing does. */
    readonly fallback?: string | null;
    /** False when the record that carries the start (the account of a letter, say) does not exist. */
    readonly sourceFound: boolean;
    /** Where rows of another table tell the start: what they say, of which `value` is the time. */
    readonly rows?: RowsSay;
  };
  /** Values of the columns that file templates name. */
  readonly columns: Readonly<Record<string, string | null>>;
  readonly bytes: number | null;
  /** Why the store itself will not let the record go (an object lock, say), or null. */
  readonly lock: string | null;
  /** What has been done to the record already, or need not be: its flag is set, its fields are masked. */
  readonly done: readonly Disposition[];
}

/** Which class a record is of: the dataset's, or by the value of its tag. */
export type ClassRule =
  | { readonly kind: 'fixed'; readonly class: string }
  | { readonly kind: 'tag'; readonly classes: Readonly<Record<string, string>> };

/** How the records of one dataset are to be understood. */
export interface ReadingRules {
  readonly store: string;
  readonly name: string;
  /** The dataset of the same table whose rows these records are a part of; null: a record is a row, or a file. */
  readonly partOf: string | null;
  /** True where rows have no key: one stands for its row and a number among those that are the same in every column. */
  readonly keyless: boolean;
  readonly class: ClassRule;
  readonly start: StartSpec;
  /** True when records say whose they are, and by which numbers; false leaves holds by them in doubt. */
  readonly mapsCustomer: boolean;
  readonly mapsNumbers: boolean;
  readonly jurisdiction:
    | { readonly kind: 'none' }
    | { readonly kind: 'fixed'; readonly code: string }
    | { readonly kind: 'column' };
  readonly files: readonly FileRule[];
}

/**
 * A file that belongs to a record and goes with it. `paths`: the names that it may have, relative to the root of `store`,
 * its own first. Each that is there goes; the file is missing where none is.
 */
export interface FileRef {
  readonly store: string;
  readonly paths: readonly string[];
  /** Its record may go where the file is missing; where nothing says so it stays. */
  readonly mayBeMissing?: true;
  /** It goes under this name though it has another; where nothing says so it stays. */
  readonly mayBeLinked?: true;
}

/** The lock of a file that has a second name, under which it would stay. */
export const HARD_LINKED = 'hard-link';

/** A record as a decision needs it. */
export interface RecordFacts {
  readonly store: string;
  readonly dataset: string;
  /** The dataset of the row that the record is a part of, or null. */
  readonly partOf: string | null;
  readonly key: Key;
  readonly keyless: boolean;
  /** Null when the tag names no class that the dataset declares. */
  readonly class: string | null;
  /** Undefined: the dataset does not say. Null: it says, and this record has none. */
  readonly customer: string | null | undefined;
  /** Fields as they are written, each of which may name several numbers; those that name none are left out. */
  readonly numbers: readonly string[] | undefined;
  /**
   * Undefined: no jurisdiction is declared. Null: one is declared, and this record says none. What is no code of ISO 3166
   * (`UK`, `Florida`) is here as it stands, and `decide` finds no law of that name.
   */
  readonly jurisdiction: string | null | undefined;
  readonly start: StartReading;
  /** What the start is the time of: for `account-closed` it says nothing of when the record itself was made. */
  readonly startEvent: StartEvent;
  readonly lock: string | null;
  readonly bytes: number | null;
  readonly files: readonly FileRef[];
  /** Why a file that should go with the record cannot be named, or null. */
  readonly fileDoubt: string | null;
  readonly done: readonly Disposition[];
}

/** The class that a tag stands for under a dataset's rule, or null when it stands for none. */
export function classOf(rule: ClassRule, tag: string | null): string | null {
  if (rule.kind === 'fixed') return rule.class;
  return tag !== null && Object.hasOwn(rule.classes, tag) ? (rule.classes[tag] ?? null) : null;
}

/** Understands a stored record. Never throws: what cannot be understood becomes a doubt, and doubt keeps. */
export function readRecord(stored: StoredRecord, rules: ReadingRules): RecordFacts {
  const { rows } = stored.start;
  const start =
    rows === undefined
      ? readStart(stored.start, rules.start)
      : readStartRows(stored.start, rows, rules.start);
  const files: FileRef[] = [];
  let fileDoubt: string | null = null;
  for (const rule of rules.files) {
    const resolved = resolveFile(rule, stored.columns, start, rules.start.zone);
    if (resolved.kind === 'named')
      files.push({
        store: rule.store,
        paths: resolved.paths,
        ...(rule.missing === 'purge-record' ? { mayBeMissing: true } : {}),
        ...(rule.hardLinks === undefined ? {} : { mayBeLinked: true }),
      });
    else if (resolved.kind === 'doubt') fileDoubt = resolved.why;
  }
  return {
    store: rules.store,
    dataset: rules.name,
    partOf: rules.partOf,
    key: stored.key,
    keyless: rules.keyless,
    class: classOf(rules.class, stored.tag),
    customer: rules.mapsCustomer ? (stored.customer?.trim() ? stored.customer : null) : undefined,
    numbers: rules.mapsNumbers ? stored.numbers.filter(saysNumber) : undefined,
    jurisdiction: readJurisdiction(rules.jurisdiction, stored.jurisdiction),
    start,
    startEvent: rules.start.event,
    lock: stored.lock,
    bytes: stored.bytes,
    files,
    fileDoubt,
    done: stored.done,
  };
}

/** What is known of a record of which only the start was read. */
export function recordStarted(value: string, rules: ReadingRules, of: string): RecordFacts {
  const start = { value, status: null, sourceFound: true };
  const nothing = { customer: null, numbers: [], jurisdiction: null, columns: {}, bytes: null, lock: null };
  const record = readRecord({ key: [], tag: null, start, done: [], ...nothing }, { ...rules, files: [] });
  return { ...record, class: of };
}

function readJurisdiction(
  rule: ReadingRules['jurisdiction'],
  value: string | null,
): string | null | undefined {
  switch (rule.kind) {
    case 'none':
      return undefined;
    case 'fixed':
      return rule.code;
    case 'column':
      return value === null || value.trim() === '' ? null : value;
  }
}
