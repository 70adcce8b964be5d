// Short ways to ask stores things in tests: the pages of a scan, the keys in them, and judges of one mind.
import type { Key } from '../../src/policy/policy.ts';
import type { StoredRecord } from '../../src/policy/record.ts';
import type { Judge, SpareReason } from '../../src/stores/order.ts';
import type { ScanRange } from '../../src/stores/scan-range.ts';
import type { Dataset, StoreReader } from '../../src/stores/store.ts';

export const EVERYTHING: ScanRange = { tags: null, which: { kind: 'all' } };

export async function pagesOf(
  reader: StoreReader,
  dataset: Dataset,
  range: ScanRange = EVERYTHING,
  pageRecords = 1000,
): Promise<(readonly StoredRecord[])[]> {
  const pages: (readonly StoredRecord[])[] = [];
  for await (const page of reader.scan(dataset, range, pageRecords)) pages.push(page);
  return pages;
}

export async function scanned(
  reader: StoreReader,
  dataset: Dataset,
  range: ScanRange = EVERYTHING,
): Promise<StoredRecord[]> {
  return (await pagesOf(reader, dataset, range)).flat();
}

export function keysOf(records: readonly StoredRecord[]): Key[] {
  return records.map(record => record.key);
}

/** Keys of one column as texts, sorted: for comparing sets. */
export function namesOf(records: readonly StoredRecord[]): string[] {
  return records.map(record => record.key.join(' ')).sort();
}

export const letAllGo: Judge = async records => records.map(() => ({ go: true }));

export function spareAll(why: SpareReason, by: string | null): Judge {
  return async records => records.map(() => ({ go: false, why, by }));
}
