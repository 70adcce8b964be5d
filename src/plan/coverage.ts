// What the data maps leave out: tables, columns and folders that no dataset speaks of, classes that no dataset holds, and
// datasets that never match anything. Retention that silently does nothing is found here. It only looks.

import { RetentionError, reasonOf } from '../errors.ts';
import { templateColumns } from '../policy/file-path.ts';
import type { PolicySet } from '../policy/policy.ts';
import { shownTable } from '../policy/table-name.ts';
import type { Holding, Inventory } from '../stores/inventory.ts';
import type { Dataset, StoreMap, StoreReader } from '../stores/store.ts';
import { advises, type CoverageNote, warns } from './coverage-note.ts';
import { classesOf, dispositionsOf } from './data-map.ts';
import { expandMaps } from './expand-maps.ts';
import { type IdleInput, idleNotes, unheldClasses } from './idle.ts';
import { looksDated, looksPersonal, namesFile } from './personal.ts';
import { stalenessOf } from './place.ts';
import { copyOf, isNamedBy, mappedIn, withoutMapped } from './unmapped.ts';

export interface StoreCoverage {
  readonly store: string;
  /** Null where the store could not be looked at; the notes say why. */
  readonly found: {
    readonly mapped: number;
    readonly ignored: number;
    readonly unmapped: number;
  } | null;
  readonly notes: readonly CoverageNote[];
}

export interface Coverage {
  readonly stores: readonly StoreCoverage[];
  /** What the policies and the ledger say, whatever stands in the stores. */
  readonly notes: readonly CoverageNote[];
}

export interface CoverageInput extends IdleInput {
  /** The stores to look at. */
  readonly stores: readonly StoreMap[];
  /** Throws where a store cannot be opened. */
  readonly open: (store: StoreMap) => StoreReader;
}

/** A store that cannot be looked at is told with its reason, and the others are looked at. */
export async function coverageOf(input: CoverageInput): Promise<Coverage> {
  const stores: StoreCoverage[] = [];
  for (const store of input.stores) {
    try {
      stores.push(await coverStore(store, input));
    } catch (error) {
      const hint = error instanceof RetentionError ? error.hint : '';
      const message = `it could not be looked at: ${reasonOf(error)}`;
      stores.push({ store: store.name, found: null, notes: [warns(message, hint)] });
    }
  }
  return {
    stores,
    notes: [
      ...unheldClasses(input),
      ...input.stores.flatMap(store => store.datasets.flatMap(one => idleNotes(one, input))),
    ],
  };
}

async function coverStore(store: StoreMap, { open, all, policySet }: CoverageInput): Promise<StoreCoverage> {
  const reader = open(store);
  const { stores } = await expandMaps([store], new Map([[store.name, reader]]));
  const mapped = mappedIn(store, [...stores, ...all.stores.filter(one => one.name !== store.name)]);
  const inventory = await reader.inventory(mapped, 'all');
  const { unmapped, ignored } = withoutMapped(store, inventory);
  const stale = await stalenessOf(reader);
  return {
    store: store.name,
    found: { mapped: mapped.length, ignored: ignored.length, unmapped: unmapped.length },
    notes: [
      ...(stale === null ? [] : [warns(stale.message, stale.hint)]),
      ...(inventory.unseen === null ? [] : [warns(inventory.unseen, '')]),
      ...unmapped.flatMap(one => unmappedNotes(one, store)).sort(warningsFirst),
      ...store.datasets
        .filter(one => one.partOf === null)
        .flatMap(one => columnNotes(one, store.datasets, inventory, policySet)),
      ...store.ignored
        .filter(one => !ignored.some(({ at }) => isNamedBy(one.at, at)))
        .map(one => advises(`\`ignored\` names "${one.at}", which is not there or is mapped`, 'Take it out')),
    ],
  };
}

function warningsFirst(a: CoverageNote, b: CoverageNote): number {
  return Number(a.verdict === 'advises') - Number(b.verdict === 'advises');
}

function unmappedNotes({ at, records, columns }: Holding, store: StoreMap): CoverageNote[] {
  const isFiles = store.kind === 'filesystem';
  const what = isFiles ? 'folder' : 'table';
  const size = isFiles ? `${records ?? 0} files` : `some ${records ?? 0} rows`;
  const hint = `Map it as a dataset, or write ignored: [{ ${what}: ${at === '' ? "''" : at}, reason: ... }]`;
  const original = copyOf(at, store);
  if (original !== null)
    return [
      warns(
        `${what} "${at}" (${size}) is named like "${original.at}", and no dataset maps it: what goes there may stand here`,
        hint,
      ),
    ];
  if (isFiles) return [advises(`${what} "${at}" (${size}) is mapped by no dataset`, hint)];
  const personal = columns.filter(looksPersonal).map(({ name }) => name);
  const dated = columns.filter(looksDated).map(({ name }) => name);
  if (personal.length === 0 && dated.length === 0) return [];
  const looks = [
    ...(personal.length === 0 ? [] : [`looks personal (${some(personal)})`]),
    ...(dated.length === 0 ? [] : [`has dates (${some(dated)})`]),
  ].join(' and ');
  return [advises(`${what} "${at}" (${size}) ${looks}, and no dataset maps it`, hint)];
}

const NAMES = 6;

function some(names: readonly string[]): string {
  return names.length <= NAMES
    ? names.join(', ')
    : `${names.slice(0, NAMES).join(', ')} and ${names.length - NAMES} more`;
}

/** Columns of a mapped table that its dataset says nothing of. */
function columnNotes(
  dataset: Dataset,
  all: readonly Dataset[],
  { holdings }: Inventory,
  policySet: PolicySet,
): CoverageNote[] {
  const table = holdings.find(one => one.mappedAs.some(mapped => shownTable(mapped) === dataset.at));
  const parts = all.filter(one => one.partOf === dataset.name);
  const known = new Set([dataset, ...parts].flatMap(mappedColumns));
  const others = (table?.columns ?? []).filter(({ name }) => !known.has(name));
  const where = `"${dataset.at}" (${dataset.name})`;
  const notes: CoverageNote[] = [];
  const files = [dataset, ...parts].some(one => one.files.length > 0)
    ? []
    : others.filter(namesFile).map(({ name }) => name);
  if (files.length > 0)
    notes.push(
      warns(
        `${some(files)} of ${where} may name files, which stay when their rows go`,
        'If they do, add files: [{ store: ..., path: ... }]',
      ),
    );
  const personal = others.filter(looksPersonal).map(({ name }) => name);
  const dispositions = dispositionsOf(dataset, classesOf(dataset), policySet);
  if (personal.length > 0 && dispositions.includes('anonymise'))
    notes.push(
      warns(
        `${some(personal)} of ${where} look personal and are not masked: they stay in the row`,
        'Add them to anonymise, if they are',
      ),
    );
  const rest = others.filter(one => looksPersonal(one) || looksDated(one)).map(({ name }) => name);
  if (rest.length > 0 && !dispositions.includes('anonymise'))
    notes.push(
      advises(
        `${some(rest)} of ${where} look personal or dated: they go with their row, at its time`,
        'If one of them is of another class, a transcript say, map it as that',
      ),
    );
  return notes;
}

function mappedColumns(dataset: Dataset): (string | null)[] {
  return [
    ...dataset.key,
    ...dataset.numberColumns,
    ...Object.keys(dataset.startFrom?.on ?? {}),
    ...dataset.files.flatMap(rule => templateColumns(rule.template)),
    ...(dataset.anonymise?.fields.map(({ column }) => column) ?? []),
    dataset.anonymise?.marker?.column ?? null,
    dataset.flag?.column ?? null,
    dataset.tagColumn,
    dataset.customerColumn,
    dataset.jurisdictionColumn,
    dataset.bytesColumn,
    dataset.statusColumn,
    dataset.fallbackColumn,
    ...Object.values(dataset.startRows?.on ?? {}),
    dataset.startFrom === null && dataset.startRows === null ? dataset.startColumn : null,
  ];
}
