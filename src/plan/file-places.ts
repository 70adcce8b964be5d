// What is really there of a file that a record names: it may stand under several names, and all of them are looked at.
import type { FileRef } from '../policy/record.ts';
import type { FilePlace } from '../stores/file-place.ts';
import type { StoreReader } from '../stores/store.ts';

/** Missing: none is there, and nothing stands in the way of saying so. */
export interface FileFound {
  /** How many of its names stand for a file, and the bytes of those. */
  readonly files: number;
  readonly bytes: number;
  /** One of them has other names in its store, which are none of its record's. */
  readonly linked: boolean;
  /** Something that differs from one of its names only by case, normal form or blanks; null: there is nothing. */
  readonly alike: string | null;
  /** Why one of its names cannot be followed, or cannot be looked at; null where all could. */
  readonly doubt: string | null;
  /** The doubt is of the store and not of the name: its root is not there, say. */
  readonly unreachable: boolean;
}

const NOTHING: FileFound = {
  files: 0,
  bytes: 0,
  linked: false,
  alike: null,
  doubt: null,
  unreachable: false,
};

export async function findFile(file: FileRef, readers: ReadonlyMap<string, StoreReader>): Promise<FileFound> {
  const reader = readers.get(file.store);
  if (reader?.fileAt == null) return { ...NOTHING, doubt: 'its store is not part of the job' };
  const places: FilePlace[] = [];
  for (const path of file.paths) places.push(await reader.fileAt(path));
  const there = places.flatMap(place => (place.is === 'file' ? place : []));
  const alike = places.find(place => place.is === 'alike');
  const doubt = places.find(place => place.is === 'unreachable' || place.is === 'unsafe');
  return {
    files: there.length,
    bytes: there.reduce((sum, { bytes }) => sum + bytes, 0),
    linked: there.some(({ links }) => links > 1),
    alike: alike?.path ?? null,
    doubt: doubt?.why ?? alike?.why ?? null,
    unreachable: doubt?.is === 'unreachable',
  };
}
