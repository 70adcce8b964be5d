// What was found in the stores of a job, before any plan: for people, and for machines.
import pc from 'picocolors';
import type { Examination, Examined, Note, StoreGrants } from '../plan/examine.ts';
import { familyOf } from '../policy/dated-names.ts';
import { andMore, withoutTable } from './fold-families.ts';

export function doctorReport(
  job: string,
  { stores, datasets: all, grants }: Examination,
  format: 'text' | 'json',
): string {
  if (format === 'json') return `${JSON.stringify({ job, stores, datasets: all, grants }, null, 2)}\n`;
  const refused = all.filter(one => one.notes.some(isRefusal)).length;
  return [
    `${pc.bold('DOCTOR')}  job ${job}: nothing was changed`,
    '',
    ...stores.flatMap(({ store, notes }) => [pc.bold(store), ...notes.flatMap(lines), '']),
    ...alike(all).flatMap(section),
    ...grants.flatMap(rights),
    ...stores.flatMap(({ store, notes }) =>
      notes.some(isRefusal) ? [`Store ${store} is refused: nothing of it goes until that is mended.`] : [],
    ),
    refused === 0
      ? stores.some(({ notes }) => notes.some(isRefusal))
        ? 'Nothing else stands in the way of a plan.'
        : 'Nothing stands in the way of a plan.'
      : `${refused} of ${all.length} datasets are refused: a plan leaves them alone until that is mended.`,
    '',
  ].join('\n');
}

/** Datasets of which the same is to be said: tables that are named by date, mostly. */
function alike(all: readonly Examined[]): readonly (readonly Examined[])[] {
  const groups = new Map<string, Examined[]>();
  for (const one of all) {
    const said = JSON.stringify([one.notes, one.classes]);
    const id = `${one.store} ${familyOf(one.dataset)} ${withoutTable(said, one.dataset)}`;
    groups.set(id, [...(groups.get(id) ?? []), one]);
  }
  return [...groups.values()];
}

/** The first of them stands for the others. */
function section([first, ...others]: readonly Examined[]): string[] {
  if (first === undefined) return [];
  const { store, dataset, at, notes, classes } = first;
  return [
    `${pc.bold(`${store}/${dataset}`)}  ${at}${andMore(others.length)}`,
    ...classes.map(one => `  ${one.class}: ${one.found}`),
    ...notes.flatMap(lines),
    '',
  ];
}

function lines({ verdict, message, hint }: Note): string[] {
  return [
    `  ${verdict === 'refuses' ? pc.red(verdict) : pc.yellow(verdict)}  ${message}`,
    ...(hint === '' ? [] : [`    ${hint}`]),
  ];
}

function isRefusal({ verdict }: Note): boolean {
  return verdict === 'refuses';
}

function rights({ store, planning, enforcing, note }: StoreGrants): string[] {
  return [
    `${pc.bold(store)}  the rights that this job needs there, and no others`,
    ...(note === undefined ? [] : [`  ${pc.yellow('note')}  ${note}`]),
    '  for planning',
    ...planning.map(statement => `    ${statement}`),
    '  for enforcing',
    ...enforcing.map(statement => `    ${statement}`),
    '',
  ];
}
