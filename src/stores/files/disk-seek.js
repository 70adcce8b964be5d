// @ts-check
// Looks closer at a path at which nothing is, for the thread that touches the disk: whether the way there is as it should be,
// and whether something is there under a name that a person takes for the same. Only where neither speaks against it is a
// file missing. It goes through no link.
import { lstatSync, readdirSync, realpathSync } from 'node:fs';
import { below, codeOf } from './disk-places.js';

/** How long the names of a folder are remembered: many files of one folder are sought at a time. */
const NAMES_HOLD_MS = 5000;
/** Names remembered at most, of all folders together. */
const MOST_NAMES = 500_000;

/** @typedef {{ readMs: number, names: Map<string, string[]> }} Listing */
/** @type {Map<string, Listing>} */
const listings = new Map();
let remembered = 0;

/**
 * What a closer look at one path says. `alike`: the path of something whose name differs from it only by case, normal form or
 * blanks. `doubt`: why it cannot be said that the file is missing.
 * @typedef {{ is: 'missing' } | { is: 'alike', path: string } | { is: 'doubt', why: string }} Sought
 */

/**
 * @param {string} root
 * @param {string | null} canary
 * @param {string} path
 * @param {number} nowMs
 * @returns {Sought}
 */
export function seek(root, canary, path, nowMs) {
  try {
    const top = realpathSync.native(root);
    let at = top;
    const parts = path.split('/');
    for (const [index, part] of parts.entries()) {
      const isLast = index === parts.length - 1;
      const stat = lstatSync(below(at, part), { throwIfNoEntry: false });
      if (stat === undefined) {
        const alike = alikeIn(at, part, nowMs);
        if (alike !== null) return { is: 'alike', path: [...parts.slice(0, index), alike].join('/') };
        if (canary === null && readdirSync(top).length === 0)
          return { is: 'doubt', why: 'the root is empty, and no canary says that it is mounted' };
        return { is: 'missing' };
      }
      if (isLast) return { is: 'doubt', why: 'it has come back just now' };
      if (stat.isSymbolicLink()) return { is: 'doubt', why: 'a link is in the place of its folder' };
      if (!stat.isDirectory()) return { is: 'doubt', why: 'its folder is not a folder' };
      at = below(at, part);
    }
    return { is: 'doubt', why: 'its path is empty' };
  } catch (error) {
    return { is: 'doubt', why: `it cannot be looked at: ${codeOf(error)}` };
  }
}

/**
 * A name in a folder that a person takes for the same as one that is not there; null: there is none.
 * @param {string} folder
 * @param {string} name
 * @param {number} nowMs
 */
function alikeIn(folder, name, nowMs) {
  const { names } = listingOf(folder, nowMs);
  const found = [...(names.get(folded(name)) ?? []), ...(names.get(unreadable(name)) ?? [])];
  return found.find(other => other !== name) ?? null;
}

/** @param {string} folder @param {number} nowMs @returns {Listing} */
function listingOf(folder, nowMs) {
  const known = listings.get(folder);
  if (known !== undefined && nowMs - known.readMs < NAMES_HOLD_MS) return known;
  if (remembered > MOST_NAMES) {
    listings.clear();
    remembered = 0;
  }
  /** @type {Listing} */
  const listing = { readMs: nowMs, names: new Map() };
  for (const entry of readdirSync(folder)) {
    remembered += 1;
    const id = entry.includes('\uFFFD') ? unreadable(entry) : folded(entry);
    const same = listing.names.get(id);
    if (same === undefined) listing.names.set(id, [entry]);
    else same.push(entry);
  }
  listings.set(folder, listing);
  return listing;
}

/** A name without what a person does not see: its case, its normal form, blanks and signs that have no width. @param {string} name */
function folded(name) {
  return name
    .normalize('NFKC')
    .replace(/[\p{White_Space}\p{Cf}]+/gu, '')
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKC');
}

/** Names that are no UTF-8 come with this mark in the place of some bytes, which may stand for any letter. @param {string} name */
function unreadable(name) {
  return `\uFFFD${name.replace(/[^\0-\x7f]+/gu, '\uFFFD')}`;
}
