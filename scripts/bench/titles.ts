// The names of all measures and what they say: one for each row of the table of targets.

export const TITLES = {
  'int-rate': 'rows/s, against pt-archiver without evidence',
  'int-rate-file': 'rows/s, against pt-archiver with whole rows in a file',
  'int-settled': 'time until the server has settled, against one single DELETE',
  'client-cpu': 'client CPU for 1,000 records, against pt-archiver without evidence',
  'uuid-rate': 'rows/s on a random (UUID) primary key, against pt-archiver',
  memory: 'peak memory, a third due of three sizes',
  'time-per-record': 'time per record, the same number due of three sizes',
  'plan-speed': 'plan of the due keys (count, list, digest, histogram), warm',
  'plan-nothing-due': 'plan of the whole table with nothing due',
  night: "a night's work: rows read by the server for each row due",
  partitions: '12 due monthly partitions dropped, against deletes of the same rows',
  foreground: 'foreground p99 at the default pace, against the foreground alone',
  'foreground-peer': 'foreground p99, against pt-archiver slowed to about that rate',
  files: 'recordings on disk, against find -delete',
} as const;

export type MeasureName = keyof typeof TITLES;

export const MEASURES = Object.keys(TITLES) as readonly MeasureName[];

export function isMeasure(name: string): name is MeasureName {
  return Object.hasOwn(TITLES, name);
}

/** Measures that compare with pt-archiver: the others run without it. */
export const AGAINST_ARCHIVER: readonly MeasureName[] = [
  'int-rate',
  'int-rate-file',
  'client-cpu',
  'uuid-rate',
  'foreground-peer',
];
