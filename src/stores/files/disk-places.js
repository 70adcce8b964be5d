// @ts-check
// Where things are, for the thread that touches the disk. No act goes through a link: a folder is held open while
// something is done in it, and that it is the one below the root is asked of the kernel about the open folder itself, so
// that a link put in its place meanwhile leads nowhere.
import { closeSync, constants, existsSync, lstatSync, openSync, readlinkSync, realpathSync } from 'node:fs';

/** A folder that cannot be acted in: it is not there. */
export const ABSENT = 0;
/** A folder that cannot be acted in: a link on the way leads elsewhere. */
export const OUTSIDE = 4;

/**
 * Open folders by their number (Linux): a path that begins here goes through the open folder, whatever has been put in
 * its place. Where there is none, a folder is looked at just before the act, and a link put there in between is followed.
 */
const OPEN_FOLDERS = existsSync('/proc/self/fd') ? '/proc/self/fd' : null;

/**
 * The folders of paths below a root, one held open at a time. `act` is given the path to act on, and is not called for a
 * path whose folder cannot be acted in.
 * @param {string} root
 */
export function holdFolders(root) {
  /** @type {string | null} */
  let base = null;
  /** @type {string | null} */
  let folder = null;
  /** @type {number | null} */
  let opened = null;
  /** @type {string | typeof ABSENT | typeof OUTSIDE} */
  let way = ABSENT;
  const release = () => {
    if (opened !== null) closeSync(opened);
    [folder, opened] = [null, null];
  };
  /** @param {string} next */
  const hold = next => {
    release();
    try {
      base ??= realpathSync.native(root);
      const path = below(base, next);
      opened = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
      const real =
        OPEN_FOLDERS === null ? realpathSync.native(path) : readlinkSync(`${OPEN_FOLDERS}/${opened}`);
      way = real !== path ? OUTSIDE : OPEN_FOLDERS === null ? path : `${OPEN_FOLDERS}/${opened}`;
    } catch (error) {
      if (!isMissing(codeOf(error))) throw error;
      way = ABSENT;
    }
    folder = next;
  };
  /**
   * @template T
   * @param {string} path
   * @param {(at: string) => T} act
   * @returns {T | typeof ABSENT | typeof OUTSIDE}
   */
  const within = (path, act) => {
    const slash = path.lastIndexOf('/');
    const next = slash < 0 ? '' : path.slice(0, slash);
    if (next !== folder) hold(next);
    // The open folder itself is `.` in it: its number alone is a link.
    return typeof way === 'number' ? way : act(`${way}/${path.slice(slash + 1) || '.'}`);
  };
  return { within, release };
}

/**
 * Why nothing can be said of what is below a root, or null.
 * @param {string} root
 * @param {string | null} canary
 */
export function rootTrouble(root, canary) {
  try {
    if (!lstatOrNull(realpathSync.native(root))?.isDirectory()) return 'its root is not a folder';
    if (canary === null || lstatOrNull(below(root, canary)) !== null) return null;
    return 'its canary file is missing, so the root may not be mounted';
  } catch (error) {
    const code = codeOf(error);
    return isMissing(code) ? 'its root is not a folder' : `its root cannot be looked at: ${code}`;
  }
}

/** @param {string} path */
function lstatOrNull(path) {
  try {
    return lstatSync(path);
  } catch (error) {
    if (isMissing(codeOf(error))) return null;
    throw error;
  }
}

/** @param {string} folder @param {string} path */
export function below(folder, path) {
  if (folder === '' || path === '') return `${folder}${path}`;
  return folder === '/' ? `/${path}` : `${folder}/${path}`;
}

/** @param {unknown} error */
export function codeOf(error) {
  return /** @type {{ code?: string }} */ (error).code ?? 'an unknown error';
}

/** @param {string} code */
export function isMissing(code) {
  return code === 'ENOENT' || code === 'ENOTDIR';
}
