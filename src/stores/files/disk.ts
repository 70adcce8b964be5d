// The way to the disk: a few threads that do what they are asked, so that a disk that is slow, or a mount that hangs, never
// stops the run's lease from being renewed nor its signals from being heard. What they do stands in `disk-thread.js`.
import { Worker } from 'node:worker_threads';
import { RetentionError, reasonOf } from '../../errors.ts';
import type { Sought } from './disk-seek.js';

/**
 * What a thread can be asked. `root` is an absolute path and every other path is relative to it. `trouble` says why
 * nothing can be said of what is below the root: it is not there, or its canary is not.
 */
export interface Acts {
  /** Begins a walk of what is below a folder, and gives its number. */
  readonly begin: (root: string, canary: string | null, folder: string) => Troubled & { walk: number };
  /** The next files of a walk, at most so many; the last of them come with `ended`. */
  readonly list: (root: string, canary: string | null, walk: number, most: number) => Troubled & ListedFiles;
  /** Gives up a walk before its end. */
  readonly end: (walk: number) => void;
  /** What stands directly in a folder: names of its folders, and how many files. A folder that is not there is empty. */
  readonly entries: (
    root: string,
    canary: string | null,
    folder: string,
  ) => Troubled & { readonly folders: readonly string[]; readonly files: number };
  /**
   * What is at each path: five numbers, namely what it is (see `LOOKED`), bytes, time of the last change in ms, inode,
   * and how many names it has.
   * `failed` has the system's code for each of the paths that could not be looked at, by its place among them.
   */
  readonly look: (root: string, canary: string | null, paths: readonly string[]) => Troubled & Looked;
  /** A closer look at paths at which nothing is. */
  readonly seek: (
    root: string,
    canary: string | null,
    paths: readonly string[],
  ) => Troubled & { readonly sought: readonly Sought[] };
  /**
   * Unlinks files that are still as `seen`, as `look` gave it, tells. `ends` says for each what became of it: null when
   * it is unlinked, `gone` when it was not there, `changed` when it is another or has been written to or a link leads there, `late` when its
   * turn came after `untilMs` on the stopwatch; else the system's code.
   */
  readonly unlink: (
    root: string,
    canary: string | null,
    paths: readonly string[],
    seen: Float64Array,
    untilMs: number,
  ) => Troubled & { ends: readonly (string | null)[] };
  /** Removes folders that are empty, and those above them that become so, but neither `top` nor what is above it. */
  readonly removeEmpty: (root: string, top: string, folders: readonly string[]) => void;
}

interface Troubled {
  readonly trouble: string | null;
}

interface ListedFiles {
  /** Plain files, relative to the root: those of a folder as it gives them, then its folders in order of name. */
  readonly paths: readonly string[];
  /** What was passed over on the way: links, entries that are neither file nor folder, folders with unreadable names. */
  readonly links: number;
  readonly others: number;
  readonly misnamed: number;
  readonly ended: boolean;
}

export interface Looked {
  readonly facts: Float64Array;
  readonly failed: Readonly<Record<number, string>>;
}

/** What `look` found, as the first of its numbers. `outside`: a folder on the way is a link. */
export const LOOKED = { absent: 0, file: 1, folder: 2, otherKind: 3, outside: 4, unknown: 5 } as const;
/** Why a file is not missing where `seek` found something alike. */
export const ALIKE = 'what is there differs from its name only by case, normal form or blanks';
/** Numbers that `look` gives for a path. */
export const FACTS = 5;

/** Asks one thread. What is asked of one is done in order. */
export type Disk = <Name extends keyof Acts>(
  act: Name,
  ...args: Parameters<Acts[Name]>
) => Promise<ReturnType<Acts[Name]>>;

/** Threads of this process that touch disks. */
const THREADS = 2;

interface Thread {
  readonly worker: Worker;
  readonly waiting: Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>;
}

/** One pool for all stores of a process. Threads start when they are first needed, and do not keep the process alive. */
const threads: Thread[] = [];
let asked = 0;

/** The thread that has least to do; a new one only when there is none that has nothing to do. */
export function openDisk(): Disk {
  const thread = leastBusy();
  return (act, ...args) =>
    new Promise((resolve, reject) => {
      asked += 1;
      thread.waiting.set(asked, { resolve, reject });
      thread.worker.ref();
      thread.worker.postMessage({ id: asked, act, args });
    });
}

function leastBusy(): Thread {
  const [least] = threads.toSorted((a, b) => a.waiting.size - b.waiting.size);
  if (least !== undefined && (least.waiting.size === 0 || threads.length === THREADS)) return least;
  const started = startThread();
  threads.push(started);
  return started;
}

function startThread(): Thread {
  // What this process was started with, a loader say, is not for the thread.
  const worker = new Worker(new URL('./disk-thread.js', import.meta.url), { execArgv: [] });
  const thread: Thread = { worker, waiting: new Map() };
  worker.on('message', ({ id, value, error }) => {
    const asker = thread.waiting.get(id);
    thread.waiting.delete(id);
    if (thread.waiting.size === 0) worker.unref();
    if (error === undefined) asker?.resolve(value as never);
    else asker?.reject(Object.assign(new Error(error.message), { code: error.code }));
  });
  const lose = (reason: string): void => {
    const error = new RetentionError(
      'store-unreachable',
      `the thread that touches the disk has ended: ${reason}`,
      'What was under way is settled by the next run. If it happens again, look for what ends it: a lack of memory, say',
    );
    const index = threads.indexOf(thread);
    if (index >= 0) threads.splice(index, 1);
    for (const asker of thread.waiting.values()) asker.reject(error);
    thread.waiting.clear();
  };
  worker.on('error', error => {
    lose(reasonOf(error));
  });
  worker.on('exit', code => {
    lose(`exit code ${code}`);
  });
  // Not before: to listen to a thread is to wait for it.
  worker.unref();
  return thread;
}
