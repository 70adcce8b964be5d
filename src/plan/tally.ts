// Adds up decisions into the counts and findings of one part. Every record that was read is counted once, under the
// rule that decided.
import { type Decision, decide } from '../policy/decide.ts';
import { lawDoubtWords, undatedWords } from '../policy/describe.ts';
import { holdDoubt } from '../policy/hold.ts';
import { instructionDoubt, NUMBERS, WHOSE } from '../policy/instruction.ts';
import type { ClassRules, Moment } from '../policy/policy.ts';
import { HARD_LINKED, type RecordFacts, recordStarted } from '../policy/record.ts';
import type { Listed } from '../stores/listed.ts';
import type { Dataset } from '../stores/store.ts';
import { HARD_LINK_KEEPS } from './file-findings.ts';
import { noteLawDoubt } from './law-notes.ts';
import type { Finding, PlanCounts, PlanPart, Severity } from './plan.ts';
import type { Keeper } from './row-parts.ts';

type Code = Finding['code'];

export interface Tally {
  /** Decides on a record and counts it; true when it is due, and no part of its row keeps it. */
  readonly add: (record: RecordFacts, keeper?: Keeper) => boolean;
  /**
   * Counts records that were listed without being read. Throws where `decide` does not find the oldest and the newest of
   * them due: an expiry never decreases as the start grows, so that between the two all are as they are.
   */
  readonly addListed: (listed: Listed, dataset: Dataset) => void;
  /** How many of the due started in each month, the earliest first. */
  readonly months: () => PlanPart['months'];
  readonly note: (
    severity: Severity,
    code: Code,
    message: string,
    sample: string | null,
    count?: number,
  ) => void;
  readonly counts: () => PlanCounts;
  readonly findings: () => readonly Finding[];
  readonly span: () => {
    readonly oldestMs: number | null;
    readonly newestMs: number | null;
    readonly overdueMs: number;
  };
}

/** What a part starts from, and all that can be said of one that was not read. */
export const NO_COUNTS: PlanCounts = {
  stored: 0,
  due: 0,
  held: 0,
  undated: 0,
  keptByFloor: 0,
  keptByInstruction: 0,
  keptOtherwise: 0,
  notStarted: 0,
  alreadyDone: 0,
};

/** Keys shown with a finding: enough to look one up, too few to be a list of people. */
const SAMPLES = 5;

export function tally(rules: ClassRules, moment: Moment, sampleOf: (record: RecordFacts) => string): Tally {
  const counts: { -readonly [Name in keyof PlanCounts]: number } = { ...NO_COUNTS };
  const findings = new Map<
    string,
    { severity: Severity; code: Code; message: string; count: number; samples: string[] }
  >();
  let oldestMs: number | null = null;
  let newestMs: number | null = null;
  let longestDueMs: number | null = null;

  const note: Tally['note'] = (severity, code, message, sample, count = 1) => {
    const id = `${code} ${message}`;
    const known = findings.get(id) ?? { severity, code, message, count: 0, samples: [] };
    known.count += count;
    if (sample !== null && known.samples.length < SAMPLES) known.samples.push(sample);
    findings.set(id, known);
  };

  const keep = (record: RecordFacts, decision: Decision): void => {
    const sample = (): string => sampleOf(record);
    const { operative } = decision;
    switch (operative.kind) {
      case 'doubt':
        if (decision.verdict === 'undated') {
          counts.undated += 1;
          note('warning', 'undated', `the start is ${undatedWords[operative.id] ?? operative.id}`, sample());
        } else if (lawDoubtWords(operative.id) !== null) {
          if (!policyIsOver(decision, rules, moment)) return;
          counts.keptOtherwise += 1;
          noteLawDoubt(record, operative.id, note, sample());
        } else {
          counts.keptOtherwise += 1;
          if (operative.id === 'file-unnamed')
            note(
              'warning',
              'file-unnamed',
              `the file that goes with it cannot be named: ${record.fileDoubt ?? ''}`,
              sample(),
            );
          else note('warning', 'unknown-class', 'its tag names no class', sample());
        }
        return;
      case 'hold': {
        if (decide(record, { ...rules, holds: [] }, moment).verdict !== 'due') return;
        counts.held += 1;
        const hold = rules.holds.find(one => one.id === operative.id);
        const doubt = hold === undefined ? null : holdDoubt(hold, record);
        if (doubt !== null)
          note('warning', 'held-on-doubt', doubtWords('hold', operative.id, doubt, record), sample());
        return;
      }
      case 'lock':
        if (decide({ ...record, lock: null }, rules, moment).verdict !== 'due') return;
        counts.keptOtherwise += 1;
        if (operative.id === HARD_LINKED) note('warning', 'hard-link', HARD_LINK_KEEPS, sample());
        return;
      case 'not-started':
        if (operative.id === 'open-but-dated')
          note(
            'warning',
            'open-but-dated',
            'the account is open by its status and has a closing date',
            sample(),
          );
        return;
      case 'floor':
        if (policyIsOver(decision, rules, moment)) counts.keptByFloor += 1;
        return;
      case 'instruction': {
        if (!policyIsOver(decision, rules, moment)) return;
        counts.keptByInstruction += 1;
        const order = rules.instructions.find(one => one.id === operative.id);
        const doubt = order === undefined ? null : instructionDoubt(order, record);
        if (doubt !== null)
          note('warning', 'kept-on-doubt', doubtWords('instruction', operative.id, doubt, record), sample());
        return;
      }
      case 'done':
        counts.alreadyDone += 1;
        return;
      case 'policy':
      case 'ceiling':
        return;
    }
  };

  const keepFor = (record: RecordFacts, { part, decision }: Keeper): void => {
    if (decision.verdict === 'held') counts.held += 1;
    else counts.keptOtherwise += 1;
    const { kind, id } = decision.operative;
    const why =
      kind === 'doubt'
        ? `of which something is in doubt (${lawDoubtWords(id) ?? undatedWords[id] ?? id})`
        : `which is kept by ${kind} ${id}`;
    note('advice', 'kept-by-part', `the row waits for its part ${part}, ${why}`, sampleOf(record));
  };

  const months = new Map<string, number>();
  const addMonth = (month: string, due: number): void => {
    months.set(month, (months.get(month) ?? 0) + due);
  };
  const widen = ({ start }: RecordFacts, { expiryMs }: Decision): void => {
    if (start.kind === 'at') {
      if (oldestMs === null || start.ms < oldestMs) oldestMs = start.ms;
      if (newestMs === null || start.ms > newestMs) newestMs = start.ms;
    }
    if (expiryMs !== null && (longestDueMs === null || expiryMs < longestDueMs)) longestDueMs = expiryMs;
  };

  return {
    add: (record, keeper) => {
      counts.stored += 1;
      const decision = decide(record, rules, moment);
      if (decision.verdict !== 'due') {
        keep(record, decision);
        return false;
      }
      if (keeper !== undefined) {
        keepFor(record, keeper);
        return false;
      }
      counts.due += 1;
      widen(record, decision);
      if (record.start.kind === 'at') addMonth(monthOf(record.start.ms), 1);
      return true;
    },
    addListed: (listed, dataset) => {
      counts.stored += listed.records;
      counts.due += listed.records;
      for (const value of listed.starts ?? []) {
        const record = recordStarted(value, dataset, rules.class);
        // Holds and instructions were seen to where it was listed: what they speak of was set apart.
        const decision = decide(record, { ...rules, holds: [], instructions: [] }, moment);
        if (decision.verdict !== 'due')
          throw new Error(`${dataset.name}: a record listed as due is ${decision.verdict} by decision`);
        widen(record, decision);
      }
      for (const [month, due] of Object.entries(listed.months)) addMonth(month, due);
    },
    months: () => [...months].sort(([a], [b]) => (a < b ? -1 : 1)).map(([month, due]) => ({ month, due })),
    note,
    counts: () => counts,
    findings: () => [...findings.values()],
    span: () => ({
      oldestMs,
      newestMs,
      overdueMs: longestDueMs === null ? 0 : Math.max(0, moment.nowMs - longestDueMs),
    }),
  };
}

/** That an order keeps what it could not be checked on, and what to write in the data map or the order for it to be. */
function doubtWords(what: 'hold' | 'instruction', id: string, doubt: string, record: RecordFacts): string {
  const said = `${what} ${id} keeps records because ${doubt}`;
  const column = doubt === WHOSE ? 'customer' : doubt === NUMBERS ? 'numbers' : null;
  if (column === null) return said;
  const isMapped = (column === 'customer' ? record.customer : record.numbers) !== undefined;
  if (isMapped) return `${said}: the columns mapped as ${column} are empty in them`;
  const narrow = what === 'hold' ? 'the hold to other classes' : 'the instruction by a record';
  return `${said}: map ${column} in the dataset, through a view where another table knows it, or narrow ${narrow}`;
}

/** The month of an instant in UTC: a count by months is for a picture, and no decision rests on it. */
function monthOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 7);
}

/** Whether the policy alone would have let the record go by now. */
function policyIsOver(decision: Decision, rules: ClassRules, moment: Moment): boolean {
  return decision.matched.some(rule => {
    if (rule.kind !== 'policy' || rule.untilMs === null) return false;
    const least = rules.policies.find(policy => policy.id === rule.id)?.bound === 'at-least';
    return rule.untilMs <= (least ? moment.nowMs : moment.nextRunMs);
  });
}
