// What is deleted from an SQLite file is overwritten with zeros, and does not wait in a free page or in the write-ahead log
// for somebody to read it.
import type { Knex } from 'knex';
import type { Caveat } from '../mismatch.ts';
import type { SqlReader } from '../sql/reader.ts';

/** Run as soon as a connection is open. It says of that connection's own deletes what becomes of them. */
export const ERASES = 'PRAGMA secure_delete = ON';

/** A reader that says where this cannot be had: its connection is asked what a store's would be told. */
export function erasing(reader: SqlReader, database: Knex): SqlReader {
  return {
    ...reader,
    caveats: async dataset => {
      const caveats = await reader.caveats(dataset);
      return (await erases(database)) ? caveats : [...caveats, keeps(dataset.at)];
    },
  };
}

async function erases(database: Knex): Promise<boolean> {
  const [row]: { secure_delete?: unknown }[] = await database.raw('PRAGMA secure_delete');
  return Number(row?.secure_delete) === 1;
}

function keeps(at: string): Caveat {
  return {
    about: 'not-erased',
    message: `what is deleted from "${at}" stays in free pages of its file: this SQLite does not take PRAGMA secure_delete. Run VACUUM after each run`,
  };
}

/**
 * Brings the write-ahead log into the file and cuts it to nothing: rows that were deleted stand in it as they were. Where
 * others read from it just then, it stays until the last of them has closed the file, which does the same.
 */
export async function emptyWal(database: Knex): Promise<void> {
  try {
    const [row]: { journal_mode?: unknown }[] = await database.raw('PRAGMA journal_mode');
    if (row?.journal_mode === 'wal') await database.raw('PRAGMA wal_checkpoint(TRUNCATE)');
  } catch {
    // Somebody holds the file: what was committed is committed, and the log is cut by whoever comes after.
  }
}
