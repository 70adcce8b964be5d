// What a plan says of a dataset as a whole, beside what it says of its records: what is in it or beside it that no rule
// reaches.
import type { Key } from '../policy/policy.ts';
import type { PassedOver } from '../stores/passed-over.ts';
import type { Finding } from './plan.ts';
import type { UnmappedCopy } from './unmapped.ts';

/** Names that a finding quotes. */
const SAMPLES = 5;

/** What is purged from a table stands in its copies still. */
export function findingsOfCopies(copies: readonly UnmappedCopy[]): Finding[] {
  if (copies.length === 0) return [];
  const names = copies.slice(0, SAMPLES).map(({ at }) => `"${at}"`);
  const more = copies.length > SAMPLES ? ` and ${copies.length - SAMPLES} others` : '';
  const message = `named like it and mapped by no dataset: ${names.join(', ')}${more}. What goes here may stand there: map them, or name them in \`ignored\` with a reason`;
  return [{ severity: 'warning', code: 'unmapped-copy', message, count: copies.length, samples: [] }];
}

export function findingsOfStrays(
  strays: { count: number; samples: readonly Key[] },
  textOf: (key: Key) => string,
): Finding[] {
  if (strays.count === 0) return [];
  const message = 'records of this dataset carry a tag that no class is declared for, and are kept';
  const samples = strays.samples.map(textOf);
  return [{ severity: 'warning', code: 'unknown-class', message, count: strays.count, samples }];
}

/** Files that no rule can reach stay for ever, and somebody should know of them. */
export function findingsOfPassedOver(passed: PassedOver | null): Finding[] {
  if (passed === null) return [];
  const notes: readonly (readonly [Finding['severity'], number, string])[] = [
    ['warning', passed.misnamed, 'names that are no UTF-8 were passed over: rename them, or they stay'],
    ['advice', passed.links, 'links were passed over: they are never followed'],
    ['advice', passed.otherKinds, 'entries that are neither files nor folders were passed over'],
    ['advice', passed.otherNames, 'files that the pattern does not name were passed over'],
  ];
  return notes
    .filter(([, count]) => count > 0)
    .map(([severity, count, message]) => ({ severity, code: 'passed-over', message, count, samples: [] }));
}
