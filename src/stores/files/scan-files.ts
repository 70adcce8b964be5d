// The files of a dataset as records, a page at a time: while one page is decided on, the files of the next are looked at
// and the folders after it are read. Memory holds a few pages, however many files a folder has.
import type { Key } from '../../policy/policy.ts';
import type { StoredRecord } from '../../policy/record.ts';
import type { Dataset, ScanRange } from '../store.ts';
import { FACTS, LOOKED, type Looked, openDisk } from './disk.ts';
import { type FileReading, type NamedFile, readingOf } from './file-record.ts';
import { type Root, requireReached } from './root.ts';
import { ahead, NOTHING_PASSED, type Passing, requireLooked, walkPaths } from './walk-paths.ts';

/** Records of plain files that the dataset's pattern names; of one class only where the range says so. */
export async function* scanFiles(
  root: Root,
  dataset: Dataset,
  range: ScanRange,
  pageRecords: number,
  passed: Passing,
): AsyncGenerator<readonly StoredRecord[]> {
  const reading = readingOf(dataset, root.canary);
  const { tags } = range;
  const isWanted = (file: NamedFile): boolean => {
    const tag = tags === null ? null : reading.tagOf(file);
    return tags === null || (tag !== null && tags.includes(tag));
  };
  const read = async function* (): AsyncGenerator<readonly StoredRecord[]> {
    const disk = openDisk();
    for await (const named of ahead(nameFiles(root, dataset, reading, pageRecords, passed))) {
      const files = named.filter(isWanted);
      const looked = await disk('look', root.path, root.canary, files.map(pathOf));
      requireReached(root, looked.trouble);
      requireLooked(looked);
      yield recordsOf(reading, files, looked, passed);
    }
  };
  for await (const page of ahead(read())) if (page.length > 0) yield page;
}

/** How many files carry a tag that no class is declared for, with the first keys of them. */
export async function strayFiles(
  root: Root,
  dataset: Dataset,
): Promise<{ count: number; samples: readonly Key[] }> {
  const samples: Key[] = [];
  let count = 0;
  const rule = dataset.class;
  if (rule.kind === 'fixed') return { count, samples };
  const reading = readingOf(dataset, root.canary);
  for await (const files of ahead(nameFiles(root, dataset, reading, NAMES_AT_ONCE, { ...NOTHING_PASSED }))) {
    for (const file of files) {
      const tag = reading.tagOf(file);
      if (tag === null || Object.hasOwn(rule.classes, tag)) continue;
      count += 1;
      if (samples.length < SAMPLES) samples.push([file.path]);
    }
  }
  return { count, samples };
}

const NAMES_AT_ONCE = 1000;
const SAMPLES = 5;

/** The records of files, found again by their paths; those that are not there, or are no plain files, are left out. */
export async function findFiles(
  root: Root,
  dataset: Dataset,
  keys: readonly Key[],
): Promise<readonly StoredRecord[]> {
  const reading = readingOf(dataset, root.canary);
  const files = keys.flatMap(([path]) => reading.ofKey(path ?? '') ?? []);
  const looked = await openDisk()('look', root.path, root.canary, files.map(pathOf));
  requireReached(root, looked.trouble);
  requireLooked(looked);
  return recordsOf(reading, files, looked, { ...NOTHING_PASSED });
}

function recordsOf(
  reading: FileReading,
  files: readonly NamedFile[],
  { facts }: Looked,
  passed: Passing,
): StoredRecord[] {
  const records: StoredRecord[] = [];
  files.forEach((file, index) => {
    const at = index * FACTS;
    if (facts[at] === LOOKED.file)
      records.push(reading.toRecord(file, facts[at + 1] ?? 0, facts[at + 2] ?? 0, facts[at + 4] ?? 1));
    // A name that is no UTF-8 reads with this mark in it, and under that name nothing is.
    else if (facts[at] === LOOKED.absent && file.path.includes('\uFFFD')) passed.misnamed += 1;
  });
  return records;
}

function pathOf(file: NamedFile): string {
  return file.path;
}

/** Files of a dataset's folder that its pattern names, in the order of the walk. */
async function* nameFiles(
  root: Root,
  dataset: Dataset,
  reading: FileReading,
  atOnce: number,
  passed: Passing,
): AsyncGenerator<readonly NamedFile[]> {
  for await (const paths of walkPaths(root, dataset.at, atOnce, passed)) {
    const files: NamedFile[] = [];
    for (const path of paths) {
      const file = reading.ofWalk(path);
      if (file !== null) files.push(file);
      else if (path !== root.canary) passed.otherNames += 1;
    }
    yield files;
  }
}
