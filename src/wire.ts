// Settings to everything that a command works with: configuration, ledger, stores, clock, log. The only file that
// knows all of them.
import { randomBytes } from 'node:crypto';
import { type Clock, systemClock } from './clock.ts';
import { type Config, loadConfig } from './config/load-config.ts';
import { RetentionError } from './errors.ts';
import { type Ledger, openLedger } from './ledger/ledger.ts';
import { type Log, openLog } from './log.ts';
import type { Job } from './plan/job.ts';
import { type Flags, isResolvable, readSettings, resolveReference, type Settings } from './settings.ts';
import { kinds } from './stores/kinds.ts';
import type { Store, StoreMap, StoreReader } from './stores/store.ts';

export interface Wired {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly log: Log;
  readonly config: Config;
  readonly ledger: Ledger;
  /** Host and process, for the lease. */
  readonly holder: string;
  readonly newId: (what: 'plan' | 'run' | 'hold') => string;
  readonly job: (name: string) => Job;
  /** The data maps that a job reaches. */
  readonly maps: (job: Job) => readonly StoreMap[];
  readonly readers: (maps: readonly StoreMap[]) => ReadonlyMap<string, StoreReader>;
  readonly stores: (maps: readonly StoreMap[]) => ReadonlyMap<string, Store>;
  readonly close: () => Promise<void>;
}

/** Opens what a command needs and closes it again, whatever happens in between. */
export async function withWired<T>(flags: Flags, use: (wired: Wired) => Promise<T>): Promise<T> {
  const wired = await wire(flags);
  try {
    return await use(wired);
  } finally {
    await wired.close();
  }
}

/** Opens the ledger alone: an auditor needs no stores, no policies and no passwords but the ledger's. */
export async function withLedger<T>(flags: Flags, use: (ledger: Ledger) => Promise<T>): Promise<T> {
  const settings = readSettings(flags);
  const ledger = await openLedger(settings.ledger, systemClock, settings.actor);
  try {
    return await use(ledger);
  } finally {
    await ledger.close();
  }
}

async function wire(flags: Flags): Promise<Wired> {
  const settings = readSettings(flags);
  const clock = systemClock;
  const config = loadConfig(settings.policiesFolder, settings.jobsFolder);
  const ledger = await openLedger(settings.ledger, clock, settings.actor);
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
  const log = openLog({ level: settings.logLevel, quiet: settings.quiet, interactive: settings.interactive });
  return {
    settings,
    clock,
    log,
    config,
    ledger,
    holder: `${settings.host}:${process.pid}:${randomBytes(4).toString('hex')}`,
    newId: what =>
      `${what}-${new Date(clock.nowMs()).toISOString().replace(/[-:]|\.\d+/g, '')}-${randomBytes(3).toString('hex')}`,
    job: name => findJob(config, name),
    maps: job => config.stores.filter(store => job.stores.includes(store.name)),
    readers: maps =>
      open(maps, map => {
        const separate = map.readAt !== null && isResolvable(map.readAt);
        if (map.readAt !== null && !separate) {
          const missing = 'env' in map.readAt ? map.readAt.env : map.name;
          log.warn('planning with the rights to delete', { store: map.name, unset: missing });
        }
        const at = separate && map.readAt !== null ? map.readAt : map.at;
        return kinds[map.kind].openReader(map, resolveReference(at, `store ${map.name}`));
      }),
    stores: maps =>
      open(maps, map =>
        kinds[map.kind].open(map, resolveReference(map.at, `store ${map.name}`), settings.hashKey),
      ),
    close: async () => {
      for (const one of opened.reverse()) await one.close();
    },
  };
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
