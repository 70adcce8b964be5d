// The shape of a start: the column that says it, another dataset that holds it, or the rows of another table that tell it.
import { z } from 'zod';
import { columnName, day, name, startEvent, text, zone } from './fields.ts';

const joined = z
  .record(columnName, columnName)
  .describe('Its column, and the column of the account that it holds');

const history = z.strictObject({
  table: columnName.describe('Where each change of the status of an account is a row'),
  database: columnName.optional(),
  on: joined,
  column: columnName.describe(
    'When the change was: `unit`, `zone`, `sentinels` and `plausibleFrom` are of it',
  ),
  status: z
    .strictObject({ column: columnName, closed: z.array(z.string()).min(1) })
    .describe('What the status became, and the values that close the account'),
});

const last = z.strictObject({
  table: columnName.describe('Where each row is something that the account had: an order, a subscription'),
  database: columnName.optional(),
  on: joined,
  column: columnName.describe(
    'The end of one: NULL, a zero date or one of `sentinels` while it lasts. `unit` and `zone` are of it',
  ),
});

export const start = z.strictObject({
  event: startEvent,
  column: columnName
    .optional()
    .describe('The column, or for files `mtime` or the named group `start` of the pattern'),
  fallback: columnName
    .optional()
    .describe(
      'Read where the column says nothing: NULL, a zero date or a sentinel. Of the same unit and zone',
    ),
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
  history: history
    .optional()
    .describe('For accounts without a closing date: the latest row of a history, if that closed the account'),
  last: last
    .optional()
    .describe(
      'For accounts without a closing date: the end of the last of its orders, once none lasts any more',
    ),
});
