// Holds and instructions by file, as they are at each write of a run. What keeps acts at once; what would make more go,
// an order taken out or one that shortens, waits for the next plan. A folder that cannot be read whole stops the run.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../clock.ts';
import { canonicalJson } from '../digest.ts';
import { ConfigurationError, RetentionError, reasonOf } from '../errors.ts';
import type { Instruction, PolicySet } from '../policy/policy.ts';
import { loadPolicySet } from './load-config.ts';

const FOLDERS = ['holds', 'instructions'] as const;
/** A file that is written twice within a tick of its file system looks the same after both. */
const TICK_MS = 100;
/** Somebody may be writing to the folder: how often it is read before that is too much. */
const MOST_READS = 5;

interface Look {
  /** Every file with its size and times, and which folders there are. */
  readonly text: string;
  readonly folders: readonly string[];
  readonly latestMs: number;
  /** The latest change is long enough ago for the next one to look different. */
  readonly isSettled: boolean;
}

/**
 * Call it before the folder is read, and what it gives with what was read: that gives the orders as they are whenever it
 * is asked. The same object for as long as nothing has changed.
 */
export function followOrders(policiesFolder: string): (loaded: PolicySet) => () => PolicySet {
  const first = firstLook(policiesFolder);
  return loaded => {
    let [seen, current] = [first, loaded];
    return () => {
      const now = lookAt(policiesFolder);
      if (now.text === seen.text && seen.isSettled) return current;
      const read = readSettled(policiesFolder, seen.folders);
      seen = read.look;
      current = joined(current, read.policySet);
      return current;
    };
  };
}

/** When a file of a hold or an instruction was last changed, in ms; 0 where there are none. */
export function ordersChangedMs(policiesFolder: string): number {
  return firstLook(policiesFolder).latestMs;
}

/** What both say, as far as it keeps, and else what both agree in. The same object where the second says nothing new. */
export function joined(before: PolicySet, now: PolicySet): PolicySet {
  const [knownHolds, knownOrders] = [textsOf(before.holds), textsOf(before.instructions)];
  const [nowOrders, keeping] = [textsOf(now.instructions), textsOf(before.keeping ?? [])];
  const holds = now.holds.filter(one => !knownHolds.has(canonicalJson(one)));
  const isNew = (one: Instruction): boolean =>
    !knownOrders.has(canonicalJson(one)) && !keeping.has(canonicalJson(one));
  const gone = before.instructions.filter(one => !nowOrders.has(canonicalJson(one)));
  const added = now.instructions.filter(isNew);
  if (holds.length + gone.length + added.length === 0) return before;
  return {
    ...before,
    holds: [...before.holds, ...holds],
    instructions: before.instructions.filter(one => !gone.includes(one)),
    keeping: [...(before.keeping ?? []), ...gone, ...added],
  };
}

function textsOf(all: readonly unknown[]): ReadonlySet<string> {
  return new Set(all.map(canonicalJson));
}

/** Read between two looks that are the same: of a file that was being written not half is taken for all. */
function readSettled(
  policiesFolder: string,
  folders: readonly string[],
): { readonly look: Look; readonly policySet: PolicySet } {
  for (let reads = 0; reads < MOST_READS; reads += 1) {
    const before = lookAt(policiesFolder);
    const missing = folders.find(name => !before.folders.includes(name));
    if (missing !== undefined)
      throw unreadable(join(policiesFolder, missing), 'the folder was there when the run began');
    const policySet = readWhole(policiesFolder);
    const look = lookAt(policiesFolder);
    if (look.text === before.text) return { look, policySet };
  }
  throw unreadable(policiesFolder, 'its files change faster than they are read');
}

function readWhole(policiesFolder: string): PolicySet {
  try {
    return loadPolicySet(policiesFolder);
  } catch (error) {
    const [first] = error instanceof ConfigurationError ? error.problems : [];
    if (first === undefined) throw unreadable(policiesFolder, reasonOf(error));
    throw unreadable(`${first.file}:${first.line}`, first.message);
  }
}

function lookAt(policiesFolder: string): Look {
  const lines: string[] = [];
  const folders: string[] = [];
  let latestMs = 0;
  for (const name of FOLDERS) {
    const folder = join(policiesFolder, name);
    const names = namesIn(folder);
    if (names === null) continue;
    folders.push(name);
    for (const file of names) {
      const stat = statSync(join(folder, file), { throwIfNoEntry: false, bigint: true });
      if (stat !== undefined) latestMs = Math.max(latestMs, Number(stat.ctimeMs));
      lines.push(`${name}/${file} ${stat?.ino} ${stat?.size} ${stat?.mtimeNs} ${stat?.ctimeNs}`);
    }
  }
  const isSettled = latestMs < systemClock.nowMs() - TICK_MS;
  return { text: [...folders, ...lines].join('\n'), folders, latestMs, isSettled };
}

/** What is wrong with the folder is told by who reads it whole. */
function firstLook(policiesFolder: string): Look {
  try {
    return lookAt(policiesFolder);
  } catch {
    return { text: '', folders: [], latestMs: 0, isSettled: false };
  }
}

/** Null where there is no such folder. */
function namesIn(folder: string): readonly string[] | null {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if (error instanceof Error && 'code' in error && ['ENOENT', 'ENOTDIR'].includes(String(error.code)))
      return null;
    throw unreadable(folder, reasonOf(error));
  }
}

function unreadable(place: string, why: string): RetentionError {
  return new RetentionError(
    'orders-unreadable',
    `the holds and instructions cannot be read as they are now: ${place}: ${why}`,
    'Nothing more was disposed of. Mend it, see that retention validate is content, and run again',
  );
}
