// All plain files below a root, for a rehearsal: each with its size and the time of its last change.
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { WholeRow, WholeTable } from '../whole-table.ts';

export function wholeFiles(root: string): WholeTable {
  return {
    database: null,
    table: '',
    columns: ['path', 'what', 'bytes', 'modified'].map(name => ({ name, written: 'given' as const })),
    key: ['path'],
    rows: () => below(root, ''),
  };
}

/** Links are things of their own here: what they lead to is not looked at. */
async function* below(root: string, folder: string): AsyncGenerator<readonly WholeRow[]> {
  const rows: WholeRow[] = [];
  const folders: string[] = [];
  for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      folders.push(path);
      continue;
    }
    const { size, mtimeMs } = await lstat(join(root, path));
    const what = entry.isFile() ? 'file' : entry.isSymbolicLink() ? 'link' : 'other';
    rows.push({ path, what, bytes: String(size), modified: String(mtimeMs) });
  }
  yield rows;
  for (const one of folders) yield* below(root, one);
}
