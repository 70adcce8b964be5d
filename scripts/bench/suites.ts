// All suites, in the order in which they run and stand in the table.
import { purgeInt, purgeUuid } from './purge-suite.ts';
import type { Suite } from './suite.ts';

export const suites: readonly Suite[] = [purgeInt, purgeUuid];
