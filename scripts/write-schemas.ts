// Publishes the shapes of policy, job and store files as JSON Schema, for editors and for people: `npm run schemas`.
// The files under policies/schema and jobs/schema are what this writes; a test fails when they are not.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { jobFile } from '../src/config/job-schema.ts';
import {
  holdFile,
  instructionFile,
  limitsFile,
  policyFile,
  subProcessorsFile,
} from '../src/config/policy-schema.ts';
import { storeFile } from '../src/config/store-schema.ts';

const published: readonly { path: string; title: string; description: string; schema: z.ZodType }[] = [
  {
    path: 'policies/schema/policy.schema.json',
    title: 'Retention policy',
    description:
      'How long records of one class are kept, what starts the period, and what is done at its end.',
    schema: policyFile,
  },
  {
    path: 'policies/schema/limits.schema.json',
    title: 'Statutory limits',
    description: 'The floors and ceilings that the law of one jurisdiction sets.',
    schema: limitsFile,
  },
  {
    path: 'policies/schema/instruction.schema.json',
    title: 'Customer instruction',
    description: 'A documented order to keep records of one class for a shorter or a longer time.',
    schema: instructionFile,
  },
  {
    path: 'policies/schema/hold.schema.json',
    title: 'Hold',
    description:
      'Records that are kept whatever the policy says: a legal hold, or a restriction of processing.',
    schema: holdFile,
  },
  {
    path: 'policies/schema/sub-processors.schema.json',
    title: 'Register of sub-processors',
    description: 'Third parties that hold copies, and of which classes.',
    schema: subProcessorsFile,
  },
  {
    path: 'jobs/schema/job.schema.json',
    title: 'Retention job',
    description: 'Which policies run on which stores, when, and under which limits.',
    schema: jobFile,
  },
  {
    path: 'jobs/schema/store.schema.json',
    title: 'Data map of one store',
    description: 'Where one store is, which datasets it holds, and how their records are read.',
    schema: storeFile,
  },
];

/** Each published file, relative to the root of the repository, and its text. */
export function schemaFiles(): { path: string; text: string }[] {
  return published.map(({ path, title, description, schema }) => {
    const { $schema, ...shape } = z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input' });
    return { path, text: `${JSON.stringify({ $schema, title, description, ...shape }, null, 2)}\n` };
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = join(dirname(fileURLToPath(import.meta.url)), '..');
  for (const { path, text } of schemaFiles()) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}
