// Datasets whose tables are named by date: each table becomes a dataset of its own, so that nothing after it has to know of
// names with a date in them. The declared data map is what a plan is digested with: a table that appears changes nothing.

import { isDatedTable, memberName, readDatedName, tableOf } from '../policy/dated-names.ts';
import { shownTable } from '../policy/table-name.ts';
import type { Mismatch } from '../stores/mismatch.ts';
import type { Dataset, StoreMap, StoreReader } from '../stores/store.ts';

export interface ExpandedMaps {
  /** A dataset without any table is left as it is declared. */
  readonly stores: readonly StoreMap[];
  /** What is wrong with a dataset whose table another one has as well; null where nothing is. */
  readonly claimOf: (dataset: Dataset) => Mismatch | null;
}

/** Asks each store for the tables that are there now. */
export async function expandMaps(
  stores: readonly StoreMap[],
  readers: ReadonlyMap<string, Pick<StoreReader, 'datedTables'>>,
): Promise<ExpandedMaps> {
  const expanded: StoreMap[] = [];
  const claims = new Map<string, Mismatch>();
  for (const store of stores) {
    const members: Member[] = [];
    for (const dataset of store.datasets)
      members.push(...(await membersOf(dataset, readers.get(store.name)?.datedTables ?? null)));
    for (const claim of claimsOf(members)) claims.set(idOf(store.name, claim.dataset), claim);
    expanded.push({ ...store, datasets: members.map(({ dataset }) => dataset) });
  }
  return { stores: expanded, claimOf: ({ store, name }) => claims.get(idOf(store, name)) ?? null };
}

/** One of the tables that a data map gave no name, only what their names are like. */
function isMember({ name }: Pick<Dataset, 'name'>): boolean {
  return tableOf(name) !== null;
}

/** A dataset whose tables are named by date, as declared: there is none, or nobody has asked for them. */
export function isWithoutTable({ tables, name }: Dataset): boolean {
  return tables !== null && !isMember({ name });
}

/** How one of its records is addressed: `sip-captures:sip_capture_call_{yyyyMMdd}`, or the name alone. */
export function addressOf({ name, tables }: Dataset): string {
  if (tables === null) return name;
  const { before, format, after } = readDatedName(tables);
  return memberName(name, `${before}{${format}}${after}`);
}

export function tellNoTable({ tables }: Dataset): { readonly message: string; readonly hint: string } {
  return {
    message: `no table is named "${tables}" with a date in it, so that nothing is retained here`,
    hint: 'Every character counts, capitals too, and the date must be one of the calendar. See SHOW TABLES, and that the user may read them',
  };
}

/**
 * A dataset by the name that a plan, an address or the audit log has for it: as declared, or of a table whether it is
 * there or not. Null where the data map has nothing to do with it.
 */
export function datasetNamed({ datasets }: Pick<StoreMap, 'datasets'>, name: string): Dataset | null {
  const table = tableOf(name);
  if (table === null) return datasets.find(one => one.name === name) ?? null;
  const family = datasets.find(one => one.tables !== null && memberName(one.name, table) === name);
  if (family?.tables == null || !isDatedTable(family.tables, table)) return null;
  return memberOf(family, family.tables, table);
}

interface Member {
  readonly dataset: Dataset;
  /** Every way in which a data map may name its table. */
  readonly names: readonly string[];
}

async function membersOf(dataset: Dataset, dated: StoreReader['datedTables']): Promise<Member[]> {
  const { tables } = dataset;
  if (tables === null || dated === null) return [{ dataset, names: [dataset.at] }];
  const found = await dated.list(dataset);
  if (found.length === 0) return [{ dataset, names: [] }];
  return found.map(({ table, names }) => ({ dataset: memberOf(dataset, tables, table), names }));
}

function memberOf(family: Dataset, written: string, table: string): Dataset {
  const place = { database: family.table.database ?? readDatedName(written).schema, name: table };
  return { ...family, name: memberName(family.name, table), at: shownTable(place), table: place };
}

/** Two datasets of one table would give its rows two periods: neither is read. */
function claimsOf(members: readonly Member[]): Mismatch[] {
  if (!members.some(({ dataset }) => isMember(dataset))) return [];
  const owners = new Map<string, Dataset>();
  const claims: Mismatch[] = [];
  // A part of a row is of the row's table.
  for (const { dataset, names } of members.filter(one => one.dataset.partOf === null)) {
    const known = names.map(one => owners.get(one.toLowerCase()));
    const other = known.find(one => one !== undefined && one !== dataset);
    if (other !== undefined) claims.push(claimed(dataset, other), claimed(other, dataset));
    for (const one of names) owners.set(one.toLowerCase(), dataset);
  }
  return claims;
}

function claimed({ name, at }: Dataset, other: Dataset): Mismatch {
  return {
    dataset: name,
    message: `table "${at}" is meant by "${name}" and by "${other.name}": its rows would have two periods`,
    hint: 'Change what the one or the other names in the data map, so that each table is of one dataset',
  };
}

function idOf(store: string, dataset: string): string {
  return JSON.stringify([store, dataset]);
}
