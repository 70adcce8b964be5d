// The mark of the last ledger that was used: its name, and how far its log went. It stands outside of the ledger, so that a
// ledger that is new, another or older is noticed; and it is written as durably as the log itself.
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { RetentionError, reasonOf } from '../errors.ts';

export interface Mark {
  /** The ledger's name. */
  readonly ledger: string;
  readonly seq: number;
  readonly hash: string;
  /** The latest time that its log knows of, in ms. */
  readonly atMs: number;
  /** Holds of its register that are in force or cooling, by id: what another ledger would have to know of. */
  readonly holds: readonly string[];
}

const NAME = 'retention-ledger.mark';

export function markFile(folder: string): string {
  return join(folder, NAME);
}

/** Null where there is none. Throws `ledger-unusable` for one that cannot be read: it must not pass for none. */
export function readMark(folder: string): Mark | null {
  const file = markFile(folder);
  try {
    const mark = JSON.parse(readFileSync(file, 'utf8')) as Mark;
    if (
      typeof mark.ledger === 'string' &&
      Number.isSafeInteger(mark.seq) &&
      typeof mark.hash === 'string' &&
      Number.isFinite(mark.atMs) &&
      Array.isArray(mark.holds)
    )
      return mark;
    throw new Error('it is not as this program writes it');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new RetentionError(
      'ledger-unusable',
      `the mark of the last ledger cannot be read: ${reasonOf(error)}`,
      `Look at ${file}. Where it is lost, remove it and say that the ledger is right: retention ledger accept`,
    );
  }
}

/** Written whole or not at all, and on the disk when this returns. */
export async function writeMark(folder: string, mark: Mark): Promise<void> {
  const file = markFile(folder);
  const beside = `${file}.${process.pid}.${randomBytes(3).toString('hex')}`;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const handle = await open(beside, 'wx', 0o600);
    try {
      await handle.writeFile(`${JSON.stringify(mark)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(beside, file);
    const parent = await open(folder, 'r');
    try {
      await parent.sync();
    } finally {
      await parent.close();
    }
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined);
    throw new RetentionError(
      'ledger-unusable',
      `the mark of the ledger cannot be written: ${reasonOf(error)}`,
      `Set RETENTION_STATE to a folder that is kept from run to run and may be written to (now ${folder}). Nothing is disposed of without it`,
      { cause: error },
    );
  }
}
