// A path as a record: whether a dataset's pattern names it, and what it says. One road for scans and for disposal.
import { HARD_LINKED, type StoredRecord } from '../../policy/record.ts';
import type { Dataset } from '../store.ts';

/** A path that belongs to a dataset, with the named groups of the dataset's pattern. */
export interface NamedFile {
  readonly path: string;
  readonly groups: Readonly<Record<string, string | undefined>>;
}

export interface FileReading {
  /** The file that a key stands for; null when it is not one of the dataset's, or no path to follow. */
  readonly ofKey: (path: string) => NamedFile | null;
  /** The same for a path that a walk of the dataset's folder gave. */
  readonly ofWalk: (path: string) => NamedFile | null;
  readonly tagOf: (file: NamedFile) => string | null;
  /** `changedMs`: the time of its last change. `links`: the names that it has. */
  readonly toRecord: (file: NamedFile, bytes: number, changedMs: number, links: number) => StoredRecord;
}

const NO_GROUPS: NamedFile['groups'] = {};
const NO_COLUMNS: StoredRecord['columns'] = {};
const NOTHING: readonly never[] = [];

/** Compiles a dataset once for all of its files. */
export function readingOf(dataset: Dataset, canary: string | null): FileReading {
  const pattern = dataset.pattern === null ? null : new RegExp(`^(?:${dataset.pattern})$`, 'u');
  const folder = dataset.at === '' ? '' : `${dataset.at}/`;
  const { tagColumn, customerColumn, numberColumns, jurisdictionColumn, startColumn } = dataset;
  const group = ({ groups }: NamedFile, name: string | null): string | null =>
    name === null ? null : (groups[name] ?? null);
  const ofWalk = (path: string): NamedFile | null => {
    if (path === canary) return null;
    if (pattern === null) return { path, groups: NO_GROUPS };
    const match = pattern.exec(path.slice(folder.length));
    return match === null ? null : { path, groups: match.groups ?? NO_GROUPS };
  };
  return {
    ofWalk,
    ofKey: path =>
      STRANGE_PART.test(path) || path.includes('\0') || !path.startsWith(folder) ? null : ofWalk(path),
    tagOf: file => group(file, tagColumn),
    toRecord: (file, bytes, changedMs, links) => ({
      key: [file.path],
      tag: group(file, tagColumn),
      customer: group(file, customerColumn),
      numbers: numberColumns.length === 0 ? NOTHING : numberColumns.flatMap(name => group(file, name) ?? []),
      jurisdiction: group(file, jurisdictionColumn),
      start: {
        value: startColumn === 'mtime' ? String(Math.floor(changedMs)) : group(file, startColumn),
        status: null,
        sourceFound: true,
      },
      columns: NO_COLUMNS,
      bytes,
      lock: links > 1 && dataset.hardLinks === undefined ? HARD_LINKED : null,
      done: NOTHING,
    }),
  };
}

/** An empty part of a path, `.` or `..`: none of them is a name. Colons are fine: these are no URLs. */
const STRANGE_PART = /(?:^|\/)\.{0,2}(?:\/|$)/;
