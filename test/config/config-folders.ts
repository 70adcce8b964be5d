// Folders of configuration for the tests of loading: small sets that are right, which a test then breaks in places.
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { loadConfig } from '../../src/config/load-config.ts';
import { ConfigurationError } from '../../src/errors.ts';

export interface ConfigFolders {
  readonly root: string;
  readonly policies: string;
  readonly jobs: string;
  readonly write: (path: string, text: string) => void;
  readonly remove: () => void;
}

/** Two folders with these files, by path: `policies/x.yaml`, `jobs/stores/y.yaml`. */
export function configFolders(files: Readonly<Record<string, string>>): ConfigFolders {
  const root = mkdtempSync(join(tmpdir(), 'retention-config-'));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  mkdirSync(join(root, 'policies'));
  mkdirSync(join(root, 'jobs'));
  for (const [path, text] of Object.entries(files)) write(path, text);
  return {
    root,
    policies: join(root, 'policies'),
    jobs: join(root, 'jobs'),
    write,
    remove: () => {
      rmSync(root, { recursive: true });
    },
  };
}

/** Adds the policies that are shipped. */
export function addShippedPolicies(folders: ConfigFolders): void {
  cpSync(join(import.meta.dirname, '../../policies'), folders.policies, { recursive: true });
}

/** Each mistake as `file:line:column path: message`, in the order given, and the hints beside them. */
export function mistakesOf(folders: ConfigFolders): { mistakes: string[]; hints: string[] } {
  try {
    loadConfig(folders.policies, folders.jobs);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const { problems } = error;
    return {
      mistakes: problems.map(
        ({ file, line, column, path, message }) =>
          `${relative(folders.root, file)}:${line}:${column} ${path}: ${message}`,
      ),
      hints: problems.map(problem => problem.hint),
    };
  }
  return { mistakes: [], hints: [] };
}

export const POLICY = `policy: cdr
class: cdr
title: Call detail records
period: P2Y
start: recorded
bound: at-most
zone: Europe/London
disposition: purge
owner: DPO
authority:
  document: A policy
  passage: A passage
`;

export const STORE = `store: telecom
kind: mysql
url: { env: RETENTION_TELECOM_URL }
datasets:
  - dataset: cdr
    table: cdr
    key: [id]
    class: cdr
    start: { event: recorded, column: calldate, unit: datetime, zone: Europe/London }
`;

export const JOB = `job: nightly
title: Every night
policies: all
stores: [telecom]
schedule: '15 2 * * *'
zone: Europe/London
mode: enforce
`;

export const LIMITS = `jurisdiction: US
zone: America/New_York
limits:
  - limit: us-cdr
    kind: floor
    class: cdr
    period: P18M
    authority:
      document: A law
      passage: A passage
`;

export const INSTRUCTION = `instruction: I-1
class: cdr
customer: C1
period: P90D
from: 2025-01-31
reference: A letter
`;

export const HOLD = `hold: H-1
kind: legal
matter: M-1
reason: Proceedings
placedBy: Legal
placed: 2025-01-31
scope:
  customers: [C1]
  from: 2024-01-01
  until: 2024-12-31
`;

export const REGISTER = `register: { document: A register, updated: 2025-09-17 }
subProcessors:
  - name: Vendor
    location: GB
    purpose: Recording
    categories: Recordings
    classes: [cdr]
`;

export const RIGHT: Readonly<Record<string, string>> = {
  'policies/cdr.yaml': POLICY,
  'policies/sub-processors.yaml': REGISTER,
  'policies/limits/us.yaml': LIMITS,
  'policies/instructions/i-1.yaml': INSTRUCTION,
  'policies/holds/h-1.yaml': HOLD,
  'jobs/nightly.yaml': JOB,
  'jobs/stores/telecom.yaml': STORE,
};
