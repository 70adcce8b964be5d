// @ts-check
// Walks of the thread that touches the disk: a folder is read as it is walked, so that one of a million files is never in
// memory as a whole. A walk goes into no link.
import { opendirSync, realpathSync } from 'node:fs';
import { below, codeOf, isMissing } from './disk-places.js';

/** Entries that are read from a folder at once. */
const ENTRIES_AT_ONCE = 1024;

/**
 * Folders still to be read (the next one last), the one that is being read, and the folders met in it.
 * @typedef {{ base: string, waiting: string[], at: string, dir: import('node:fs').Dir | null, folders: string[] }} Walk
 */

/**
 * @param {string} root
 * @param {string} folder
 * @returns {Walk}
 */
export function beginWalk(root, folder) {
  const base = realpathSync.native(root);
  // A folder that is not there is an error, and a link in its place leads nowhere.
  const waiting = realpathSync.native(below(base, folder)) === below(base, folder) ? [folder] : [];
  return { base, waiting, at: '', dir: null, folders: [] };
}

/**
 * @param {Walk} walk
 * @param {number} most
 */
export function listNext(walk, most) {
  /** @type {string[]} */
  const paths = [];
  const found = { paths, links: 0, others: 0, misnamed: 0 };
  while (paths.length < most) {
    if (walk.dir === null && !enter(walk, found)) return { ...found, ended: true };
    const entry = walk.dir?.readSync() ?? null;
    if (entry === null) leave(walk);
    else if (entry.isFile()) paths.push(below(walk.at, entry.name));
    else if (entry.isDirectory()) walk.folders.push(entry.name);
    else if (entry.isSymbolicLink()) found.links += 1;
    else found.others += 1;
  }
  return { ...found, ended: false };
}

/** Goes into the next folder that is still there; false when none is left.
 * @param {Walk} walk
 * @param {{ links: number, misnamed: number }} found
 */
function enter(walk, found) {
  for (let folder = walk.waiting.pop(); folder !== undefined; folder = walk.waiting.pop()) {
    try {
      const path = below(walk.base, folder);
      if (realpathSync.native(path) !== path) found.links += 1;
      else {
        walk.dir = opendirSync(path, { bufferSize: ENTRIES_AT_ONCE });
        walk.at = folder;
        return true;
      }
    } catch (error) {
      if (!isMissing(codeOf(error))) throw error;
      // Bytes that are no UTF-8 come as this mark, and then nothing is there under the name.
      if (folder.includes('\uFFFD')) found.misnamed += 1;
    }
  }
  return false;
}

/** The folders of one that was read come next, in order of name.
 * @param {Walk} walk
 */
function leave(walk) {
  walk.dir?.closeSync();
  walk.dir = null;
  walk.folders.sort().reverse();
  for (const name of walk.folders) walk.waiting.push(below(walk.at, name));
  walk.folders = [];
}
