// What a store says of a declared dataset when it looks at the real one. Types only.

/** What is wrong with a dataset as declared, seen against the real store. */
export interface Mismatch {
  readonly dataset: string;
  readonly message: string;
  readonly hint: string;
}

/** What is not known of a dataset's surroundings: `advises` where whoever enforces looks again before anything goes. */
export interface Unseen extends Mismatch {
  readonly verdict: 'warns' | 'advises';
}

/**
 * A sentence: `no-undo` of an engine that can undo nothing, `event` of something that writes by the server's own clock,
 * `trigger` of one that acts on every write of ours, `null-key` of rows that no statement finds again, `not-erased` of a store
 * that keeps what was deleted in its free pages, `server` of a server that will not take what an enforcing run writes.
 */
export interface Caveat {
  readonly about: 'no-undo' | 'event' | 'trigger' | 'null-key' | 'not-erased' | 'server';
  readonly message: string;
  /** How many records it is about; left out: all that are due. */
  readonly count?: number;
}
