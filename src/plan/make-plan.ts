// Makes a plan: reads every dataset that a job reaches, decides on each record, saves what is due in batches, and last
// the plan itself. It is handed readers, which have no way to change anything.

import type { Ledger } from '../ledger/ledger.ts';
import type { EarlierFiles } from '../ledger/told.ts';
import { keyText } from '../policy/key-text.ts';
import type { ClassRules, Hold, Moment, PolicySet } from '../policy/policy.ts';
import { dispositionOf, rulesFor } from '../policy/rules.ts';
import type { Dataset, StoreMap, StoreReader } from '../stores/store.ts';
import { batchWriter } from './batch-writer.ts';
import { findingsOfCameBack } from './come-back.ts';
import { countEverywhere, ordersInForce } from './count-orders.ts';
import {
  dispositionObjection,
  dispositionsOf,
  type Mapped,
  mapDatasets,
  reachedClasses,
} from './data-map.ts';
import { findingsOfCopies, findingsOfPassedOver, findingsOfStrays } from './dataset-findings.ts';
import { type ExpandedMaps, expandMaps, isWithoutTable } from './expand-maps.ts';
import { withFamilies } from './family-limits.ts';
import { hashKeyFor } from './hash-key.ts';
import type { Job } from './job.ts';
import { type LookedThrough, lookedThrough } from './looked-through.ts';
import { misfitsWithParts } from './misfits.ts';
import { ofOneDataset } from './of-one-dataset.ts';
import { openIntents } from './open-intents.ts';
import { findingsOfKeys } from './personal-keys.ts';
import type { Finding, Plan, PlanPart, PlanSource } from './plan.ts';
import { planPart } from './plan-part.ts';
import { earlierFiles, keepersOf } from './row-parts.ts';
import { savePlan } from './save-plan.ts';
import { type PartScan, scanPart } from './scan-part.ts';
import { copiesByStore } from './unmapped.ts';
import { partWithoutTable, refusedPart } from './unread-part.ts';

/** One class in one dataset, with everything that deciding on its records takes. */
export interface PartPlace {
  readonly dataset: Dataset;
  readonly tags: readonly string[] | null;
  readonly class: string;
  readonly reader: StoreReader;
  readonly isReferredTo: boolean;
}

export interface PlanInput {
  readonly id: string;
  readonly job: Job;
  readonly source: PlanSource;
  readonly policySet: PolicySet;
  /** The data maps of the stores that the job names. */
  readonly stores: readonly StoreMap[];
  readonly readers: ReadonlyMap<string, StoreReader>;
  readonly ledger: Ledger;
  readonly madeAtMs: number;
  readonly moment: Moment;
  readonly hashKey: string;
  readonly onProgress: (event: PlanProgress) => void;
}

export interface PlanProgress {
  readonly dataset: string;
  readonly class: string;
  readonly read: number;
}

/** Where the records of a part come from; a scan of the store unless a replay brings its own. */
export type PartSource = (place: PartPlace, input: PlanInput, rules: ClassRules) => Promise<PartScan | null>;

/** What a store holds now: where the records of every plan but a replay's come from. */
export function scanPlace(place: PartPlace, input: PlanInput, rules: ClassRules): Promise<PartScan> {
  const { reader, dataset, tags, isReferredTo } = place;
  const { moment, job } = input;
  return scanPart({ reader, dataset, tags, rules, moment, batchKeys: job.batchKeys, isReferredTo });
}

/** A plan that is being made. */
interface Making {
  readonly input: PlanInput;
  readonly source: PartSource;
  /** Holds of the ledger. */
  readonly held: readonly Hold[];
  readonly batches: ReturnType<typeof batchWriter>;
  readonly parts: PlanPart[];
  readonly through: LookedThrough;
  /** Where each part came from, by its place among the parts; nothing where nothing was read. */
  readonly places: PartPlace[];
}

/** Makes and saves a plan. Nothing is saved as a plan until all of it has been read. */
export async function makePlan(input: PlanInput, source: PartSource = scanPlace): Promise<Plan> {
  const { ledger } = input;
  const held = await ledger.holds.list();
  const batches = batchWriter(input.id, ledger.plans);
  const through = await lookedThrough(input);
  const making: Making = { input, source, held, batches, through, parts: [], places: [] };
  const { stores, claimOf } = await expandMaps(input.stores, input.readers);
  const copiesOf = copiesByStore({ stores, readers: input.readers });
  for (const mapped of mapDatasets(stores)) await planUnlessRefused(making, mapped, claimOf, copiesOf);
  const all = await withFamilies(making.parts, async index => {
    const { reader, dataset, tags } = making.places[index] ?? {};
    return dataset === undefined ? null : ((await reader?.count(dataset, tags ?? null, 'exact')) ?? null);
  });
  // A replay asks for what went, of which no order has anything to say.
  const orders =
    input.source.kind === 'replay' ? [] : ordersInForce(input.policySet, held, input.moment.nowMs);
  const digests = await batches.close();
  return savePlan(input, through.readFrom, all, digests, await countEverywhere(making.places, orders));
}

/** One dataset that cannot be read to its end is refused whole, with what stood in the way: the others go on. */
async function planUnlessRefused(
  making: Making,
  mapped: Mapped,
  claimOf: ExpandedMaps['claimOf'],
  copiesOf: ReturnType<typeof copiesByStore>,
): Promise<void> {
  const { input, held, parts, places, batches } = making;
  const [firstPart, firstBatch] = [parts.length, batches.count()];
  try {
    await planDataset(making, mapped, claimOf, copiesOf);
  } catch (error) {
    const { message, hint } = ofOneDataset(error);
    parts.length = firstPart;
    places.length = Math.min(places.length, firstPart);
    await batches.takeBack(firstBatch);
    const { dataset } = mapped;
    for (const one of reachedClasses(dataset, input.job)) {
      const rules = rulesFor(one.class, input.policySet, held, dataset);
      parts.push(refusedPart(dataset, input.job, rules, [`${message}. ${hint}`], []));
    }
  }
}

/** Adds a part for each class of a dataset that the job reaches. */
async function planDataset(
  making: Making,
  mapped: Mapped,
  claimOf: ExpandedMaps['claimOf'],
  copiesOf: ReturnType<typeof copiesByStore>,
): Promise<void> {
  const { input, held, parts } = making;
  const { job, moment, policySet } = input;
  const { dataset, store, children, rowParts } = mapped;
  const reader = input.readers.get(dataset.store);
  if (reader === undefined) throw new Error(`store ${dataset.store} was not opened`);
  const wanted = reachedClasses(dataset, job);
  if (wanted.length === 0) return;
  const rulesOf = (name: string): ClassRules => rulesFor(name, policySet, held, dataset);
  if (isWithoutTable(dataset)) {
    parts.push(...wanted.map(one => partWithoutTable(dataset, job, rulesOf(one.class))));
    return;
  }
  const hashKey = hashKeyFor(dataset, input.hashKey);
  const dispositions = dispositionsOf(dataset, wanted, policySet);
  const unfit = making.through.stale.get(dataset.store) ?? claimOf(dataset);
  const mismatches = unfit
    ? [unfit]
    : await misfitsWithParts(reader, mapped, dispositions, policySet, moment.nowMs);
  // Tables that are named by date may be dropped while others are read.
  if (mismatches.length > 0 && (await isGone(reader, dataset))) return;
  const copies = findingsOfCopies(await copiesOf(dataset, store));
  if (mismatches.length > 0) {
    const reasons = mismatches.map(({ message, hint }) => `${message}. ${hint}`);
    wanted.forEach((one, at) => {
      parts.push(refusedPart(dataset, job, rulesOf(one.class), reasons, at === 0 ? copies : []));
    });
    return;
  }
  const strays = await reader.unclassified(dataset);
  const back = findingsOfCameBack(await making.through.cameBack(dataset, reader));
  const isReferredTo = children.length > 0 || rowParts.length > 0;
  for (const one of wanted) {
    const rules = rulesOf(one.class);
    const place: PartPlace = { dataset, tags: one.tags, class: one.class, reader, isReferredTo };
    const part = await planClass(making, place, rowParts, rules, hashKey);
    if (part === null) continue;
    const ofDataset = (): Finding[] => [
      ...findingsOfStrays(strays, key => keyText(key, hashKey)),
      ...findingsOfPassedOver(reader.passedOver?.(dataset) ?? null),
      ...back,
      ...copies,
      ...findingsOfKeys(dataset, reader.kind),
    ];
    const isFirst = one === wanted[0];
    parts.push(isFirst ? { ...part, findings: [...part.findings, ...ofDataset()] } : part);
  }
}

/** Null where nothing can come of it: a replay has nothing of it, or its table has gone. */
async function planClass(
  { input, source, held, batches, parts, places }: Making,
  place: PartPlace,
  rowParts: readonly Dataset[],
  rules: ClassRules,
  hashKey: string | null,
): Promise<PlanPart | null> {
  const { job, moment, policySet, ledger } = input;
  const { reader, dataset } = place;
  const why = dispositionObjection(reader, place.class, dispositionOf(place.class, policySet, dataset));
  if (why !== null) return refusedPart(dataset, job, rules, [why], []);
  let listed = 0;
  const unlessGone = async (error: unknown): Promise<null> => {
    if (listed > 0 || !(await isGone(reader, dataset))) throw error;
    return null;
  };
  const scan = await source(place, input, rules).catch(unlessGone);
  if (scan === null) return null;
  const index = parts.length;
  places[index] = place;
  let earlier: EarlierFiles | null = null;
  let open: ReadonlySet<string> | null = null;
  return planPart({
    job,
    dataset,
    tags: place.tags,
    reader,
    readers: input.readers,
    rules,
    moment,
    scan,
    hashKey,
    saveBatch: (keys, stretch) => {
      listed += 1;
      return batches.add(index, keys, stretch, hashKey);
    },
    keepersOf: page => keepersOf(reader, rowParts, page, rules, { policySet, held, moment }),
    wasInterrupted: async record => {
      // A replay looks for what went: that its files are gone is as it should be.
      if (input.source.kind === 'replay') return true;
      earlier ??= await earlierFiles(ledger.audit, dataset);
      open ??= await openIntents(ledger, dataset);
      return earlier.interrupted.has(keyText(record.key, hashKey)) || open.has(keyText(record.key, null));
    },
    wasMissing: async record => {
      earlier ??= await earlierFiles(ledger.audit, dataset);
      return earlier.missing.has(keyText(record.key, hashKey));
    },
    onProgress: read => {
      input.onProgress({ dataset: dataset.name, class: place.class, read });
    },
  }).catch(unlessGone);
}

async function isGone(reader: StoreReader, dataset: Dataset): Promise<boolean> {
  return (await reader.datedTables?.isGone(dataset)) === true;
}
