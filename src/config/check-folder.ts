// A dataset of files: what it needs, and what only rows have.
import type { Report } from './check-keys.ts';
import { checkUnit } from './check-unit.ts';
import type { DatasetFile } from './store-schema.ts';

export function checkFolder(dataset: DatasetFile, report: Report): void {
  if (dataset.folder === undefined)
    report(
      ['dataset'],
      'a dataset of files needs a folder',
      "Add folder: recordings, or folder: '' for the root",
    );
  for (const key of [
    'table',
    'tables',
    'key',
    'keyless',
    'partOf',
    'flag',
    'anonymise',
    'bytes',
    'files',
    'children',
  ] as const) {
    if (dataset[key] !== undefined) report([key], `files have no "${key}"`, 'Take it out');
  }
  const groups = [...(dataset.pattern ?? '').matchAll(/\(\?<([^>]+)>/g)].map(match => match[1]);
  const tag = typeof dataset.class === 'string' ? [] : [['class', dataset.class.column] as const];
  const jurisdiction =
    typeof dataset.jurisdiction === 'object' ? [['jurisdiction', dataset.jurisdiction.column] as const] : [];
  const named = [
    ...tag,
    ...jurisdiction,
    ...(dataset.customer === undefined ? [] : [['customer', dataset.customer] as const]),
    ...(dataset.numbers ?? []).map(number => ['numbers', number] as const),
    ...(dataset.start.column === undefined || dataset.start.column === 'mtime'
      ? []
      : [['start', dataset.start.column] as const]),
  ];
  for (const [key, group] of named) {
    if (!groups.includes(group))
      report([key], `the pattern has no group named "${group}"`, `Add (?<${group}>...) to the pattern`);
  }
  if (dataset.start.column === undefined)
    report(
      ['start'],
      'the start of a file is not said',
      'Add column: mtime, or the name of a group of the pattern with unit: text',
    );
  if (dataset.start.column !== 'mtime' && dataset.start.unit !== 'text')
    report(['start'], 'a start taken from a path is a text', 'Add unit: text and its format');
  if (
    dataset.start.column === 'mtime' &&
    dataset.start.unit !== undefined &&
    dataset.start.unit !== 'epoch-ms'
  )
    report(
      ['start', 'unit'],
      'the time of a file counts in milliseconds',
      'Write unit: epoch-ms, or take it out',
    );
  if (dataset.start.column !== 'mtime') checkUnit(dataset, report);
}
