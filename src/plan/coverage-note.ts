// One thing that the data maps leave out.

export interface CoverageNote {
  /** warns: something is kept, or forgotten, that somebody may believe to be gone. advises: look at it once. */
  readonly verdict: 'warns' | 'advises';
  readonly message: string;
  /** The way out; empty where the message says it. */
  readonly hint: string;
}

export function warns(message: string, hint: string): CoverageNote {
  return { verdict: 'warns', message, hint };
}

export function advises(message: string, hint: string): CoverageNote {
  return { verdict: 'advises', message, hint };
}
