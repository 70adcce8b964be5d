// Why a record is still here, or why, when and by which run it was disposed of: the decision as of now, and everything
// that the audit log says of the key.
import type { AuditEntry } from '../ledger/audit-entry.ts';
import { readEvidence } from '../ledger/evidence.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type Decision, decide } from '../policy/decide.ts';
import { keyText } from '../policy/key-text.ts';
import type { ClassRules, Key, Moment, PolicySet } from '../policy/policy.ts';
import { type RecordFacts, readRecord } from '../policy/record.ts';
import { rulesFor } from '../policy/rules.ts';
import type { Dataset, StoreReader } from '../stores/store.ts';
import { type Keeper, keepersOf } from './row-parts.ts';

export interface History {
  readonly seq: number;
  readonly at: string;
  readonly run: string;
  readonly plan: string;
  readonly did: string;
  readonly why: string;
}

export interface Explanation {
  readonly key: Key;
  /** Null when there is no such record now. */
  readonly now: {
    readonly record: RecordFacts;
    readonly decision: Decision;
    readonly rules: ClassRules;
    /** The part that the row has to wait for, where it would be purged by its own rules. */
    readonly keeper: Keeper | null;
  } | null;
  readonly history: readonly History[];
}

export async function explainRecord(input: {
  readonly reader: StoreReader;
  readonly dataset: Dataset;
  /** Datasets that are parts of its rows. */
  readonly rowParts: readonly Dataset[];
  readonly key: Key;
  readonly policySet: PolicySet;
  readonly ledger: Ledger;
  readonly moment: Moment;
  readonly hashKey: string;
}): Promise<Explanation> {
  const { reader, dataset, key, ledger } = input;
  const text = keyText(key, dataset.keysPersonal ? input.hashKey : null);
  const history: History[] = [];
  for await (const evidence of ledger.audit.evidenceOf(dataset.store, dataset.name)) {
    const { seq } = evidence;
    for (const line of readEvidence(evidence).filter(one => one.keyText === text))
      history.push({ seq, did: line.did, why: line.why, ...(await actOf(ledger, seq)) });
  }
  // A table that is named by date may have been dropped with all that was in it.
  const [stored] = (await reader.datedTables?.isGone(dataset)) ? [] : await reader.find(dataset, [key]);
  if (stored === undefined) return { key, now: null, history };
  const record = readRecord(stored, dataset);
  const { policySet, moment, rowParts } = input;
  const held = await ledger.holds.list();
  const rules = rulesFor(record.class ?? '', policySet, held, dataset);
  const keepers = await keepersOf(reader, rowParts, [record], rules, { policySet, held, moment });
  const keeper = keepers.get(keyText(record.key, null)) ?? null;
  return { key, now: { record, decision: decide(record, rules, moment), rules, keeper }, history };
}

async function actOf(ledger: Ledger, seq: number): Promise<{ at: string; run: string; plan: string }> {
  for await (const stored of ledger.audit.entries({ afterSeq: seq - 1 })) {
    const entry = JSON.parse(stored.body) as AuditEntry;
    return { at: entry.at, run: entry.run ?? '', plan: 'plan' in entry.event ? entry.event.plan : '' };
  }
  return { at: '', run: '', plan: '' };
}
