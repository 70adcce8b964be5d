// Plans and enforces inside the test's own process, with a clock that the test sets: for tests that change rows, rules
// or time between the two.
import { readFileSync } from 'node:fs';
import { digestOf } from '../../src/digest.ts';
import { type EnforceInput, enforcePlan, type RunResult } from '../../src/enforce/enforce-plan.ts';
import type { LedgerWatch } from '../../src/enforce/ledger-watch.ts';
import { type Ledger, openLedger } from '../../src/ledger/ledger.ts';
import { DEFAULT_LIMITS, DEFAULT_PACE, type Job, type PaceRules } from '../../src/plan/job.ts';
import { jobDigest } from '../../src/plan/job-digest.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { replayOf } from '../../src/plan/replay-part.ts';
import { keysOf } from '../../src/policy/key-text.ts';
import type { Hold, LawStatement, Limit, Moment, Policy, PolicySet } from '../../src/policy/policy.ts';
import { kinds } from '../../src/stores/kinds.ts';
import type { StoreMap } from '../../src/stores/store.ts';

const DAY_MS = 86_400_000;
const HASH_KEY = 'a key for tests';
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

export interface SmallRun {
  readonly ledger: Ledger;
  readonly job: Job;
  /** What the clock says; set it to travel. */
  readonly time: { nowMs: number };
  /** What the owner's folder says; set it to change the rules. */
  readonly rules: { policySet: PolicySet };
  readonly moment: () => Moment;
  readonly plan: (replay?: string) => Promise<Plan>;
  /** The keys that a plan lists, batch after batch. */
  readonly keysOf: (plan: Plan, dataset: string) => Promise<string[][]>;
  readonly enforce: (plan: Plan) => Promise<RunResult>;
  readonly close: () => Promise<void>;
}

export interface SmallRunInput {
  /** A file or a MySQL URL. */
  readonly ledgerAt: string;
  readonly maps: readonly StoreMap[];
  /** Where each store is, by its name. */
  readonly at: Readonly<Record<string, string>>;
  readonly policySet: PolicySet;
  readonly nowMs: number;
  readonly batchKeys?: number;
  /** Those that the job reaches; all unless said otherwise. */
  readonly classes?: readonly string[];
  /** How many records a plan may be for; the default unless said otherwise. */
  readonly limitRecords?: number;
  /** Which share of what is stored; all of it unless said otherwise. */
  readonly limitPercent?: number;
  /** How it differs from the default pace. */
  readonly pace?: Partial<PaceRules>;
  readonly onEvent?: EnforceInput['onEvent'];
  /** What the owner's folder says while a run is under way; what it said at first unless said otherwise. */
  readonly policySetNow?: EnforceInput['policySetNow'];
}

export async function smallRun(input: SmallRunInput): Promise<SmallRun> {
  const { maps, at } = input;
  const time = { nowMs: input.nowMs };
  const rules = { policySet: input.policySet };
  const clock = { nowMs: () => time.nowMs };
  const ledger = await openLedger(input.ledgerAt, clock, 'tester');
  const job: Job = {
    name: 'nightly',
    title: 'Nightly',
    classes: input.classes ?? null,
    stores: maps.map(map => map.name),
    schedule: '15 2 * * *',
    zone: 'UTC',
    mode: 'enforce',
    limits: {
      ...DEFAULT_LIMITS,
      percent: input.limitPercent ?? 100,
      records: input.limitRecords ?? DEFAULT_LIMITS.records,
    },
    batchKeys: input.batchKeys ?? 4,
    planValidMs: DAY_MS,
    pace: { ...DEFAULT_PACE, ...input.pace },
  };
  const readers = new Map(maps.map(map => [map.name, kinds[map.kind].openReader(map, at[map.name] ?? '')]));
  const stores = new Map(
    maps.map(map => [map.name, kinds[map.kind].open(map, at[map.name] ?? '', HASH_KEY)]),
  );
  const moment = (): Moment => ({ nowMs: time.nowMs, nextRunMs: time.nowMs + DAY_MS });
  let made = 0;
  return {
    ledger,
    job,
    time,
    rules,
    moment,
    plan: replay => {
      made += 1;
      return makePlan(
        {
          id: `plan-${made}`,
          job,
          source: replay === undefined ? { kind: 'scan' } : { kind: 'replay', run: replay },
          policySet: rules.policySet,
          stores: maps,
          readers,
          ledger,
          madeAtMs: time.nowMs,
          moment: moment(),
          hashKey: HASH_KEY,
          onProgress: () => undefined,
        },
        replay === undefined ? undefined : replayOf(replay, ledger),
      );
    },
    keysOf: async (plan, dataset) => {
      const keys: string[][] = [];
      for (const header of await ledger.plans.openBatches(plan.id)) {
        if (plan.parts[header.part]?.dataset !== dataset) continue;
        keys.push(...keysOf((await ledger.plans.load(header)).keys).map(key => [...key]));
      }
      return keys;
    },
    enforce: async plan => {
      const saved = await ledger.plans.find(plan.id);
      if (saved === null) throw new Error(`no plan ${plan.id}`);
      return enforcePlan({
        saved,
        current: { policies: rules.policySet.digest, job: jobDigest(job, maps) },
        job,
        policySetNow: input.policySetNow ?? (() => rules.policySet),
        maps,
        stores,
        ledger,
        watch: UNWATCHED,
        clock,
        hashKey: HASH_KEY,
        runId: `run-${plan.id}`,
        holder: 'test',
        version,
        signal: new AbortController().signal,
        onEvent: input.onEvent ?? (() => undefined),
      });
    },
    close: async () => {
      for (const store of [...readers.values(), ...stores.values()]) await store.close();
      await ledger.close();
    },
  };
}

/** Nothing stands outside of a ledger that a test makes for itself, and its clock goes as the test likes. */
const UNWATCHED: LedgerWatch = {
  guard: async () => undefined,
  steady: () => undefined,
  note: () => undefined,
  leave: async () => undefined,
};

/** Everything that the owner's folder would say. */
export function policySetOf(
  policies: readonly Policy[],
  rest: Partial<Pick<PolicySet, 'limits' | 'statements' | 'instructions' | 'holds'>> = {},
): PolicySet {
  const { limits = [], instructions = [], holds = [] } = rest;
  const { statements = limits.map(stateNoOther) } = rest;
  const set = { policies, limits, statements, instructions, holds, subProcessors: [] };
  return { ...set, digest: digestOf(set) };
}

function stateNoOther({ jurisdiction, class: name, authority }: Limit): LawStatement {
  return { jurisdiction, limited: [name], none: 'all', authority };
}

export function holdOn(id: string, scope: Partial<Hold['scope']>, placedAtMs = 0): Hold {
  return {
    id,
    kind: 'legal',
    matter: id,
    reason: 'a test',
    placedBy: 'tester',
    placedAtMs,
    releasedBy: null,
    releasedAtMs: null,
    releaseReason: null,
    scope: {
      customers: null,
      numbers: null,
      classes: null,
      fromMs: null,
      untilMs: null,
      records: null,
      ...scope,
    },
  };
}
