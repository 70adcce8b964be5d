// All suites, in the order in which they run and stand in the table.
import { files } from './files-suite.ts';
import { foreground } from './foreground-suite.ts';
import { night } from './night-suite.ts';
import { partitions } from './partitions-suite.ts';
import { planNothingDue, planSpeed } from './plan-suite.ts';
import { purgeInt, purgeUuid } from './purge-suite.ts';
import { memory, timePerRecord } from './sizes-suite.ts';
import type { Suite } from './suite.ts';

export const suites: readonly Suite[] = [
  purgeInt,
  purgeUuid,
  memory,
  timePerRecord,
  planSpeed,
  planNothingDue,
  night,
  partitions,
  foreground,
  files,
];
