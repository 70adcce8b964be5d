// Whether the keys of a dataset look as if they were about people. The audit log keeps keys for ever, in clear unless they are
// hashed, and the key of a file is its path. A guess decides nothing: it is told by every plan, and a person looks.
import type { RecordFacts } from '../policy/record.ts';
import type { Dataset, StoreKind } from '../stores/store.ts';
import { looksPersonal } from './personal.ts';
import type { Finding } from './plan.ts';

const REMEDY =
  'the audit log keeps them in clear, for ever. Write keysPersonal: true and set RETENTION_HASH_KEY: it then holds keyed hashes of them';

/** Of the declaration: the columns of the key, or what the pattern of a file's path names. Nothing of what is hashed. */
export function findingsOfKeys(dataset: Dataset, kind: StoreKind): Finding[] {
  if (dataset.keysPersonal) return [];
  const named = kind === 'filesystem' ? groupsOf(dataset) : dataset.keyless ? [] : dataset.key;
  const told = new Set(
    kind === 'filesystem' ? [dataset.customerColumn, ...dataset.numberColumns] : dataset.numberColumns,
  );
  const personal = named.filter(name => told.has(name) || looksPersonal({ name, isDate: false }));
  if (personal.length === 0) return [];
  const what = kind === 'filesystem' ? 'the names of its files hold' : 'its key holds';
  return [
    finding(`${what} "${personal.join('" and "')}", which looks like data about people, and ${REMEDY}`, 0),
  ];
}

/** Of what stands there: names of due files in which a number or an address can be read. */
export function findingsOfNames(count: number): Finding[] {
  if (count === 0) return [];
  return [
    finding(`a telephone number or an address can be read in the names of its files, and ${REMEDY}`, count),
  ];
}

function finding(message: string, count: number): Finding {
  return { severity: 'warning', code: 'personal-keys', message, count, samples: [] };
}

function groupsOf({ pattern }: Dataset): string[] {
  return [...(pattern ?? '').matchAll(/\(\?<([^>=!]+)>/g)].map(([, name = '']) => name);
}

/** A digit run of a telephone number's length that is neither a day, nor a moment, nor seconds since 1970; or an address. */
export function nameLooksPersonal({ key }: RecordFacts): boolean {
  const [path = ''] = key;
  if (/[^\s/@]+@[^\s/@]+\.[a-z]{2,}/i.test(path)) return true;
  return [...path.matchAll(/\d{9,15}/g)].some(([digits]) => !MOMENT.test(digits));
}

const MOMENT = /^((19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])\d{0,6}|1\d{9}|1\d{12})$/;
