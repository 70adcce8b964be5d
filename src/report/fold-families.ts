// Tables that are named by date are hundreds of one dataset: what is the same of many of them is told once, with their
// number. Reports for programs tell of each.
import type { Finding, PlanPart } from '../plan/plan.ts';
import { familyOf, tableOf } from '../policy/dated-names.ts';
import { formatCount } from './numbers.ts';

interface Place {
  readonly store: string;
  readonly dataset: string;
  readonly class: string;
}

/** Tables of one dataset that have a row of their own: those of the oldest days, since they come first. */
const SHOWN = 20;

/**
 * What is shown in place of all: of each family its first tables that are not quiet, the others of them as one, and the
 * quiet ones as one. `sum` is given the name of what it sums.
 */
export function foldFamilies<T extends Place>(
  all: readonly T[],
  isQuiet: (one: T) => boolean,
  sum: (some: readonly T[], name: string) => T,
): readonly T[] {
  const families = new Map<string, T[]>();
  for (const one of all)
    if (tableOf(one.dataset) !== null) families.set(idOf(one), [...(families.get(idOf(one)) ?? []), one]);
  const fold = (some: readonly T[], words: string): readonly T[] => {
    const [first] = some;
    if (first === undefined || some.length === 1) return some;
    return [sum(some, `${familyOf(first.dataset)}: ${formatCount(some.length)} ${words}`)];
  };
  return all.flatMap(one => {
    const family = families.get(idOf(one));
    if (family === undefined) return [one];
    // All of its tables stand where the first does; what is said of them together counts nothing.
    if (family[0] !== one) return [];
    const loud = family.filter(table => !isQuiet(table));
    return [
      ...loud.slice(0, SHOWN),
      ...fold(loud.slice(SHOWN), 'more tables'),
      ...fold(family.filter(isQuiet), 'tables with nothing due'),
    ];
  });
}

function idOf({ store, dataset, class: name }: Place): string {
  return JSON.stringify([store, familyOf(dataset), name]);
}

/** How many parts were to be read: what is said of the tables of a dataset together was made of theirs. */
export function countParts(parts: readonly Place[]): number {
  const families = new Set(parts.filter(one => tableOf(one.dataset) !== null).map(idOf));
  return parts.filter(one => tableOf(one.dataset) !== null || !families.has(idOf(one))).length;
}

/** Findings with the place that they are of; what is said of many tables alike is said once, for the first of them. */
export function tellFindings(
  parts: readonly PlanPart[],
): readonly { readonly place: string; readonly finding: Finding }[] {
  const told = new Map<string, { part: PlanPart; finding: Finding; datasets: Set<string> }>();
  for (const part of parts) {
    for (const finding of part.findings) {
      const { severity, code, message } = finding;
      const id = JSON.stringify([idOf(part), severity, code, withoutTable(message, part.dataset)]);
      const known = told.get(id);
      if (known === undefined) told.set(id, { part, finding, datasets: new Set([part.dataset]) });
      else {
        known.datasets.add(part.dataset);
        known.finding = { ...known.finding, count: known.finding.count + finding.count };
      }
    }
  }
  return [...told.values()].map(({ part: { store, dataset, class: name }, finding, datasets }) => ({
    place: `${store}/${dataset}${andMore(datasets.size - 1)} (${name})`,
    finding,
  }));
}

/** What is said of a table, as it would be said of any other of its family. */
export function withoutTable(message: string, dataset: string): string {
  const table = tableOf(dataset);
  return table === null ? message : message.replaceAll(table, '');
}

export function andMore(tables: number): string {
  if (tables === 0) return '';
  return ` and ${formatCount(tables)} more ${tables === 1 ? 'table' : 'tables'}`;
}
