// The shape of a data map file (`jobs/stores/*.yaml`).
import { z } from 'zod';
import { DATED_NAME_HINT, datedNameMistake } from '../policy/dated-names.ts';
import { unsafePath } from '../policy/file-path.ts';
import type { StartUnit } from '../policy/start.ts';
import type { Report } from './check-keys.ts';
import { checked, columnName, jurisdiction, name, text } from './fields.ts';
import { hardLinks } from './hard-links-schema.ts';
import { start } from './start-schema.ts';
import { wholeDataset } from './whole-dataset.ts';

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

const ending = checked(
  z.string(),
  value => (/^\.[^./\\*?[\]{}|\s]+$/.test(value) ? null : `"${value}" is not an ending`),
  "Write it as '.mp3': one dot, and what follows it, without slashes, blanks or wildcards",
);
export const mask = z.union([
  z.null(),
  z.enum(['null', 'keyed-hash', 'last-three-digits']),
  z.strictObject({ text: z.string() }),
  z.strictObject({ truncateDate: z.enum(['month', 'year']) }),
]);

const marker = z.strictObject({ column: columnName, value: z.string() });

const database = columnName
  .optional()
  .describe("The table's database, where that is another than the store's own");
const otherTable = z.strictObject({ table: columnName, database });
const reachedTable = z.union([columnName, otherTable]);

const child = z.strictObject({
  table: columnName,
  database,
  on: z.record(columnName, columnName).describe('Its column, and the column above that it holds'),
  where: z.record(columnName, z.string()).optional().describe('Only rows that hold these: object_type: T'),
  shared: z
    .union([
      z.boolean(),
      z.record(columnName, columnName),
      z.array(z.strictObject({ table: columnName, database, column: columnName })).min(1),
    ])
    .optional()
    .describe(
      'True for rows that several may refer to: they go with the last. Or, by table, the other columns that refer to them',
    ),
  get children() {
    return z.array(child).min(1).optional();
  },
});

const dataset = z.strictObject({
  dataset: name,
  partOf: name
    .optional()
    .describe(
      'The dataset of the same table whose rows this is a part of: the columns that `anonymise` names, a class of their own',
    ),
  table: columnName.optional(),
  database,
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
  hardLinks: hardLinks.optional(),
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
  start: start.optional().describe('What starts the period; a part of a row may leave it to its row'),
  files: z
    .array(
      z.strictObject({
        store: name,
        path: text.describe(
          'Exact template: {column}, or {start|yyyy/MM/dd} for the local date of the start',
        ),
        converted: z
          .array(ending)
          .min(1)
          .optional()
          .describe('Endings that a file may have in the place of its own, once something has converted it'),
        absent: z.array(z.string().nullable()).optional().describe('Values that mean that there is no file'),
        missing: z
          .enum(['refuse', 'keep-record', 'purge-record'])
          .optional()
          .describe(
            'A row whose file is not there stays, and more than a tenth of them refuse the plan. keep-record: they stay, however many. purge-record: they go',
          ),
        hardLinks: hardLinks.optional(),
      }),
    )
    .min(1)
    .optional(),
  acknowledged: z
    .strictObject({
      cascades: z
        .array(reachedTable)
        .optional()
        .describe('Tables from which a foreign key takes rows along with a deleted one'),
      changes: z
        .array(reachedTable)
        .optional()
        .describe(
          'Tables in which a foreign key sets a column anew: to NULL, to its default, or as it is masked here',
        ),
      triggers: z.array(text).optional().describe('Triggers that a delete or an update sets off'),
      restarts: z.array(columnName).optional().describe('Start columns that any update of the row sets anew'),
    })
    .optional()
    .describe('What would be refused, once somebody has looked into it'),
  children: z
    .array(child)
    .min(1)
    .optional()
    .describe('Tables whose rows belong to a record and go before it'),
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

const WHY = 'Why no dataset maps it; * in the name stands for any characters';
const ignoredTables = z
  .array(z.strictObject({ table: columnName, reason: text }))
  .min(1)
  .optional()
  .describe(WHY);
const ignoredFolders = z
  .array(z.strictObject({ folder: text, reason: text }))
  .min(1)
  .optional()
  .describe(WHY);

const writtenFile = z.discriminatedUnion('kind', [
  z.strictObject({
    store: name,
    kind: z.literal('mysql'),
    url: env,
    readUrl: env.optional(),
    replicas: z.array(env).min(1).optional().describe('Replicas whose lag the pace of a run follows'),
    actsOnReplica: z
      .strictObject({ reason: text })
      .optional()
      .describe('Why url may lead to a server that replicates from another: of two primaries, say'),
    datasets: z.array(dataset).min(1),
    ignored: ignoredTables,
  }),
  z.strictObject({
    store: name,
    kind: z.literal('sqlite'),
    path,
    datasets: z.array(dataset).min(1),
    ignored: ignoredTables,
  }),
  z.strictObject({
    store: name,
    kind: z.literal('filesystem'),
    root: path,
    canary: text.optional().describe('A file that is there whenever the root is really mounted'),
    datasets: z.array(dataset),
    ignored: ignoredFolders,
  }),
]);

/** A part of a row that leaves something unsaid has it from its row. */
export const storeFile = writtenFile.transform((file, context) => ({
  ...file,
  datasets: file.datasets.flatMap((one, index) => {
    const report: Report = (path, message, hint) => {
      context.addIssue({ code: 'custom', path: ['datasets', index, ...path], message, params: { hint } });
    };
    return wholeDataset(one, file.datasets, report) ?? [];
  }),
}));

export type ChildFile = z.output<typeof child>;
export type StoreFile = z.output<typeof storeFile>;
export type DatasetFile = StoreFile['datasets'][number];
export type WrittenDataset = z.output<typeof dataset>;

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
