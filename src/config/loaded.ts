// Everything that the files say, each value with the file it came from, before it is turned into what the program works
// with. Types only.
import type { z } from 'zod';
import type { jobFile } from './job-schema.ts';
import type * as policySchema from './policy-schema.ts';
import type { StoreFile } from './store-schema.ts';
import type { YamlFile } from './yaml-file.ts';

/** A value and the file it came from, so that a later check can still name line and column. */
export interface Located<T> {
  readonly value: T;
  readonly file: YamlFile;
}

/** Everything as read, before the files are checked against each other. */
export interface Loaded {
  readonly policies: readonly Located<z.output<typeof policySchema.policyFile>>[];
  readonly limits: readonly Located<z.output<typeof policySchema.limitsFile>>[];
  readonly instructions: readonly Located<z.output<typeof policySchema.instructionFile>>[];
  readonly holds: readonly Located<z.output<typeof policySchema.holdFile>>[];
  readonly subProcessors: readonly Located<z.output<typeof policySchema.subProcessorsFile>>[];
  readonly stores: readonly Located<StoreFile>[];
  readonly jobs: readonly Located<z.output<typeof jobFile>>[];
}
