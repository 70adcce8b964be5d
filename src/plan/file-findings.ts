// The files of records that are due, as they are found when a plan is made: their sizes, and a finding for each that is not as
// its record says. A file that nobody saw go keeps its record, unless the owner has said that such records go.
import { keyText } from '../policy/key-text.ts';
import type { FileRef, RecordFacts } from '../policy/record.ts';
import type { StoreReader } from '../stores/store.ts';
import { type FileFound, findFile } from './file-places.ts';
import type { Tally } from './tally.ts';

export interface FilesInput {
  /** Readers of the stores that hold files, by name. */
  readonly readers: ReadonlyMap<string, StoreReader>;
  /** Null where no key of the dataset is personal. */
  readonly hashKey: string | null;
  /** Whether a run that was killed may have removed the record's files already. */
  readonly wasInterrupted: (record: RecordFacts) => Promise<boolean>;
  /** Whether an earlier run has told that the record stays for its missing file. */
  readonly wasMissing: (record: RecordFacts) => Promise<boolean>;
  /** A size that the record itself states is the file's. */
  readonly statedBytes: boolean;
}

export interface FilesOfDue {
  readonly bytes: number | null;
  /** Counted as often as they are there, under several names say. */
  readonly files: number;
  /** Counted once. */
  readonly found: number;
  /** Files that are not there and that no earlier run has told of, where nothing says that their records go. */
  readonly newlyMissing: number;
  /** Records of which a file is missing that nobody saw go. */
  readonly missing: ReadonlySet<RecordFacts>;
}

export const HARD_LINK_KEEPS =
  'the file has a second name (a hard link), under which it would stay: kept. Remove the other names, or say that they may stay: hardLinks: { do: remove-this-name, reason: ... }';

const MISSING_KEEPS =
  'the file that goes with it is missing, and nobody saw it go: the row stays. Put the file back or mend the template; if such rows are to go, write missing: purge-record beside the path';
const MISSING_GOES =
  'the file that goes with it is missing, and nobody saw it go: the row goes all the same (missing: purge-record)';
const ALIKE_KEEPS =
  'the file that goes with it is missing, and another differs from its name only by case, normal form or blanks: the row stays. Give the file the name that its row says, or the row the name of the file';

/** What goes with records that are due, and a note of each file that is not where its record says. */
export async function filesOfDue(
  due: readonly RecordFacts[],
  input: FilesInput,
  note: Tally['note'],
): Promise<FilesOfDue> {
  const sum = { bytes: null as number | null, files: 0, found: 0, newlyMissing: 0 };
  const missing = new Set<RecordFacts>();
  const addBytes = (bytes: number): void => {
    sum.bytes = (sum.bytes ?? 0) + bytes;
  };
  if (input.statedBytes) for (const { bytes } of due) if (bytes !== null) addBytes(bytes);
  const looked = await Promise.all(
    due.flatMap(record =>
      record.files.map(async file => ({ record, file, found: await findFile(file, input.readers) })),
    ),
  );
  for (const { record, file, found } of looked) {
    sum.files += found.files;
    if (found.files > 0) sum.found += 1;
    if (found.files > 0 && (record.bytes === null || !input.statedBytes)) addBytes(found.bytes);
    const sample = keyText(record.key, input.hashKey);
    if (noteDoubt(file, found, sample, input.hashKey !== null, note)) continue;
    if (found.files > 0 || (await input.wasInterrupted(record))) continue;
    missing.add(record);
    if (file.mayBeMissing) note('warning', 'file-missing', MISSING_GOES, sample);
    else {
      if (!(await input.wasMissing(record))) sum.newlyMissing += 1;
      note('warning', 'file-missing', MISSING_KEEPS, sample);
    }
  }
  return { ...sum, missing };
}

/** True where something is in doubt about a file, so that its record stays whatever else is said. */
function noteDoubt(
  file: FileRef,
  { doubt, alike, linked }: FileFound,
  sample: string,
  isPersonal: boolean,
  note: Tally['note'],
): boolean {
  if (alike !== null) {
    // The names of files speak of people where keys do.
    const names = isPersonal ? '' : ` (${JSON.stringify(file.paths[0])}, there is ${JSON.stringify(alike)})`;
    note('warning', 'file-alike', ALIKE_KEEPS, `${sample}${names}`);
  } else if (doubt !== null)
    note('warning', 'file-unreachable', `the file that goes with it cannot be disposed of: ${doubt}`, sample);
  else if (linked && !file.mayBeLinked) note('warning', 'hard-link', HARD_LINK_KEEPS, sample);
  else return false;
  return true;
}
