// When two customers, keys or records are the same, and when they only may be. Exact answers decide what goes; wide
// ones decide what is kept. Numbers have a file of their own.
import { familyOf } from './dated-names.ts';
import type { Key, RecordAddress } from './policy.ts';
import type { RecordFacts } from './record.ts';

/** Whether two customers' ids may be one: databases take `A1`, `a1`, `á1` and `a1 ` for the same, `007` and `7`, and so do people. */
export function mayBeSameCustomer(a: string, b: string): boolean {
  return a === b || foldId(a) === foldId(b);
}

/** An id as it is compared widely. */
export function foldId(id: string): string {
  return (
    id
      // Most collations take no account of accents: `José` is `Jose` to them. What is written as one letter or as two is one.
      .normalize('NFKD')
      .replace(/[\u0300-\u036f]/g, '')
      .normalize('NFKC')
      .trim()
      // By way of capitals, in which `ß` is `SS`.
      .toUpperCase()
      .toLowerCase()
      // Zeros before a number are how some column shows it, and not a part of it.
      .replace(/^0+(?=\d+$)/, '')
  );
}

export function isRecord(address: RecordAddress, record: RecordFacts): boolean {
  return address.store === record.store && address.dataset === record.dataset && isKeyOf(address.key, record);
}

/**
 * Whether an address may be meant for a record: by the row that it is a part of too, since what holds the row holds all of
 * it; and where its tables are named by date, the name of the dataset without a table stands for all of them.
 */
export function mayBeRecord(address: RecordAddress, record: RecordFacts): boolean {
  const { store, partOf } = record;
  const names = partOf === null ? [record.dataset] : [record.dataset, partOf];
  return (
    names.some(name => mayBeDataset(address, { store, name })) &&
    (isKeyOf(address.key, record) || (!record.keyless && mayBeSameKey(address.key, record.key)))
  );
}

export function mayBeDataset(
  address: Pick<RecordAddress, 'store' | 'dataset'>,
  { store, name }: { readonly store: string; readonly name: string },
): boolean {
  return address.store === store && (address.dataset === name || address.dataset === familyOf(name));
}

/** Whether a key is a record's. Where rows have none, it means every copy of its row: their numbers say nothing. */
export function isKeyOf(key: Key, record: Pick<RecordFacts, 'key' | 'keyless'>): boolean {
  return record.keyless ? rowOf(key) === rowOf(record.key) : sameKey(key, record.key);
}

/** Keys in which numbers may be written differently: `0000000042` is what a column shows of `42`, and `0.000` of `0`. */
function mayBeSameKey(a: Key, b: Key): boolean {
  return (
    a.length === b.length && a.every((part, index) => plainNumberOf(part) === plainNumberOf(b[index] ?? ''))
  );
}

/** A number without what may be left out of it; any other text as it is. */
export function plainNumberOf(text: string): string {
  if (!/^[+-]?\d+(\.\d+)?$/.test(text)) return text;
  const whole = text.replace(/^\+/, '').replace(/^(-?)0+(?=\d)/, '$1');
  const short = whole.includes('.') ? whole.replace(/\.?0+$/, '') : whole;
  return short === '-0' ? '0' : short;
}

/** The row that a key without columns stands for: all of the key but the number of the copy. */
export function rowOf(key: Key): string {
  return JSON.stringify(key.slice(0, -1));
}

function sameKey(a: Key, b: Key): boolean {
  return a.length === b.length && a.every((part, index) => part === b[index]);
}
