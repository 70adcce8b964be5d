// @ts-check
// The thread that touches the disk. It knows paths and nothing else: no policies, no records, no holds. It never follows
// a link, and never acts in a folder that is not where the root says. It waits for the disk in each call, which costs a
// third of asking and being told, and stops nothing but itself. It is JavaScript, the one file that is: a thread is
// started from a file, and this one can be started from the sources as from what is built.
import { lstatSync, opendirSync, realpathSync, rmdirSync, unlinkSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';

/** @typedef {import('./disk.ts').Acts} Acts */
/** @typedef {import('node:fs').Dir} Dir */

/** Of `look`: four numbers a path. */
const [ABSENT, FILE, FOLDER, OTHER_KIND, OUTSIDE, UNKNOWN] = [0, 1, 2, 3, 4, 5];
const FACTS = 4;
/** Of a folder that is where it seems to be. */
const INSIDE = -1;

/** Entries that are read from a folder at once: a folder of a million is never in memory as a whole. */
const ENTRIES_AT_ONCE = 1024;

/**
 * A walk: folders still to be read (the next one last), the one that is being read, and the folders met in it.
 * @typedef {{ base: string, waiting: string[], at: string, dir: Dir | null, folders: string[] }} Walk
 */
/** @type {Map<number, Walk>} */
const walks = new Map();
let walksBegun = 0;

/** @type {Acts} */
const acts = {
  begin: (root, canary, folder) => {
    const trouble = rootTrouble(root, canary);
    if (trouble !== null) return { trouble, walk: 0 };
    const base = realpathSync.native(root);
    // A folder that is not there is an error, and a link in its place leads nowhere.
    const waiting = realpathSync.native(below(base, folder)) === below(base, folder) ? [folder] : [];
    walksBegun += 1;
    walks.set(walksBegun, { base, waiting, at: '', dir: null, folders: [] });
    return { trouble: null, walk: walksBegun };
  },

  list: (number, most) => {
    const walk = walks.get(number);
    if (walk === undefined) throw new Error('this walk was not begun, or has ended');
    /** @type {string[]} */
    const paths = [];
    const found = { paths, links: 0, others: 0, misnamed: 0, ended: false };
    while (paths.length < most) {
      if (walk.dir === null && !enter(walk, found)) {
        walks.delete(number);
        return { ...found, ended: true };
      }
      const entry = walk.dir?.readSync() ?? null;
      if (entry === null) leave(walk);
      else if (entry.isFile()) paths.push(below(walk.at, entry.name));
      else if (entry.isDirectory()) walk.folders.push(entry.name);
      else if (entry.isSymbolicLink()) found.links += 1;
      else found.others += 1;
    }
    return found;
  },

  end: number => {
    walks.get(number)?.dir?.closeSync();
    walks.delete(number);
  },

  look: (root, canary, paths) => {
    const trouble = rootTrouble(root, canary);
    const facts = new Float64Array(paths.length * FACTS);
    /** @type {Record<number, string>} */
    const failed = {};
    if (trouble !== null) return { trouble, facts, failed };
    const base = realpathSync.native(root);
    const placeOf = folders(base);
    paths.forEach((path, index) => {
      const at = index * FACTS;
      try {
        const place = placeOf(path);
        if (place !== INSIDE) facts[at] = place;
        else {
          const file = lstatSync(below(base, path));
          facts[at] = file.isFile() ? FILE : file.isDirectory() ? FOLDER : OTHER_KIND;
          facts[at + 1] = file.size;
          facts[at + 2] = file.mtimeMs;
          facts[at + 3] = file.ino;
        }
      } catch (error) {
        const code = codeOf(error);
        if (isMissing(code)) return;
        facts[at] = UNKNOWN;
        failed[index] = code;
      }
    });
    return { trouble: null, facts, failed };
  },

  unlink: (root, paths, seen, untilMs) => {
    const base = realpathSync.native(root);
    const placeOf = folders(base);
    return paths.map((path, index) => {
      if (stopwatchMs() > untilMs) return 'late';
      try {
        if (placeOf(path) !== INSIDE) return 'gone';
        const at = below(base, path);
        if (seen !== null && !isAsSeen(at, seen, index * FACTS)) return 'changed';
        unlinkSync(at);
        return null;
      } catch (error) {
        const code = codeOf(error);
        return isMissing(code) ? 'gone' : code;
      }
    });
  },

  removeEmpty: (root, top, emptied) => {
    const base = realpathSync.native(root);
    for (const folder of emptied) {
      for (let at = folder; at !== top && at !== ''; at = folderOf(at)) {
        if (!removeIfEmpty(base, at)) break;
      }
    }
  },
};

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

/** Why nothing can be said of what is below a root, or null.
 * @param {string} root
 * @param {string | null} canary
 */
function rootTrouble(root, canary) {
  if (!lookAt(root)?.isDirectory()) return 'its root is not a folder';
  if (canary === null || lookAt(below(root, canary)) !== null) return null;
  return 'its canary file is missing, so the root may not be mounted';
}

/** What is at a path, links seen as links; null when nothing is.
 * @param {string} path
 */
function lookAt(path) {
  try {
    return lstatSync(path);
  } catch (error) {
    if (isMissing(codeOf(error))) return null;
    throw error;
  }
}

/** Whether the folder of a path is really where it seems to be; each folder is looked at once.
 * @param {string} base
 */
function folders(base) {
  /** @type {Map<string, number>} */
  const known = new Map();
  let last = '';
  /** @type {number} */
  let place = INSIDE;
  /** @param {string} path */
  return path => {
    const folder = folderOf(path);
    if (folder === last) return place;
    last = folder;
    place = known.get(folder) ?? placeOfFolder(below(base, folder));
    known.set(folder, place);
    return place;
  };
}

/** @param {string} folder */
function placeOfFolder(folder) {
  try {
    return realpathSync.native(folder) === folder ? INSIDE : OUTSIDE;
  } catch (error) {
    if (isMissing(codeOf(error))) return ABSENT;
    throw error;
  }
}

/** @param {string} path @param {Float64Array} seen @param {number} from */
function isAsSeen(path, seen, from) {
  const file = lstatSync(path);
  return (
    file.isFile() &&
    file.size === seen[from + 1] &&
    file.mtimeMs === seen[from + 2] &&
    file.ino === seen[from + 3]
  );
}

/** Whether the folder is gone now, so that the one above it may have become empty.
 * @param {string} base
 * @param {string} folder
 */
function removeIfEmpty(base, folder) {
  try {
    const path = below(base, folder);
    if (realpathSync.native(path) !== path) return false;
    rmdirSync(path);
    return true;
  } catch (error) {
    // Something is in it, or it may not be removed: a folder that stays does no harm.
    return isMissing(codeOf(error));
  }
}

/** @param {string} folder @param {string} path */
function below(folder, path) {
  if (folder === '' || path === '') return `${folder}${path}`;
  return folder === '/' ? `/${path}` : `${folder}/${path}`;
}

/** @param {string} path */
function folderOf(path) {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

/** @param {unknown} error */
function codeOf(error) {
  return /** @type {{ code?: string }} */ (error).code ?? 'an unknown error';
}

/** @param {string} code */
function isMissing(code) {
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** The same stopwatch as in the other threads of the process: it tells how long ago, and never what time it is. */
function stopwatchMs() {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

parentPort?.on('message', ({ id, act, args }) => {
  try {
    // @ts-expect-error The other side sends each act with its own arguments.
    parentPort?.postMessage({ id, value: acts[act](...args) });
  } catch (error) {
    parentPort?.postMessage({ id, error: { code: codeOf(error), message: String(error) } });
  }
});
