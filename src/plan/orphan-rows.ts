// One direction: all rows of a dataset are read, and each file that they name is looked at.
import { keyText } from '../policy/key-text.ts';
import { readRecord } from '../policy/record.ts';
import type { Dataset, StoreReader } from '../stores/store.ts';
import { type FileFound, findFile } from './file-places.ts';
import { PAGE_RECORDS } from './scan-part.ts';

/** Something counted, with the first few by name. */
export interface Sampled {
  readonly count: number;
  readonly samples: readonly string[];
}

export interface OrphanRows {
  readonly store: string;
  readonly dataset: string;
  /** All rows that were read. */
  readonly rows: number;
  /** Rows of which a file is gone, with their keys as texts. */
  readonly gone: Sampled;
  /** Rows of which that cannot be said, by why: the file cannot be named, or cannot be looked at. */
  readonly unsaid: readonly (Sampled & { readonly why: string })[];
}

/** Names and keys shown of what was counted, as plans show them. */
const SAMPLES = 5;

export interface Sampling {
  count: number;
  readonly samples: string[];
}

export function sample(into: Sampling, text: () => string): void {
  into.count += 1;
  if (into.samples.length < SAMPLES) into.samples.push(text());
}

export interface OrphanRowsInput {
  readonly dataset: Dataset;
  readonly reader: StoreReader;
  /** Readers of the stores that hold files, by name. */
  readonly readers: ReadonlyMap<string, StoreReader>;
  /** Null where no key is personal. */
  readonly hashKey: string | null;
  readonly onProgress: (looked: number, of: string) => void;
}

/** `lost`: stores whose files could not be looked at, each with a reason. */
export async function orphanRows(
  input: OrphanRowsInput,
): Promise<{ readonly report: OrphanRows; readonly lost: ReadonlyMap<string, string> }> {
  const { dataset, reader, readers } = input;
  const gone: Sampling = { count: 0, samples: [] };
  const unsaid = new Map<string, Sampling>();
  const lost = new Map<string, string>();
  let rows = 0;
  for await (const page of reader.scan(dataset, { tags: null, which: { kind: 'all' } }, PAGE_RECORDS)) {
    const looked = await Promise.all(
      page.map(async stored => {
        const record = readRecord(stored, dataset);
        return { record, found: await Promise.all(record.files.map(file => findFile(file, readers))) };
      }),
    );
    for (const { record, found } of looked) {
      const text = (): string => keyText(record.key, input.hashKey);
      found.forEach(({ unreachable, doubt }, index) => {
        const store = record.files[index]?.store;
        if (unreachable && store !== undefined) lost.set(store, doubt ?? '');
      });
      const why = whyUnsaid(found, record.fileDoubt);
      if (found.some(isGone)) sample(gone, text);
      else if (why !== null) {
        const known = unsaid.get(why) ?? { count: 0, samples: [] };
        sample(known, text);
        unsaid.set(why, known);
      }
    }
    rows += page.length;
    input.onProgress(page.length, `${dataset.store}/${dataset.name}`);
  }
  const { store, name } = dataset;
  const reasons = [...unsaid].map(([why, sampled]) => ({ why, ...sampled }));
  return { report: { store, dataset: name, rows, gone, unsaid: reasons }, lost };
}

function isGone({ files, doubt }: FileFound): boolean {
  return files === 0 && doubt === null;
}

/** Null where every file that the row names is there. */
function whyUnsaid(found: readonly FileFound[], fileDoubt: string | null): string | null {
  const doubt = found.find(({ files, doubt: why }) => files === 0 && why !== null)?.doubt;
  if (doubt != null) return `the file cannot be looked at: ${doubt}`;
  return fileDoubt === null ? null : `the file cannot be named: ${fileDoubt}`;
}
