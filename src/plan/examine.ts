// What a job would meet in its stores, told without a plan being made: every dataset against the real table, how its
// records would be found, and what would help. It refuses what a plan refuses, since it asks the same.

import type { Disposition, Moment, PolicySet } from '../policy/policy.ts';
import { areStated, dispositionOf, rulesFor } from '../policy/rules.ts';
import { shownTable, type TableName } from '../policy/table-name.ts';
import type { ChildTable } from '../stores/child-table.ts';
import type { GrantNeed, Grants } from '../stores/grants.ts';
import type { Dataset, StoreMap, StoreReader } from '../stores/store.ts';
import {
  dispositionObjection,
  dispositionsOf,
  type Mapped,
  mapDatasets,
  reachedClasses,
} from './data-map.ts';
import { type ActingReaders, type ExaminedServer, examineServer } from './examine-servers.ts';
import { type ExpandedMaps, expandMaps, isWithoutTable, tellNoTable } from './expand-maps.ts';
import type { Job } from './job.ts';
import { wholeLawDoubt } from './law-notes.ts';
import { misfitsWithParts } from './misfits.ts';
import { ofOneDataset } from './of-one-dataset.ts';
import type { Stale } from './place.ts';
import { boundsOf, pushDown, type ScanInput } from './scan-part.ts';
import { copiesByStore } from './unmapped.ts';

export interface Examined {
  readonly store: string;
  readonly dataset: string;
  /** Table or folder. */
  readonly at: string;
  readonly notes: readonly Note[];
  /** For each class that the job reaches in it: how its due records are found. */
  readonly classes: readonly { readonly class: string; readonly found: string }[];
}

/** The rights that the job needs in a store, as statements for whoever may grant them. */
export interface StoreGrants extends Grants {
  readonly store: string;
}

export interface Examination {
  /** Stores of which something is to be said as a whole. */
  readonly stores: readonly { readonly store: string; readonly notes: readonly Note[] }[];
  readonly datasets: readonly Examined[];
  readonly grants: readonly StoreGrants[];
}

export interface Note {
  /** refuses: nothing is disposed of. warns: somebody should know. advises: it could work better. */
  readonly verdict: 'refuses' | 'warns' | 'advises';
  readonly message: string;
  /** The way out; empty where the message says it. */
  readonly hint: string;
}

export interface ExamineInput {
  readonly job: Job;
  readonly policySet: PolicySet;
  readonly stores: readonly StoreMap[];
  readonly readers: ReadonlyMap<string, StoreReader>;
  /** Of those stores that are enforced through another way in. */
  readonly acting: ActingReaders;
  readonly holds: Parameters<typeof rulesFor>[2];
  readonly moment: Moment;
}

export async function examineJob(input: ExamineInput): Promise<Examination> {
  const servers = new Map<string, ExaminedServer>();
  for (const map of input.stores) {
    const reader = input.readers.get(map.name);
    if (reader !== undefined) servers.set(map.name, await examineServer(map, reader, input.acting));
  }
  const expanded = await expandMaps(input.stores, input.readers);
  const grants = await grantsOf({ ...input, stores: expanded.stores }, servers);
  const stores = [...servers.values()].flatMap(({ store, notes }) =>
    notes.length === 0 ? [] : [{ store, notes }],
  );
  return { stores, datasets: await examineDatasets(input, expanded, servers), grants };
}

type Servers = ReadonlyMap<string, ExaminedServer>;

async function examineDatasets(
  input: ExamineInput,
  { stores, claimOf }: ExpandedMaps,
  servers: Servers,
): Promise<readonly Examined[]> {
  const { job, policySet } = input;
  const all: Examined[] = [];
  const copiesOf = copiesByStore({ stores, readers: input.readers });
  for (const mapped of mapDatasets(stores)) {
    const { dataset, store, children, rowParts } = mapped;
    const reader = input.readers.get(dataset.store);
    if (reader === undefined) throw new Error(`store ${dataset.store} was not opened`);
    const wanted = reachedClasses(dataset, job);
    if (wanted.length === 0) continue;
    if (isWithoutTable(dataset)) {
      const { name, at } = dataset;
      all.push({
        ...{ store: store.name, dataset: name, at, classes: [] },
        notes: [{ verdict: 'warns', ...tellNoTable(dataset) }],
      });
      continue;
    }
    const dispositions = dispositionsOf(dataset, wanted, policySet);
    const claim = claimOf(dataset);
    const acting = servers.get(store.name)?.acting ?? null;
    const users = acting === null || acting === reader ? [reader] : [reader, acting];
    const mismatches = claim ? [claim] : await misfitsForAll(users, mapped, dispositions, input);
    const notes: Note[] = mismatches.map(({ message, hint }) => ({ verdict: 'refuses', message, hint }));
    const classes: { class: string; found: string }[] = [];
    for (const { at } of await copiesOf(dataset, store)) notes.push(noteOfCopy(at, dataset.at));
    // What does not fit its declaration cannot be asked any further.
    if (mismatches.length === 0) {
      const unseen = dispositions.length > 0 ? await (acting ?? reader).unseenEffects(dataset) : [];
      notes.push(...unseen.map(({ verdict, message, hint }) => ({ verdict, message, hint })));
      for (const { about, message } of dispositions.length > 0
        ? await (acting ?? reader).caveats(dataset)
        : [])
        notes.push({ verdict: VERDICTS[about] ?? 'warns', message, hint: '' });
      const advice = await reader.indexAdvice(dataset);
      if (advice !== null) notes.push({ verdict: 'advises', message: advice, hint: '' });
      for (const one of wanted) {
        const rules = rulesFor(one.class, policySet, input.holds, dataset);
        const disposition = dispositionOf(one.class, policySet, dataset);
        const law = disposition === null ? null : wholeLawDoubt(dataset, rules);
        if (law !== null) notes.push({ verdict: 'warns', message: law, hint: '' });
        const message = dispositionObjection(reader, one.class, disposition);
        const hint = 'Give the class another disposition, or hold its records in another store';
        if (message !== null) notes.push({ verdict: 'refuses', message, hint });
        const isReferredTo = children.length > 0 || rowParts.length > 0;
        const { tags } = one;
        const scan = { reader, dataset, tags, rules, moment: input.moment, isReferredTo };
        const found = await howFound(scan).catch(error => {
          const { message, hint } = ofOneDataset(error);
          notes.push({ verdict: 'refuses', message, hint });
          return 'not found out';
        });
        classes.push({ class: one.class, found });
      }
    }
    all.push({ store: store.name, dataset: dataset.name, at: dataset.at, notes, classes });
  }
  return all;
}

/** What does not fit, as each user sees it: who may delete sees triggers that others do not. */
async function misfitsForAll(
  users: readonly StoreReader[],
  mapped: Mapped,
  dispositions: readonly Disposition[],
  { policySet, moment }: ExamineInput,
): Promise<readonly Stale[]> {
  const found = new Map<string, Stale>();
  for (const reader of users) {
    const some = await misfitsWithParts(reader, mapped, dispositions, policySet, moment.nowMs).catch(
      error => [ofOneDataset(error)],
    );
    for (const one of some) found.set(one.message, one);
  }
  const acting = users.length > 1 ? users.at(-1) : undefined;
  for (const one of (await acting?.server?.missingRights(mapped.dataset, dispositions)) ?? [])
    found.set(one.message, one);
  return [...found.values()];
}

/** What is said of a server or a trigger; anything else warns. */
const VERDICTS: Readonly<Record<string, Note['verdict']>> = { server: 'refuses', trigger: 'advises' };

function noteOfCopy(at: string, of: string): Note {
  return {
    verdict: 'warns',
    message: `"${at}" is named like "${of}", and no dataset maps it: what goes here may stand there`,
    hint: `Map it as a dataset of its own, or write ignored: [{ table: ${at}, reason: ... }]`,
  };
}

/** In words: whether the store lists what is due, and along what, or each record is read. */
async function howFound(scan: ScanInput): Promise<string> {
  const { reader, dataset, rules } = scan;
  if (!areStated(rules.policies)) return 'not looked for: the period is not stated';
  const pushed = pushDown(scan, boundsOf(scan));
  if (pushed === null) return 'read one by one, all there are';
  const walk = pushed.sure && (await reader.walk(dataset, pushed.sure));
  if (walk === null) return 'read one by one, those only that may be due';
  return `listed along ${walk.by === 'start' ? 'the start' : 'the key'} by index ${walk.index}: ${walk.why}`;
}

/** For planning as the server says that is looked through, for enforcing as the one says that is acted on. */
async function grantsOf(input: ExamineInput, servers: Servers): Promise<readonly StoreGrants[]> {
  const all: StoreGrants[] = [];
  for (const store of input.stores) {
    const needs = needsOf(store, input);
    const grants = needs.length === 0 ? null : await input.readers.get(store.name)?.grants?.(needs);
    const acting = servers.get(store.name)?.acting;
    const there = grants == null || acting == null ? grants : await acting.grants?.(needs);
    if (grants != null) all.push({ store: store.name, ...grants, enforcing: (there ?? grants).enforcing });
  }
  return all;
}

/** The datasets that the job reaches, and those that it has to look at for their sake. */
function needsOf(store: StoreMap, { job, policySet }: ExamineInput): readonly GrantNeed[] {
  const needs: GrantNeed[] = [];
  const looksAt = (dataset: Dataset | undefined): void => {
    if (dataset !== undefined) needs.push({ dataset, dispositions: [] });
  };
  for (const { dataset, children } of mapDatasets([store])) {
    const wanted = reachedClasses(dataset, job);
    if (wanted.length === 0) continue;
    const dispositions = dispositionsOf(dataset, wanted, policySet);
    needs.push({ dataset, dispositions }, ...childNeeds(dataset, dataset.childTables, dispositions));
    looksAt(store.datasets.find(one => one.name === dataset.startFrom?.dataset));
    if (dataset.startRows !== null) looksAt(elsewhere(dataset, dataset.startRows.table));
    for (const child of children) looksAt(child.dataset);
  }
  return needs;
}

/** What is granted on another table for a dataset's sake. */
function elsewhere(dataset: Dataset, table: TableName): Dataset {
  return { ...dataset, at: shownTable(table), table };
}

/** Child tables are read and purged like their record's, and what shares their rows is looked at. */
function childNeeds(
  dataset: Dataset,
  children: readonly ChildTable[],
  all: readonly Disposition[],
): readonly GrantNeed[] {
  const dispositions = all.filter(one => one === 'purge');
  return children.flatMap(child => [
    { dataset: { ...elsewhere(dataset, child.table), partitions: 'rows' as const }, dispositions },
    ...(child.sharedBy ?? []).map(({ table }) => ({
      dataset: elsewhere(dataset, table),
      dispositions: [],
    })),
    ...childNeeds(dataset, child.children, all),
  ]);
}
