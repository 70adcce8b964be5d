// What was found of orphans, for people and for machines.
import pc from 'picocolors';
import type { OrphanFiles } from '../plan/orphan-files.ts';
import type { OrphanRows } from '../plan/orphan-rows.ts';
import type { Failure, Orphans } from '../plan/orphans.ts';
import { formatBytes, formatCount } from './numbers.ts';

export function orphansReport(job: string, found: Orphans, format: 'text' | 'json'): string {
  if (format === 'json') return `${JSON.stringify({ job, ...found }, null, 2)}\n`;
  const isEmpty = found.rows.length + found.files.length + found.failures.length === 0;
  return [
    `${pc.bold('ORPHANS')}  job ${job}: nothing was changed`,
    '',
    ...found.rows.flatMap(ofRows),
    ...found.files.flatMap(ofFiles),
    ...(isEmpty ? ['No rows of this job name files.', ''] : []),
    ...(found.failures.length === 0
      ? []
      : [pc.bold('Not looked at'), ...found.failures.flatMap(ofFailure), '']),
  ].join('\n');
}

function ofRows({ store, dataset, rows, gone, unsaid }: OrphanRows): string[] {
  return [
    `${pc.bold(`${store}/${dataset}`)}  ${several(rows, 'row')} read`,
    `  ${several(gone.count, 'row')} whose file is gone${list(gone.samples)}`,
    ...unsaid.map(({ why, count, samples }) => `  ${several(count, 'row')}: ${why}${list(samples)}`),
    '',
  ];
}

function ofFiles({ store, files, orphans, young, unsaid, passed }: OrphanFiles): string[] {
  const shown = orphans.samples.map(path => JSON.stringify(path));
  const notTaken: readonly (readonly [count: number, one: string])[] = [
    [passed.links, 'link'],
    [passed.otherKinds, 'entry that is neither file nor folder'],
    [passed.misnamed, 'name that is not UTF-8'],
  ];
  return [
    `${pc.bold(store)}  ${several(files, 'file')} walked`,
    `  ${several(orphans.count, 'file')} that no row names${size(orphans)}${list(shown)}`,
    ...(young.count === 0
      ? []
      : [
          `  ${several(young.count, 'file')} that no row names yet, changed in the last 48 hours${size(young)}`,
        ]),
    ...unsaid.map(({ why, count }) => `  ${several(count, 'file')} not told: ${why}`),
    ...notTaken.flatMap(([count, one]) =>
      count === 0 ? [] : [`  passed over: ${formatCount(count)} x ${one}`],
    ),
    '',
  ];
}

function ofFailure({ message, hint }: Failure): string[] {
  return [`  ${pc.red(message)}`, `    ${hint}`];
}

function several(count: number, one: string): string {
  return `${formatCount(count)} ${one}${count === 1 ? '' : 's'}`;
}

function size({ count, bytes }: { readonly count: number; readonly bytes: number }): string {
  return count === 0 ? '' : `, ${formatBytes(bytes)}`;
}

function list(samples: readonly string[]): string {
  return samples.length === 0 ? '' : `: ${samples.join(', ')}`;
}
