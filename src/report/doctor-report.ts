// What was found in the stores of a job, before any plan: for people, and for machines.
import pc from 'picocolors';
import type { Examination, Examined, StoreGrants } from '../plan/examine.ts';

export function doctorReport(
  job: string,
  { datasets: all, grants }: Examination,
  format: 'text' | 'json',
): string {
  if (format === 'json') return `${JSON.stringify({ job, datasets: all, grants }, null, 2)}\n`;
  const refused = all.filter(one => one.notes.some(note => note.verdict === 'refuses')).length;
  return [
    `${pc.bold('DOCTOR')}  job ${job}: nothing was changed`,
    '',
    ...all.flatMap(section),
    ...grants.flatMap(rights),
    refused === 0
      ? 'Nothing stands in the way of a plan.'
      : `${refused} of ${all.length} datasets are refused: a plan leaves them alone until that is mended.`,
    '',
  ].join('\n');
}

function section({ store, dataset, at, notes, classes }: Examined): string[] {
  return [
    `${pc.bold(`${store}/${dataset}`)}  ${at}`,
    ...classes.map(one => `  ${one.class}: ${one.found}`),
    ...notes.flatMap(({ verdict, message, hint }) => [
      `  ${verdict === 'refuses' ? pc.red(verdict) : pc.yellow(verdict)}  ${message}`,
      ...(hint === '' ? [] : [`    ${hint}`]),
    ]),
    '',
  ];
}

function rights({ store, planning, enforcing }: StoreGrants): string[] {
  return [
    `${pc.bold(store)}  the rights that this job needs there, and no others`,
    '  for planning',
    ...planning.map(statement => `    ${statement}`),
    '  for enforcing',
    ...enforcing.map(statement => `    ${statement}`),
    '',
  ];
}
