// A table of calls whose rows hold their recordings too, two classes in a row, with real files: opened on either kind of
// database, planned and enforced with a clock that the test sets.
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Knex } from 'knex';
import type { Plan, PlanPart } from '../../src/plan/plan.ts';
import type { Hold, Instruction, Policy } from '../../src/policy/policy.ts';
import { wallUtc } from './case-rows.ts';
import { freshFolder, freshMysql, freshSqlite } from './databases.ts';
import { auditEvents, disposedKeys, spyOn } from './small-ledger.ts';
import { policySetOf, type SmallRun, smallRun } from './small-run.ts';
import { type DatasetFile, filesystemMap, sqlMap } from './store-maps.ts';

const DAY_MS = 86_400_000;

export const XML_CDR =
  'CREATE TABLE v_xml_cdr (id INT PRIMARY KEY, start_stamp DATETIME, domain VARCHAR(20), duration INT, record_path VARCHAR(80), record_name VARCHAR(80), record_transcription TEXT)';

/** The calls, of class `call`. */
export const calls = (more: Partial<DatasetFile> = {}): DatasetFile => ({
  dataset: 'calls',
  table: 'v_xml_cdr',
  key: ['id'],
  class: 'call',
  customer: 'domain',
  start: { event: 'recorded', column: 'start_stamp', unit: 'datetime', zone: 'UTC' },
  ...more,
});

/** The recordings in them, of class `recording`: their files, and the columns that name them and say what was said. */
export const recordings = (more: Partial<DatasetFile> = {}): DatasetFile => ({
  dataset: 'recordings-of-calls',
  partOf: 'calls',
  class: 'recording',
  files: [{ store: 'audio', path: '{record_path}/{record_name}' }],
  anonymise: {
    fields: [
      { column: 'record_path', mask: null },
      { column: 'record_name', mask: null },
      { column: 'record_transcription', mask: null },
    ],
  },
  ...more,
});

/** What the columns of a recording hold once it is gone. */
export const CLEARED = { record_path: null, record_name: null, record_transcription: null };

export interface Parts {
  readonly knex: Knex;
  readonly small: SmallRun;
  /** A call so many days ago, with its recording in a file of that name, or with none. */
  readonly add: (id: number, days: number, file: string | null, domain?: string) => Promise<void>;
  readonly plan: (
    replay?: string,
  ) => Promise<{ readonly plan: Plan; readonly of: (dataset: string) => PlanPart }>;
  /** What the audit log says was spared or failed, by dataset and reason. */
  readonly enforce: (plan: Plan) => Promise<Readonly<Record<string, number>>>;
  readonly rows: () => Promise<{ id: number; record_name: string | null }[]>;
  readonly disposed: (dataset: string) => Promise<string[]>;
  readonly files: () => string[];
  readonly put: (file: string) => void;
  readonly remove: (file: string) => void;
  /** Puts a folder in the place of a file, which nothing removes. */
  readonly spoil: (file: string) => void;
  readonly drop: () => Promise<void>;
}

export interface PartsInput {
  readonly kind: 'mysql' | 'sqlite';
  readonly policies: readonly Policy[];
  readonly ddl?: readonly string[];
  readonly datasets?: readonly DatasetFile[];
  readonly holds?: readonly Hold[];
  readonly instructions?: readonly Instruction[];
  readonly classes?: readonly string[];
}

export async function openParts(input: PartsInput): Promise<Parts> {
  const store = input.kind === 'mysql' ? await freshMysql() : await freshSqlite();
  const folder = await freshFolder();
  const root = join(folder.path, 'audio');
  mkdirSync(root);
  for (const statement of input.ddl ?? [XML_CDR]) await store.knex.raw(statement);
  const ledgerAt = join(folder.path, 'ledger.db');
  const small = await smallRun({
    ledgerAt,
    maps: [
      sqlMap(input.kind, input.datasets ?? [calls(), recordings()]),
      { ...filesystemMap([]), name: 'audio' },
    ],
    at: { tested: 'url' in store ? store.url : store.path, audio: root },
    policySet: policySetOf(input.policies, {
      holds: input.holds ?? [],
      instructions: input.instructions ?? [],
    }),
    nowMs: Date.now(),
    ...(input.classes === undefined ? {} : { classes: input.classes }),
  });
  const asked = async <T>(ask: (ledger: Knex) => Promise<T>): Promise<T> => {
    const ledger = spyOn(ledgerAt);
    try {
      return await ask(ledger);
    } finally {
      await ledger.destroy();
    }
  };
  const put = (file: string): void => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), 'RIFF');
  };
  return {
    knex: store.knex,
    small,
    put,
    remove: file => {
      rmSync(join(root, file));
    },
    spoil: file => {
      if (existsSync(join(root, file))) rmSync(join(root, file));
      mkdirSync(join(root, file), { recursive: true });
    },
    add: async (id, days, file, domain = 'plain') => {
      const [path, name] = file === null ? [null, null] : ['rec', file];
      if (file !== null) put(`rec/${file}`);
      await store.knex('v_xml_cdr').insert({
        ...{ id, start_stamp: wallUtc(Date.now() - days * DAY_MS), domain, duration: 60 },
        ...{ record_path: path, record_name: name, record_transcription: file === null ? null : 'hello' },
      });
    },
    plan: async replay => {
      const plan = await small.plan(replay);
      const of = (dataset: string): PlanPart => {
        const part = plan.parts.find(one => one.dataset === dataset);
        if (part === undefined) throw new Error(`the plan has no part of ${dataset}`);
        return part;
      };
      return { plan, of };
    },
    enforce: async plan => {
      await small.enforce(plan);
      const reasons: Record<string, number> = {};
      for (const event of await asked(ledger => auditEvents(ledger, 'done'))) {
        if (event.plan !== plan.id) continue;
        for (const [why, count] of Object.entries(event.reasons)) {
          const name = `${event.dataset} ${why}`;
          reasons[name] = (reasons[name] ?? 0) + count;
        }
      }
      return reasons;
    },
    rows: async () => store.knex('v_xml_cdr').orderBy('id').select('id', 'record_name'),
    disposed: async dataset => (await asked(ledger => disposedKeys(ledger, dataset))).sort(),
    files: () =>
      readdirSync(root, { recursive: true })
        .map(String)
        .filter(name => name.endsWith('.wav'))
        .sort(),
    drop: async () => {
      await small.close();
      await store.drop();
      await folder.remove();
    },
  };
}
