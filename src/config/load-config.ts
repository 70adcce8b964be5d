// Reads the owner's and the operator's folders whole, and gives either everything, checked, or every mistake at once.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { canonicalJson, sha256 } from '../digest.ts';
import { ConfigurationError, type Problem, reasonOf } from '../errors.ts';
import type { Job } from '../plan/job.ts';
import type { PolicySet } from '../policy/policy.ts';
import type { StoreMap } from '../stores/store.ts';
import { checkShape } from './check-shape.ts';
import { crossCheck } from './cross-check.ts';
import { jobFile, toJob } from './job-schema.ts';
import type { Loaded, Located } from './loaded.ts';
import * as policySchema from './policy-schema.ts';
import { toStoreMap } from './store-map.ts';
import { storeFile } from './store-schema.ts';
import { parseYaml, type YamlFile } from './yaml-file.ts';

export interface Config {
  readonly policySet: PolicySet;
  readonly stores: readonly StoreMap[];
  readonly jobs: readonly Job[];
}

const REGISTER = 'sub-processors.yaml';

/** Throws one `ConfigurationError` with every mistake in both folders. */
export function loadConfig(policiesFolder: string, jobsFolder: string): Config {
  const problems: Problem[] = [];
  const loaded: Loaded = { ...readPolicies(policiesFolder, problems), ...readJobs(jobsFolder, problems) };
  check(loaded, problems);
  return {
    policySet: toPolicySet(loaded),
    stores: loaded.stores.map(one => toStoreMap(one.value)),
    jobs: loaded.jobs.map(one => toJob(one.value)),
  };
}

/** The owner's folder alone: a hold can be placed while somebody's job file is broken. */
export function loadPolicySet(policiesFolder: string): PolicySet {
  const problems: Problem[] = [];
  const loaded: Loaded = { ...readPolicies(policiesFolder, problems), stores: [], jobs: [] };
  check(loaded, problems);
  return toPolicySet(loaded);
}

function check(loaded: Loaded, problems: Problem[]): void {
  problems.push(...crossCheck(loaded, problems.length === 0));
  if (problems.length > 0) throw new ConfigurationError(problems.sort(byPlace));
}

function readPolicies(folder: string, problems: Problem[]): Omit<Loaded, 'stores' | 'jobs'> {
  requireFolder(folder, 'policies', ['limits', 'instructions', 'holds', 'schema'], problems);
  for (const name of ['limits', 'instructions', 'holds']) {
    if (statSync(join(folder, name), { throwIfNoEntry: false })?.isDirectory())
      requireFolder(join(folder, name), name, [], problems);
  }
  return {
    policies: readFiles(folder, policySchema.policyFile, problems, file => file !== REGISTER),
    limits: readFiles(join(folder, 'limits'), policySchema.limitsFile, problems),
    instructions: readFiles(join(folder, 'instructions'), policySchema.instructionFile, problems),
    holds: readFiles(join(folder, 'holds'), policySchema.holdFile, problems),
    subProcessors: readFiles(folder, policySchema.subProcessorsFile, problems, file => file === REGISTER),
  };
}

function readJobs(folder: string, problems: Problem[]): Pick<Loaded, 'stores' | 'jobs'> {
  requireFolder(folder, 'jobs', ['stores', 'kubernetes', 'schema'], problems);
  if (statSync(join(folder, 'stores'), { throwIfNoEntry: false })?.isDirectory())
    requireFolder(join(folder, 'stores'), 'stores', [], problems);
  return {
    stores: readFiles(join(folder, 'stores'), storeFile, problems),
    jobs: readFiles(folder, jobFile, problems),
  };
}

function readFiles<T>(
  folder: string,
  schema: z.ZodType<T>,
  problems: Problem[],
  pick: (file: string) => boolean = () => true,
): Located<T>[] {
  return readFolder(folder, pick, problems).flatMap(file => {
    const shaped = checkShape(file, schema);
    if ('value' in shaped) return [{ value: shaped.value, file }];
    problems.push(...shaped.problems);
    return [];
  });
}

function toPolicySet(loaded: Loaded): PolicySet {
  const set = {
    policies: loaded.policies.map(one => policySchema.toPolicy(one.value)),
    limits: loaded.limits.flatMap(one => policySchema.toLimits(one.value)),
    statements: loaded.limits.map(one => policySchema.toStatement(one.value)),
    instructions: loaded.instructions.map(one => policySchema.toInstruction(one.value)),
    holds: loaded.holds.map(one => policySchema.toHold(one.value)),
    subProcessors: loaded.subProcessors.flatMap(one => policySchema.toSubProcessors(one.value)),
  };
  return { ...set, digest: sha256(canonicalJson(set)) };
}

function readFolder(folder: string, pick: (file: string) => boolean, problems: Problem[]): YamlFile[] {
  let names: string[];
  try {
    names = readdirSync(folder)
      .filter(file => IS_READ.test(file) && !IS_AID.test(file))
      .sort();
  } catch (error) {
    // Only a folder that is not there may be passed over: one that cannot be read may hold holds.
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT'))
      problems.push(fileProblem(folder, `it cannot be read: ${reasonOf(error)}`, 'Check its permissions'));
    return [];
  }
  return names.filter(pick).flatMap(file => {
    const path = join(folder, file);
    try {
      return [parseYaml(path, readFileSync(path, 'utf8'))];
    } catch (error) {
      problems.push(fileProblem(path, `it cannot be read: ${reasonOf(error)}`, 'Check its permissions'));
      return [];
    }
  });
}

/** Files that orders, policies and jobs are read from. */
const IS_READ = /\.ya?ml$/i;
/**
 * What stands beside them and is plainly none of them: a README, what git keeps an empty folder by, what desktops, editors
 * and file systems leave.
 */
const IS_AID =
  /^(README(\..*)?|\.gitkeep|\.gitignore|\.gitattributes|\.keep|\.editorconfig|\.DS_Store|\.nfs.*|\.#.*|\..*\.sw[a-p])$/i;

/**
 * A folder that must be there, of which all must be read: what stands in a misspelt folder, or in a file of another ending,
 * would be followed by nobody.
 */
function requireFolder(folder: string, what: string, known: readonly string[], problems: Problem[]): void {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    const hint = `Name it with RETENTION_${what.toUpperCase()} or --${what}`;
    problems.push(fileProblem(folder, `there is no folder of ${what} here`, hint));
    return;
  }
  for (const entry of entriesOf(folder, problems)) {
    if (!entry.isFolder) {
      if (!IS_READ.test(entry.name) && !IS_AID.test(entry.name) && !known.includes(entry.name))
        problems.push(
          fileProblem(
            join(folder, entry.name),
            'nobody follows this file: only files that end in .yaml or .yml are read here',
            'Let its name end in .yaml, or move it elsewhere',
          ),
        );
      continue;
    }
    // Hidden folders are those of tools: git's, or the versions that Kubernetes links its files to.
    if (known.includes(entry.name) || entry.name.startsWith('.')) continue;
    const hint =
      known.length === 0
        ? 'Nothing in it is read: move its files up'
        : `Nothing in it is read. Its name is one of ${known.join(', ')}, or it belongs elsewhere`;
    problems.push(fileProblem(join(folder, entry.name), `"${entry.name}" is not a folder of ${what}`, hint));
  }
}

/** What stands in a folder, links as what they lead to. */
function entriesOf(folder: string, problems: Problem[]): { name: string; isFolder: boolean }[] {
  try {
    return readdirSync(folder).map(name => ({
      name,
      isFolder: statSync(join(folder, name), { throwIfNoEntry: false })?.isDirectory() ?? false,
    }));
  } catch (error) {
    problems.push(fileProblem(folder, `it cannot be read: ${reasonOf(error)}`, 'Check its permissions'));
    return [];
  }
}

function fileProblem(file: string, message: string, hint: string): Problem {
  return { file, line: 1, column: 1, path: '', message, hint };
}

function byPlace(a: Problem, b: Problem): number {
  return a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column;
}
