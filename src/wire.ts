// Settings to everything that a command works with: configuration, ledger, stores, clock, log. The only file that
// knows all of them.
import { randomBytes } from 'node:crypto';
import { type Clock, isoInstant, systemClock } from './clock.ts';
import { followOrders } from './config/follow-orders.ts';
import { type Config, loadConfig, loadPolicySet } from './config/load-config.ts';
import { RetentionError } from './errors.ts';
import type { WhenMissing } from './ledger/database.ts';
import { standingOf } from './ledger/known.ts';
import { type Ledger, openLedger } from './ledger/ledger.ts';
import { readMark } from './ledger/mark.ts';
import { describePlace, ledgerPlace, stateFolderOf } from './ledger/place.ts';
import { type Log, openLog } from './log.ts';
import type { Job } from './plan/job.ts';
import type { PolicySet } from './policy/policy.ts';
import { type Flags, isResolvable, readSettings, resolveReference, type Settings } from './settings.ts';
import { kinds } from './stores/kinds.ts';
import type { Reference, Store, StoreMap, StoreReader } from './stores/store.ts';

export interface Wired {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly log: Log;
  readonly config: Config;
  /** The owner's folder as it was read, with the holds and instructions that it has got since. */
  readonly policySetNow: () => PolicySet;
  readonly ledger: Ledger;
  /** Host and process, for the lease. */
  readonly holder: string;
  readonly newId: (what: 'plan' | 'run') => string;
  readonly job: (name: string) => Job;
  /** The data maps that a job reaches. */
  readonly maps: (job: Job) => readonly StoreMap[];
  readonly readers: (maps: readonly StoreMap[]) => ReadonlyMap<string, StoreReader>;
  /** Readers of those stores that are planned through another way in than they are enforced through. */
  readonly otherWaysIn: (maps: readonly StoreMap[]) => ReadonlyMap<string, StoreReader>;
  /** Readers through the way in that those stores are enforced through; null where it is not set. */
  readonly actingReaders: (maps: readonly StoreMap[]) => ReadonlyMap<string, StoreReader | null>;
  readonly stores: (maps: readonly StoreMap[]) => ReadonlyMap<string, Store>;
  readonly close: () => Promise<void>;
}

/**
 * Opens what a command needs and closes it again, whatever happens in between. `whenMissing` says what becomes of a ledger
 * that is not there: only a plan, which is for looking at, may make one.
 */
export async function withWired<T>(
  flags: Flags,
  whenMissing: WhenMissing,
  use: (wired: Wired) => Promise<T>,
): Promise<T> {
  return closing(await wire(flags, whenMissing), use);
}

/** The same for commands that dispose of something: a ledger that is not there is none to enforce under. */
export async function withEnforcing<T>(flags: Flags, use: (wired: Wired) => Promise<T>): Promise<T> {
  return withWired(flags, 'refuse', use).catch(error => {
    if (
      !(error instanceof RetentionError && error.code === 'not-found' && error.message.startsWith(NO_LEDGER))
    )
      throw error;
    throw new RetentionError('ledger-unknown', error.message, error.hint);
  });
}

const NO_LEDGER = 'there is no ledger at';

async function closing<T>(wired: Wired, use: (wired: Wired) => Promise<T>): Promise<T> {
  try {
    return await use(wired);
  } finally {
    await wired.close();
  }
}

/** The ledger and the owner's folder, for holds: they need no job and no store. */
export async function withHolds<T>(
  flags: Flags,
  use: (wired: {
    readonly ledger: Ledger;
    readonly policySet: PolicySet;
    readonly settings: Settings;
    readonly clock: Clock;
  }) => Promise<T>,
): Promise<T> {
  return withLedger(flags, async (ledger, settings) => {
    const policySet = loadPolicySet(settings.policiesFolder);
    return use({ ledger, policySet, settings, clock: systemClock });
  });
}

/** Opens an existing ledger alone: an auditor needs no stores, no policies and no passwords but the ledger's. */
export async function withLedger<T>(
  flags: Flags,
  use: (ledger: Ledger, settings: Settings) => Promise<T>,
  whenMissing: WhenMissing = 'refuse',
): Promise<T> {
  const settings = readSettings(flags);
  const ledger = await openLedger(settings.ledger, systemClock, settings.actor, whenMissing);
  try {
    return await use(ledger, settings);
  } finally {
    await ledger.close();
  }
}

/** The folder of the mark of the last ledger. */
export function stateFolder({ ledger, stateFolder: stated, stateHome }: Settings): string {
  return stateFolderOf(ledgerPlace(ledger), stated, stateHome);
}

/** Says first what is to be known of a ledger under which nothing would be enforced. */
async function tellStanding(ledger: Ledger, settings: Settings, log: Log): Promise<void> {
  const at = describePlace(ledgerPlace(settings.ledger));
  if (ledger.isNew) {
    log.warn('made a new, empty ledger, which knows of no holds', { ledger: at });
    return;
  }
  const standing = await standingOf(ledger, readMark(stateFolder(settings)));
  if (!('why' in standing)) return;
  const fields = { ledger: at, why: standing.why };
  if (standing.is === 'new' || standing.is === 'holdless')
    log.warn('nothing is enforced under this ledger yet', fields);
  else log.error('nothing is enforced under this ledger: see retention ledger show', fields);
}

async function wire(flags: Flags, whenMissing: WhenMissing): Promise<Wired> {
  const settings = readSettings(flags);
  const clock = systemClock;
  const follow = followOrders(settings.policiesFolder);
  const config = loadConfig(settings.policiesFolder, settings.jobsFolder);
  const ledger = await openLedger(settings.ledger, clock, settings.actor, whenMissing);
  const opened: { readonly close: () => Promise<void> }[] = [ledger];
  const open = <T extends StoreReader>(
    maps: readonly StoreMap[],
    one: (map: StoreMap) => T,
  ): ReadonlyMap<string, T> => {
    const stores = new Map<string, T>();
    for (const map of maps) {
      const store = one(map);
      opened.push(store);
      stores.set(map.name, store);
    }
    return stores;
  };
  const openReaders = new Map<string, StoreReader>();
  const log = openLog({ level: settings.logLevel, quiet: settings.quiet, interactive: settings.interactive });
  if (whenMissing === 'make') await tellStanding(ledger, settings, log);
  if (whenMissing === 'look' && ledger.isNew)
    log.warn('there is no ledger: looking without its holds', {
      ledger: describePlace(ledgerPlace(settings.ledger)),
    });
  return {
    settings,
    clock,
    log,
    config,
    policySetNow: follow(config.policySet),
    ledger,
    holder: `${settings.host}:${process.pid}:${randomBytes(4).toString('hex')}`,
    newId: what => newId(what, clock),
    job: name => findJob(config, name),
    maps: job => config.stores.filter(store => job.stores.includes(store.name)),
    readers: maps => {
      const missing = maps.filter(map => !openReaders.has(map.name));
      const more = open(missing, map => {
        if (hasOtherWayIn(map)) return reader(map, map.readAt ?? map.at);
        if (map.readAt !== null) {
          const unset = 'env' in map.readAt ? map.readAt.env : map.name;
          log.warn('planning with the rights to delete', { store: map.name, unset });
        }
        return reader(map, map.at);
      });
      for (const [name, one] of more) openReaders.set(name, one);
      return new Map(
        maps.flatMap(({ name }) => {
          const one = openReaders.get(name);
          return one === undefined ? [] : [[name, one] as const];
        }),
      );
    },
    otherWaysIn: maps => open(maps.filter(hasOtherWayIn), map => reader(map, map.readAt ?? map.at)),
    actingReaders: maps => {
      const others = maps.filter(hasOtherWayIn);
      const set = open(
        others.filter(map => isResolvable(map.at)),
        map => reader(map, map.at),
      );
      return new Map(others.map(({ name }) => [name, set.get(name) ?? null]));
    },
    stores: maps =>
      open(maps, map =>
        kinds[map.kind].open(
          map,
          resolveReference(map.at, `store ${map.name}`),
          settings.hashKey,
          map.replicas.map(replica => resolveReference(replica, `store ${map.name}`)),
        ),
      ),
    close: async () => {
      for (const one of opened.reverse()) await one.close();
    },
  };
}

function hasOtherWayIn({ readAt }: StoreMap): boolean {
  return readAt !== null && isResolvable(readAt);
}

function reader(map: StoreMap, at: Reference): StoreReader {
  return kinds[map.kind].openReader(map, resolveReference(at, `store ${map.name}`));
}

/** `plan-20261122T021500Z-1a2b3c`: ids sort by time, and two of one second differ. */
export function newId(what: 'plan' | 'run' | 'hold', clock: Clock): string {
  const at = isoInstant(clock.nowMs()).replace(/[-:]|\.\d+/g, '');
  return `${what}-${at}-${randomBytes(3).toString('hex')}`;
}

function findJob(config: Config, name: string): Job {
  const job = config.jobs.find(one => one.name === name);
  if (job !== undefined) return job;
  const known = config.jobs
    .map(one => one.name)
    .sort()
    .join(', ');
  throw new RetentionError(
    'not-found',
    `there is no job "${name}"`,
    known === '' ? 'There are no job files in the jobs folder' : `Known jobs: ${known}`,
  );
}
