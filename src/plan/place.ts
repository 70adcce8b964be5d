// What the places tell that a store is looked at and acted on at: whether two are one database, whether one has gone back
// to an older state, whether one is too far behind to be planned by.
import type { ServerPlace } from '../stores/server-place.ts';
import type { StoreReader } from '../stores/store.ts';

/** What is remembered of a place. */
export interface Place {
  readonly id: string;
  readonly called: string;
  readonly database: string;
  readonly position: Readonly<Record<string, number>>;
}

/** By the names of stores; those that are behind no server are left out. */
export type Places = Readonly<Record<string, Place>>;

/** What is further behind cannot be planned by: a night's plan would leave out an hour's records and more. */
export const MOST_BEHIND_SECONDS = 3600;

export function placeOf({ id, called, database, position }: ServerPlace): Place {
  return { id, called, database, position };
}

export function isSameDatabase(
  a: Pick<Place, 'id' | 'database'>,
  b: Pick<Place, 'id' | 'database'>,
): boolean {
  return a.id === b.id && a.database === b.database;
}

/** What cannot be compared with what it was is taken for older: nothing says that it is not. */
export function isOlder(now: Pick<Place, 'position'>, then: Pick<Place, 'position'>): boolean {
  const names = Object.keys(then.position);
  return names.length === 0 || names.some(name => (now.position[name] ?? -1) < (then.position[name] ?? 0));
}

export interface Stale {
  readonly message: string;
  readonly hint: string;
}

/** Why what a place shows is too old to go by; null where it is not, or where it may not be asked. */
export function staleness(store: string, { called, channels }: ServerPlace): Stale | null {
  const told = (why: string): Stale => ({
    message: `store ${store} is looked at through a replica (${called}) that ${why}: what it shows is not what there is`,
    hint: 'Start its replication and let it catch up (SHOW REPLICA STATUS), or point readUrl at another server',
  });
  const stopped = channels?.find(channel => channel.secondsBehind === null);
  if (stopped !== undefined) return told(`stands still: its replication from ${stopped.from} is stopped`);
  const behind = Math.max(0, ...(channels ?? []).map(channel => channel.secondsBehind ?? 0));
  return behind > MOST_BEHIND_SECONDS
    ? told(`is ${behind} s behind, and ${MOST_BEHIND_SECONDS} s are the most`)
    : null;
}

/** Why what a reader shows is too old to go by; null where it is not. */
export async function stalenessOf(reader: StoreReader): Promise<Stale | null> {
  const place = await reader.server?.place();
  return place === undefined ? null : staleness(reader.name, place);
}

/**
 * Whether a server holds what came from another, directly or along a chain; null where it may not be asked. A number that
 * both have proves nothing: servers that replicate have different ones.
 */
export function comesFrom(
  { channels, origins, names }: ServerPlace,
  source: Pick<ServerPlace, 'names'>,
): boolean | null {
  if (channels?.length === 0) return false;
  const known = [...origins, ...(channels ?? []).flatMap(channel => channel.source)];
  if (source.names.some(name => known.includes(name) && !names.includes(name))) return true;
  return channels === null ? null : false;
}
