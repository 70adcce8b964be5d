// Rows that are the same in every column are told apart by a number alone: whichever of them is which, they are alike.
import { rowOf } from '../../policy/identity.ts';
import type { Key } from '../../policy/policy.ts';
import type { StoredRecord } from '../../policy/record.ts';

/** Records of rows without a key, numbered from 1 among those that are the same. */
export function numberCopies(records: readonly StoredRecord[]): StoredRecord[] {
  const seen = new Map<string, number>();
  return records.map(record => {
    const row = rowOf(record.key);
    const copy = (seen.get(row) ?? 0) + 1;
    seen.set(row, copy);
    return { ...record, key: [...record.key.slice(0, -1), String(copy)] };
  });
}

/** A record for each key as far as there are rows for it, and how many there are of each row. */
export function matchCopies(
  keys: readonly Key[],
  records: readonly StoredRecord[],
): { readonly locked: StoredRecord[]; readonly copies: ReadonlyMap<string, number> } {
  const left = new Map<string, StoredRecord[]>();
  for (const record of records) {
    const same = left.get(rowOf(record.key));
    if (same === undefined) left.set(rowOf(record.key), [record]);
    else same.push(record);
  }
  const copies = new Map([...left].map(([row, same]) => [row, same.length]));
  const locked = keys.flatMap(key => {
    const record = left.get(rowOf(key))?.pop();
    return record === undefined ? [] : { ...record, key };
  });
  return { locked, copies };
}
