// The shape of a data map file (`jobs/stores/*.yaml`).
import { z } from 'zod';
import { DATED_NAME_HINT, datedNameMistake } from '../policy/dated-names.ts';
import { unsafePath } from '../policy/file-path.ts';
import type { StartUnit } from '../policy/start.ts';
import { checked, day, jurisdiction, name, startEvent, text, zone } from './fields.ts';

const env = z.strictObject({
  env: checked(
    z.string(),
    // The value is not quoted back: it may be a URL with a password.
    value => (/^[A-Z][A-Z0-9_]*$/.test(value) ? null : 'this does not name an environment variable'),
    'Write the name of the variable, RETENTION_TELECOM_URL, never the URL itself',
  ),
});

/** A path is no secret and may stand in the file; a URL holds a password and may not. */
const path = z.union([text, env]);

const columnName = checked(
  z.string(),
  value => (/^[^`"\0]+$/.test(value) ? null : `"${value}" is not a name that can be quoted`),
  'Names of tables and columns must not hold quotes or back-ticks',
);

const start = z.strictObject({
  event: startEvent,
  column: columnName
    .optional()
    .describe('The column, or for files `mtime` or the named group `start` of the pattern'),
  unit: z.enum(['datetime', 'date', 'timestamp', 'epoch-s', 'epoch-ms', 'epoch-us', 'text']).optional(),
  zone: zone.optional().describe('The zone of values that have none'),
  format: text.optional().describe('For unit text: the format in luxon tokens'),
  sentinels: z.array(z.string()).optional().describe('Values that mean unknown'),
  plausibleFrom: day.optional().describe('Earlier starts are undated; 1995-01-01 unless said otherwise'),
  status: z.strictObject({ column: columnName, closed: z.array(z.string()).min(1) }).optional(),
  from: z
    .strictObject({ dataset: name, on: z.record(z.string(), columnName) })
    .optional()
    .describe('The start stands in another dataset of this store: which, and our column to its column'),
});

export const mask = z.union([
  z.null(),
  z.enum(['null', 'keyed-hash', 'last-three-digits']),
  z.strictObject({ text: z.string() }),
  z.strictObject({ truncateDate: z.enum(['month', 'year']) }),
]);

const marker = z.strictObject({ column: columnName, value: z.string() });

const dataset = z.strictObject({
  dataset: name,
  table: columnName.optional(),
  tables: checked(columnName, datedNameMistake, DATED_NAME_HINT)
    .optional()
    .describe(
      'In place of a table: those that are made anew each day, month or year, as sip_capture_call_{yyyyMMdd}; each is a dataset of its own',
    ),
  folder: checked(
    z.string(),
    value =>
      value === '' || unsafePath(value) === null ? null : `"${value}" is not a folder below the root`,
    "Write it as recordings/2026, without a slash at either end; '' is the root itself",
  )
    .optional()
    .describe('Relative to the root; an empty text is the root itself'),
  pattern: checked(
    z.string(),
    badPattern,
    'Write a regular expression with named groups: (?<start>\\d{4}/\\d{2}/\\d{2})/.+\\.wav',
  ).optional(),
  removeEmptyFolders: z
    .boolean()
    .optional()
    .describe('For files: folders below this one that a run empties are removed'),
  key: z.array(columnName).min(1).optional(),
  keyless: z
    .boolean()
    .optional()
    .describe('True for a table without any key: rows are told apart by all of their columns, and counted'),
  keysPersonal: z
    .boolean()
    .optional()
    .describe('True when keys identify people: the audit log then holds keyed hashes'),
  class: z.union([name, z.strictObject({ column: columnName, values: z.record(z.string(), name) })]),
  customer: columnName.optional(),
  numbers: z.array(columnName).min(1).optional(),
  jurisdiction: z.union([jurisdiction, z.strictObject({ column: columnName })]).optional(),
  bytes: columnName.optional(),
  start,
  files: z
    .array(
      z.strictObject({
        store: name,
        path: text.describe(
          'Exact template: {column}, or {start|yyyy/MM/dd} for the local date of the start',
        ),
        absent: z.array(z.string().nullable()).optional().describe('Values that mean that there is no file'),
        missing: z
          .enum(['refuse', 'purge-record'])
          .optional()
          .describe('When more than a tenth of the files are not there: refuse, unless said otherwise'),
      }),
    )
    .min(1)
    .optional(),
  acknowledged: z
    .strictObject({
      cascades: z.array(columnName).optional().describe('Tables that a delete cascades to'),
      triggers: z.array(text).optional().describe('Triggers that a delete or an update sets off'),
      restarts: z.array(columnName).optional().describe('Start columns that any update of the row sets anew'),
    })
    .optional()
    .describe('What would be refused, once somebody has looked into it'),
  partitions: z
    .enum(['rows', 'drop'])
    .optional()
    .describe(
      'drop: a partition whose bound proves it due goes in one statement, if none of its rows is held. rows, unless said otherwise',
    ),
  flag: marker.optional(),
  anonymise: z
    .strictObject({
      fields: z.array(z.strictObject({ column: columnName, mask })).min(1),
      marker: marker.optional(),
    })
    .optional(),
});

export const storeFile = z.discriminatedUnion('kind', [
  z.strictObject({
    store: name,
    kind: z.literal('mysql'),
    url: env,
    readUrl: env.optional(),
    replicas: z.array(env).min(1).optional().describe('Replicas whose lag the pace of a run follows'),
    datasets: z.array(dataset).min(1),
  }),
  z.strictObject({ store: name, kind: z.literal('sqlite'), path, datasets: z.array(dataset).min(1) }),
  z.strictObject({
    store: name,
    kind: z.literal('filesystem'),
    root: path,
    canary: text.optional().describe('A file that is there whenever the root is really mounted'),
    datasets: z.array(dataset),
  }),
]);

export type StoreFile = z.output<typeof storeFile>;
export type DatasetFile = StoreFile['datasets'][number];

/** Units whose values say nothing without a zone. */
export const ZONED_UNITS: readonly StartUnit[] = ['datetime', 'date', 'text'];

function badPattern(written: string): string | null {
  try {
    new RegExp(written, 'u');
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : 'not a regular expression';
  }
}
