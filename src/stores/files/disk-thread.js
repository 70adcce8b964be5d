// @ts-check
// The thread that touches the disk. It knows paths and nothing else: no policies, no records, no holds. It never acts
// through a link (see `disk-places.js`). It waits for the disk in each call, which costs a third of asking and being
// told, and stops nothing but itself. It is JavaScript, with the files that it imports: a thread is started from a
// file, and this one can be started from the sources as from what is built.
import { lstatSync, opendirSync, rmdirSync, unlinkSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { ABSENT, codeOf, holdFolders, isMissing, OUTSIDE, rootTrouble } from './disk-places.js';
import { seek } from './disk-seek.js';
import { beginWalk, listNext } from './disk-walk.js';

/** What `look` says of a path, as `LOOKED` in `disk.ts` names it, and how many numbers it gives. */
const [FILE, FOLDER, OTHER_KIND, UNKNOWN] = [1, 2, 3, 5];
const FACTS = 5;

/** @type {Map<number, import('./disk-walk.js').Walk>} */
const walks = new Map();
let walksBegun = 0;

// Of each act on a root it is asked before and after whether the root is there: one that went in between makes files look
// as if they were gone.
/** @type {import('./disk.ts').Acts} */
const acts = {
  begin: (root, canary, folder) => {
    const trouble = rootTrouble(root, canary);
    if (trouble !== null) return { trouble, walk: 0 };
    walksBegun += 1;
    walks.set(walksBegun, beginWalk(root, folder));
    return { trouble, walk: walksBegun };
  },

  list: (root, canary, number, most) => {
    const walk = walks.get(number);
    if (walk === undefined) throw new Error('this walk was not begun, or has ended');
    const listed = listNext(walk, most);
    if (listed.ended) walks.delete(number);
    return { trouble: rootTrouble(root, canary), ...listed };
  },

  end: number => {
    walks.get(number)?.dir?.closeSync();
    walks.delete(number);
  },

  entries: (root, canary, folder) => {
    /** @type {string[]} */
    const folders = [];
    let files = 0;
    const trouble = rootTrouble(root, canary);
    if (trouble !== null) return { trouble, folders, files };
    const { within, release } = holdFolders(root);
    within(folder === '' ? '' : `${folder}/`, at => {
      const dir = opendirSync(at);
      for (let entry = dir.readSync(); entry !== null; entry = dir.readSync()) {
        if (entry.isDirectory()) folders.push(entry.name);
        else if (entry.isFile()) files += 1;
      }
      dir.closeSync();
    });
    release();
    return { trouble: rootTrouble(root, canary), folders: folders.sort(), files };
  },

  look: (root, canary, paths) => {
    const facts = new Float64Array(paths.length * FACTS);
    /** @type {Record<number, string>} */
    const failed = {};
    const trouble = rootTrouble(root, canary);
    if (trouble !== null) return { trouble, facts, failed };
    const { within, release } = holdFolders(root);
    paths.forEach((path, index) => {
      const from = index * FACTS;
      try {
        facts[from] = within(path, at => {
          const file = lstatSync(at);
          facts[from + 1] = file.size;
          facts[from + 2] = file.mtimeMs;
          facts[from + 3] = file.ino;
          facts[from + 4] = file.nlink;
          return file.isFile() ? FILE : file.isDirectory() ? FOLDER : OTHER_KIND;
        });
      } catch (error) {
        const code = codeOf(error);
        if (isMissing(code)) return;
        facts[from] = UNKNOWN;
        failed[index] = code;
      }
    });
    release();
    return { trouble: rootTrouble(root, canary), facts, failed };
  },

  seek: (root, canary, paths) => {
    const trouble = rootTrouble(root, canary);
    if (trouble !== null) return { trouble, sought: [] };
    const sought = paths.map(path => seek(root, canary, path, stopwatchMs()));
    return { trouble: rootTrouble(root, canary), sought };
  },

  unlink: (root, canary, paths, seen, untilMs) => {
    const trouble = rootTrouble(root, canary);
    if (trouble !== null) return { trouble, ends: [] };
    const { within, release } = holdFolders(root);
    const ends = paths.map((path, index) => {
      try {
        const end = within(path, at => {
          if (!isAsSeen(lstatSync(at), seen, index * FACTS)) return 'changed';
          if (stopwatchMs() > untilMs) return 'late';
          unlinkSync(at);
          return null;
        });
        if (end === OUTSIDE) return 'changed';
        return end === ABSENT ? 'gone' : end;
      } catch (error) {
        const code = codeOf(error);
        return isMissing(code) ? 'gone' : code;
      }
    });
    release();
    return { trouble: rootTrouble(root, canary), ends };
  },

  removeEmpty: (root, top, emptied) => {
    const { within, release } = holdFolders(root);
    for (const folder of emptied) {
      let path = folder;
      while (path !== top && path !== '' && isRemoved(path, within)) {
        path = path.slice(0, Math.max(0, path.lastIndexOf('/')));
      }
    }
    release();
  },
};

/** @param {import('node:fs').Stats} file @param {Float64Array} seen @param {number} from */
function isAsSeen(file, seen, from) {
  return (
    file.isFile() &&
    file.size === seen[from + 1] &&
    file.mtimeMs === seen[from + 2] &&
    file.ino === seen[from + 3] &&
    // A name that has gone meanwhile is no matter; one that has come is.
    file.nlink <= (seen[from + 4] ?? 0)
  );
}

/** Whether the folder is gone now, so that the one above it may have become empty.
 * @param {string} folder
 * @param {ReturnType<typeof holdFolders>['within']} within
 */
function isRemoved(folder, within) {
  try {
    return (
      within(folder, at => {
        rmdirSync(at);
        return true;
      }) === true
    );
  } catch (error) {
    // Something is in it, or it may not be removed: a folder that stays does no harm.
    return codeOf(error) === 'ENOENT';
  }
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
