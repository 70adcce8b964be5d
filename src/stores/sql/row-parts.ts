// Parts of rows that are about to be purged: read from the same locked rows and ruled on by their own rules, so that a row
// stays for as long as one of its parts must.
import type { Key } from '../../policy/policy.ts';
import type { StoredRecord } from '../../policy/record.ts';
import type { Outcome, RowPart } from '../order.ts';
import type { Target } from './query.ts';
import type { FileOwner } from './with-files.ts';

/** A part with its place in the store. */
export interface OpenPart extends RowPart {
  readonly target: Target;
}

interface PartsOfRows {
  /** Rows that a part keeps, by key. */
  readonly kept: ReadonlyMap<string, Outcome>;
  /** The parts of the rows, with the files that they may still name. */
  readonly owners: readonly FileOwner[];
}

/** `read`: the rows of these keys as a dataset reads them, under lock. */
export async function partsOfRows(
  parts: readonly OpenPart[],
  keys: readonly Key[],
  read: (target: Target) => Promise<readonly StoredRecord[]>,
): Promise<PartsOfRows> {
  const kept = new Map<string, Outcome>();
  const owners: FileOwner[] = [];
  if (keys.length === 0) return { kept, owners };
  for (const { target, judge, release } of parts) {
    const records = await read(target);
    const rulings = await judge(records);
    records.forEach(({ key }, index) => {
      const ruling = rulings[index];
      if (ruling?.go === true) return;
      const [why, by] = [ruling?.why ?? 'blocked', ruling?.by ?? target.dataset.name];
      kept.set(JSON.stringify(key), { key, did: 'spared', why, by });
    });
    owners.push({ target, release, records });
  }
  return { kept, owners };
}
