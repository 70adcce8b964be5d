// Where a plan was looked up is where it acts: proved before the first record goes. One server and one database are the
// proof; for another server it is that it replicates from the one that is acted on, that it shows the same tables and the
// same records both ways, and that the limits hold where the deletion happens.
import { sleep } from '../clock.ts';
import { RetentionError } from '../errors.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { limitedParts } from '../plan/family-limits.ts';
import { exceededLimit, isFarFromLimit } from '../plan/limits.ts';
import { comesFrom, isOlder, isSameDatabase, type Place, placeOf, staleness } from '../plan/place.ts';
import type { Plan, PlanPart } from '../plan/plan.ts';
import { keysOf } from '../policy/key-text.ts';
import type { Key } from '../policy/policy.ts';
import { readRecord, type StoredRecord } from '../policy/record.ts';
import type { ServerPlace } from '../stores/server-place.ts';
import type { Dataset, StoreMap, StoreReader } from '../stores/store.ts';

export interface SamePlaceInput {
  readonly plan: Plan;
  readonly maps: readonly StoreMap[];
  /** Where it acts. */
  readonly stores: ReadonlyMap<string, StoreReader>;
  /** Where it was looked up, of those stores that are planned through another way in. */
  readonly readers: ReadonlyMap<string, StoreReader>;
  readonly datasetOf: (store: string, name: string) => Dataset | null;
  readonly tagsOf: (dataset: Dataset, name: string) => readonly string[] | null;
  readonly ledger: Ledger;
  readonly onUnproved: (store: string, why: string) => void;
}

/** Keys that are looked for, of a dataset, each way. */
const SAMPLED = 100;
/** Batches that planned keys are taken from. */
const SAMPLED_BATCHES = 5;
/** The newest records need a moment to come to a replica. */
const [WAITS, WAIT_MS] = [10, 1000];

/** Where each store is acted on. Throws `plan-not-enforceable` or `limit-exceeded`, and nothing has been touched then. */
export async function guardSamePlace(input: SamePlaceInput): Promise<Readonly<Record<string, Place>>> {
  const { plan, maps, stores, readers } = input;
  const places: Record<string, Place> = {};
  for (const map of maps) {
    const acting = await stores.get(map.name)?.server?.place();
    if (acting === undefined) continue;
    places[map.name] = placeOf(acting);
    if (!plan.parts.some(part => part.store === map.name && part.counts.due > 0)) continue;
    requirePrimary(map, acting);
    const reader = readers.get(map.name);
    const looking = await reader?.server?.place();
    const read = plan.readFrom?.[map.name] ?? looking;
    // A plan of before places were remembered, and no other way in: it was made here.
    if (read === undefined) continue;
    if (isSameDatabase(read, acting)) {
      if (isOlder(acting, read))
        refuse(
          `store ${map.name}: ${acting.called} has gone back to an older state than that which was planned`,
          'See that it is the right server, and make a new plan',
        );
      continue;
    }
    requireLineage(input, map, { read, acting, looking });
    await requireSameRecords(input, map.name, reader);
    await guardLimitsAgain(input, map.name);
  }
  return places;
}

/** What is deleted on a replica stays on its primary, and parts the two. */
function requirePrimary(map: StoreMap, { called, readOnly, channels }: ServerPlace): void {
  if (readOnly !== null)
    refuse(
      `store ${map.name}: its url leads to ${called}, which may not be written: ${readOnly}`,
      'Point the url at the primary, or let it be written again',
    );
  const [channel] = channels ?? [];
  if (channel === undefined || map.actsOnReplica !== null) return;
  refuse(
    `store ${map.name}: its url leads to ${called}, a replica of ${channel.from}: what is deleted there stays on its primary`,
    'Point the url at the primary. If replication was left behind by a failover: RESET REPLICA ALL. If both are primaries, write actsOnReplica: { reason: ... } in the data map',
  );
}

interface Looked {
  /** Where the plan was made. */
  readonly read: Place;
  readonly acting: ServerPlace;
  /** Where its way in leads now; nothing where this machine has none. */
  readonly looking: ServerPlace | undefined;
}

function requireLineage(
  { onUnproved }: SamePlaceInput,
  { name: store, readAt }: StoreMap,
  { read, acting, looking }: Looked,
): void {
  const [there, here] = [`${read.called}/${read.database}`, `${acting.called}/${acting.database}`];
  const two = `store ${store} was planned at ${there}, and is enforced at ${here}`;
  const hint = 'Point readUrl and url at one database, or readUrl at a replica of it, and make a new plan';
  if (read.id === acting.id || read.database !== acting.database) refuse(`${two}: another database`, hint);
  if (readAt === null)
    refuse(
      `${two}: the url leads to another server now`,
      'Was there a failover? See that it leads to the right server, and make a new plan there',
    );
  if (looking === undefined) {
    onUnproved(store, `${two}, and readUrl is not set here to ask that server what it replicates from`);
    return;
  }
  const proved = comesFrom(looking, acting);
  if (proved === false) {
    const from = looking.channels?.map(channel => channel.from).join(' and ') || 'nothing';
    refuse(`${two}, from which it does not replicate: it replicates from ${from}`, hint);
  }
  const stale = staleness(store, looking);
  if (stale !== null) refuse(stale.message, stale.hint);
  if (proved === null)
    onUnproved(store, `${two}, and its user may not ask that server what it replicates from`);
}

async function requireSameRecords(
  input: SamePlaceInput,
  name: string,
  reader: StoreReader | undefined,
): Promise<void> {
  const store = input.stores.get(name);
  if (store === undefined) return;
  const seen = new Set<string>();
  for (const [index, part] of input.plan.parts.entries()) {
    const dataset = input.datasetOf(part.store, part.dataset);
    if (part.store !== name || part.counts.due === 0 || dataset === null) continue;
    if (await store.datedTables?.isGone(dataset)) continue;
    if (reader !== undefined && !seen.has(dataset.name)) {
      await requireSameShape(dataset, store, reader);
      await requireKnown(dataset, store, reader);
    }
    seen.add(dataset.name);
    await requirePlanned(await sampleOf(input, index), dataset, store, reader);
  }
}

async function requireSameShape(dataset: Dataset, store: StoreReader, reader: StoreReader): Promise<void> {
  const [here, there] = [await store.server?.shape(dataset), await reader.server?.shape(dataset)];
  for (const column of new Set([...(here?.keys() ?? []), ...(there?.keys() ?? [])])) {
    const [ours, theirs] = [here?.get(column) ?? 'not there', there?.get(column) ?? 'not there'];
    if (ours !== theirs)
      refuse(
        `${dataset.store}/${dataset.name}: "${column}" is ${ours} where it is enforced and ${theirs} where it was planned`,
        'Are readUrl and url one database? After a change of the table let the replica catch up, and plan again',
      );
  }
}

/** Records of the place that is acted on, from both ends, are known where it was planned. */
async function requireKnown(dataset: Dataset, store: StoreReader, reader: StoreReader): Promise<void> {
  const ends = await store.server?.ends(dataset, SAMPLED);
  for (const keys of ends == null ? [] : [ends.first, ends.last]) {
    let missing = 0;
    for (let waited = 0; waited <= WAITS; waited += 1) {
      missing = keys.length - (await reader.find(dataset, keys)).length;
      if (missing * 2 <= keys.length) break;
      if (waited < WAITS) await sleep(WAIT_MS);
    }
    if (missing * 2 > keys.length) differ(dataset, `${missing} of ${keys.length} records are not there`);
  }
}

/** Records that are planned stand where it acts, and began when the plan says. */
async function requirePlanned(
  keys: readonly Key[],
  dataset: Dataset,
  store: StoreReader,
  reader: StoreReader | undefined,
): Promise<void> {
  const here = await store.find(dataset, keys);
  if ((keys.length - here.length) * 2 > keys.length)
    differ(
      dataset,
      `${keys.length - here.length} of ${keys.length} planned records are not where it is enforced`,
    );
  const there = new Map(
    ((await reader?.find(dataset, keys)) ?? []).map(record => [
      JSON.stringify(record.key),
      startOf(record, dataset),
    ]),
  );
  const both = here.filter(record => there.has(JSON.stringify(record.key)));
  const other = both.filter(
    record => there.get(JSON.stringify(record.key)) !== startOf(record, dataset),
  ).length;
  if (other * 2 > both.length)
    differ(dataset, `${other} of ${both.length} planned records start at another time`);
}

function startOf(record: StoredRecord, dataset: Dataset): string {
  return JSON.stringify(readRecord(record, dataset).start);
}

/** Planned keys of a part that no run has begun with, from batches all over it. */
async function sampleOf({ plan, ledger }: SamePlaceInput, part: number): Promise<readonly Key[]> {
  const open = (await ledger.plans.openBatches(plan.id)).filter(header => header.part === part);
  const step = Math.max(1, Math.floor(open.length / SAMPLED_BATCHES));
  const keys: Key[] = [];
  for (let at = 0; at < open.length && keys.length < SAMPLED; at += step) {
    const header = open[at];
    if (header === undefined) break;
    const all = keysOf((await ledger.plans.load(header)).keys);
    const each = Math.ceil(SAMPLED / Math.min(SAMPLED_BATCHES, open.length));
    for (let key = 0; key < each; key += 1) {
      const one = all[Math.floor((key * all.length) / Math.min(each, all.length))];
      if (one !== undefined) keys.push(one);
    }
  }
  return keys;
}

function differ({ store, name }: Dataset, what: string): never {
  return refuse(
    `${store}/${name}: ${what}: readUrl and url do not show the same records`,
    'Are readUrl and url one database? Compare a few of them, let a replica catch up, and plan again',
  );
}

/** Every class and dataset within its limits by what is stored where the deletion happens. */
async function guardLimitsAgain(input: SamePlaceInput, name: string): Promise<void> {
  const { plan, stores, datasetOf, tagsOf } = input;
  const store = stores.get(name);
  const recounted: PlanPart[] = [];
  for (const part of plan.parts.filter(one => one.store === name)) {
    const dataset = datasetOf(part.store, part.dataset);
    if (store === undefined || dataset === null || (await store.datedTables?.isGone(dataset))) continue;
    const tags = tagsOf(dataset, part.class);
    const count = async (accuracy: 'exact' | 'estimate') => store.count(dataset, tags, accuracy);
    let counted = await count('estimate');
    if (counted?.isEstimate && !isFarFromLimit(part.counts.due, counted.stored, part.limits))
      counted = await count('exact');
    if (counted !== null) recounted.push({ ...part, counts: { ...part.counts, stored: counted.stored } });
  }
  const over = limitedParts({ parts: recounted }).flatMap(part => {
    const limit = exceededLimit(part);
    return limit === null ? [] : [`${part.dataset} (${part.class}): ${limit}`];
  });
  if (over.length === 0) return;
  throw new RetentionError(
    'limit-exceeded',
    `plan ${plan.id} is over the limits of its job where it is enforced. ${over.join('. ')}`,
    'It was planned by another server, which holds other records: are readUrl and url one database?',
  );
}

function refuse(message: string, hint: string): never {
  throw new RetentionError('plan-not-enforceable', message, hint);
}
