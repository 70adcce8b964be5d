// The other direction: every file of a store is walked, and of each the rows that may name it are asked for. A file is an
// orphan only if every row that might name it has been asked, and none does.
import { type FileRule, unsafePath } from '../policy/file-path.ts';
import { type Naming, namingsOfPath } from '../policy/naming.ts';
import { readRecord } from '../policy/record.ts';
import type { OtherFile, OtherFiles } from '../stores/file-place.ts';
import type { PassedOver } from '../stores/passed-over.ts';
import type { Dataset, StoreReader } from '../stores/store.ts';
import { type Sampled, type Sampling, sample } from './orphan-rows.ts';
import { PAGE_RECORDS } from './scan-part.ts';

export interface OrphanFiles {
  readonly store: string;
  /** All files that were walked; those that are records of the store itself are not among them. */
  readonly files: number;
  /** Files that no row names, with their paths. */
  readonly orphans: Sampled & { readonly bytes: number };
  /** The same, changed so lately that their row may not be written yet. */
  readonly young: { readonly count: number; readonly bytes: number };
  /** Files of which nothing can be said, by why. */
  readonly unsaid: readonly { readonly why: string; readonly count: number }[];
  readonly passed: OtherFiles['passed'];
}

/** Rows that may name files of the store. */
export interface Claim {
  readonly dataset: Dataset;
  readonly rule: FileRule;
  /** Null where they cannot be asked. */
  readonly reader: StoreReader | null;
}

export interface OrphanFilesInput {
  readonly reader: StoreReader;
  readonly walk: NonNullable<StoreReader['otherFiles']>;
  readonly claims: readonly Claim[];
  readonly nowMs: number;
  /** Told of rows that could not be asked to the end; they are not asked again. */
  readonly lost: (claim: Claim, error: unknown) => void;
  readonly onProgress: (looked: number, of: string) => void;
}

/** Files walked and asked about at a time. */
const PAGE_FILES = 1000;

/** A row is often written when the call has been processed, which may take a weekend. */
const YOUNG_MS = 48 * 60 * 60 * 1000;

/** Throws what the walk throws. */
export async function orphanFiles(input: OrphanFilesInput): Promise<OrphanFiles> {
  const { reader, nowMs } = input;
  const orphans: Sampling & { bytes: number } = { count: 0, samples: [], bytes: 0 };
  const young = { count: 0, bytes: 0 };
  const unsaid = new Map<string, number>();
  const asking = askClaims(input);
  let files = 0;
  let passed: Omit<PassedOver, 'otherNames'> = { links: 0, otherKinds: 0, misnamed: 0 };
  for await (const page of input.walk(PAGE_FILES)) {
    ({ passed } = page);
    const { unnamed, doubts } = await asking(page.files);
    for (const file of unnamed) {
      const why = doubts.get(file.path);
      if (why !== undefined) unsaid.set(why, (unsaid.get(why) ?? 0) + 1);
      else if (file.changedMs > nowMs - YOUNG_MS) {
        young.count += 1;
        young.bytes += file.bytes;
      } else {
        sample(orphans, () => file.path);
        orphans.bytes += file.bytes;
      }
    }
    files += page.files.length;
    input.onProgress(page.files.length, reader.name);
  }
  const reasons = [...unsaid].map(([why, count]) => ({ why, count }));
  return { store: reader.name, files, orphans, young, unsaid: reasons, passed };
}

type Asking = (files: readonly OtherFile[]) => Promise<{
  /** Files that no row was found to name. */
  readonly unnamed: Iterable<OtherFile>;
  /** Why a row may name one of them all the same, by its path. */
  readonly doubts: ReadonlyMap<string, string>;
}>;

function askClaims({ claims, lost }: OrphanFilesInput): Asking {
  const silent = new Set(claims.filter(({ reader }) => reader?.namedBy == null));
  return async files => {
    const left = new Map(files.map(file => [file.path, file]));
    const doubts = new Map<string, string>();
    for (const claim of claims) {
      const { dataset, rule } = claim;
      const whose = `${dataset.store}/${dataset.name}`;
      const asked: { readonly path: string; readonly naming: Naming }[] = [];
      for (const path of left.keys()) {
        const namings = namingsOfPath(rule, path, dataset.start.zone);
        if (namings === null)
          doubts.set(path, `the template of ${whose} can be read from it in too many ways`);
        else if (namings.length > 0 && silent.has(claim))
          doubts.set(path, `rows of ${whose} could not be asked`);
        else for (const naming of namings) asked.push({ path, naming });
      }
      try {
        await removeNamed(claim, asked, left);
      } catch (error) {
        lost(claim, error);
        silent.add(claim);
        for (const { path } of asked) doubts.set(path, `rows of ${whose} could not be asked`);
      }
    }
    // `rec-10:15.wav` reads as an address: a row that says so is in doubt, and so is the file.
    for (const path of left.keys()) {
      const unsafe = unsafePath(path);
      if (unsafe !== null) doubts.set(path, `no row is trusted to name it: ${unsafe}`);
    }
    return { unnamed: left.values(), doubts };
  };
}

/** Takes those files away that rows of a claim name, as far as those asked for do. */
async function removeNamed(
  { dataset, rule, reader }: Claim,
  asked: readonly { readonly path: string; readonly naming: Naming }[],
  left: Map<string, OtherFile>,
): Promise<void> {
  if (reader?.namedBy == null || asked.length === 0) return;
  const namings = asked.map(({ naming }) => naming);
  for await (const page of reader.namedBy(dataset, namings, PAGE_RECORDS)) {
    for (const { store, paths } of page.flatMap(stored => readRecord(stored, dataset).files))
      if (store === rule.store) for (const path of paths) left.delete(path);
    if (asked.every(({ path }) => !left.has(path))) return;
  }
}
