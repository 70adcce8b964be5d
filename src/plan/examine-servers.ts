// What is to be said of the servers behind the stores of a job: where it looks, where it would act, and whether the two are
// one database. It refuses what enforcing refuses, before there is a plan.
import { RetentionError } from '../errors.ts';
import type { ServerPlace } from '../stores/server-place.ts';
import type { StoreMap, StoreReader } from '../stores/store.ts';
import type { Note } from './examine.ts';
import { comesFrom, isSameDatabase, staleness } from './place.ts';

/** The readers through which a store is acted on: null where its URL is not set on this machine. */
export type ActingReaders = ReadonlyMap<string, StoreReader | null>;

export interface ExaminedServer {
  readonly store: string;
  readonly notes: readonly Note[];
  /** Where it would act; null where that is not to be had here. */
  readonly acting: StoreReader | null;
}

export async function examineServer(
  map: StoreMap,
  reader: StoreReader,
  others: ActingReaders,
): Promise<ExaminedServer> {
  const { name: store } = map;
  const place = await reader.server?.place();
  const other = others.get(store);
  if (place === undefined) return { store, notes: [], acting: reader };
  const notes: Note[] = [];
  const stale = staleness(store, place);
  if (stale !== null) notes.push({ verdict: 'refuses', ...stale });
  if (other === null) notes.push(onlyLooked(map));
  if (other == null) {
    if (other === undefined) notes.push(...(await ofActing(map, reader, place)));
    return { store, notes, acting: other === null ? null : reader };
  }
  try {
    const acting = await other.server?.place();
    if (acting !== undefined) {
      notes.push(...(await ofActing(map, other, acting)));
      notes.push(...(await ofTwo(store, reader, place, acting)));
    }
    return { store, notes, acting: other };
  } catch (error) {
    if (!(error instanceof RetentionError)) throw error;
    const message = `the url that it is enforced through does not let in: ${error.message}`;
    notes.push({ verdict: 'refuses', message, hint: error.hint });
    return { store, notes, acting: null };
  }
}

function onlyLooked({ at }: StoreMap): Note {
  const name = 'env' in at ? at.env : 'its url';
  return {
    verdict: 'advises',
    message: `${name} is not set here: it was looked through the user that plans alone, who may not see all that a delete sets off`,
    hint: `Set ${name} for doctor too, which changes nothing: enforcing looks at it before anything goes`,
  };
}

async function ofActing(map: StoreMap, reader: StoreReader, place: ServerPlace): Promise<Note[]> {
  const { called, readOnly, channels } = place;
  const notes: Note[] = [];
  if (readOnly !== null)
    notes.push({
      verdict: 'refuses',
      message: `its url leads to ${called}, which may not be written: ${readOnly}`,
      hint: 'Point the url at the primary, or let it be written again',
    });
  const [channel] = channels ?? [];
  if (channel !== undefined && map.actsOnReplica === null)
    notes.push({
      verdict: 'refuses',
      message: `its url leads to ${called}, a replica of ${channel.from}: what is deleted there stays on its primary`,
      hint: 'Point the url at the primary. If replication was left behind by a failover: RESET REPLICA ALL. If both are primaries, write actsOnReplica: { reason: ... } in the data map',
    });
  if (channels === null) notes.push(await mayNotAsk(reader, called, 'the user that enforces'));
  return notes;
}

async function ofTwo(
  store: string,
  reader: StoreReader,
  looking: ServerPlace,
  acting: ServerPlace,
): Promise<Note[]> {
  if (isSameDatabase(looking, acting)) return [];
  const [there, here] = [`${looking.called}/${looking.database}`, `${acting.called}/${acting.database}`];
  const proved =
    looking.id === acting.id || looking.database !== acting.database ? false : comesFrom(looking, acting);
  if (proved === true) return [];
  if (proved === null) return [await mayNotAsk(reader, looking.called, 'the user that plans')];
  return [
    {
      verdict: 'refuses',
      message: `store ${store} is looked at in ${there} and enforced in ${here}: another database, which does not replicate from it`,
      hint: 'Point readUrl and url at one database, or readUrl at a replica of it',
    },
  ];
}

async function mayNotAsk(reader: StoreReader, called: string, user: string): Promise<Note> {
  const right = await reader.server?.askingRight();
  return {
    verdict: 'advises',
    message: `${user} may not ask whether ${called} replicates from another server`,
    hint: `GRANT ${right} ON *.* to it: it shows that, and lets neither read nor change anything`,
  };
}
