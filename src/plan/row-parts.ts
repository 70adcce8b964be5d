// Rows that are several records: each part follows the rules of its own class, and the row lives as long as its longest. A
// part keeps its row while it must stay and something is in it; asked when a plan is made, and again under lock.
import type { AuditLog } from '../ledger/audit-log.ts';
import { type EarlierFiles, toldOfFiles } from '../ledger/told.ts';
import { type Decision, decide } from '../policy/decide.ts';
import { keyText } from '../policy/key-text.ts';
import type { ClassRules, Hold, Moment, PolicySet } from '../policy/policy.ts';
import { type RecordFacts, readRecord, type StoredRecord } from '../policy/record.ts';
import { rulesFor } from '../policy/rules.ts';
import type { Dataset, StoreReader } from '../stores/store.ts';

/** A part that keeps its row, and why it stays itself. */
export interface Keeper {
  readonly part: string;
  readonly decision: Decision;
  readonly rules: ClassRules;
}

interface PartRules {
  readonly policySet: PolicySet;
  /** Holds of the ledger. */
  readonly held: readonly Hold[];
  readonly moment: Moment;
}

/** For each record of a part, in order: what keeps its row; null where nothing of it does. */
export function keepersAmong(
  records: readonly StoredRecord[],
  part: Dataset,
  { policySet, held, moment }: PartRules,
): readonly (Keeper | null)[] {
  const known = new Map<string, ClassRules>();
  const rulesOf = (name: string): ClassRules => {
    const rules = known.get(name) ?? rulesFor(name, policySet, held, part);
    known.set(name, rules);
    return rules;
  };
  return records.map(stored => {
    const record = readRecord(stored, part);
    if (isEmpty(record)) return null;
    const rules = rulesOf(record.class ?? '');
    const decision = decide(record, rules, moment);
    return decision.verdict === 'due' ? null : { part: part.name, decision, rules };
  });
}

/** Its columns are masked, or nothing ever was in them, and it names no file: it needs no row. */
function isEmpty({ done, files, fileDoubt }: RecordFacts): boolean {
  return done.includes('anonymise') && files.length === 0 && fileDoubt === null;
}

/** What keeps rows, by the text of their keys: those that would be purged by their own rules and that a part keeps. */
export async function keepersOf(
  reader: StoreReader,
  parts: readonly Dataset[],
  rows: readonly RecordFacts[],
  own: ClassRules,
  rules: PartRules,
): Promise<ReadonlyMap<string, Keeper>> {
  const kept = new Map<string, Keeper>();
  if (parts.length === 0) return kept;
  const keys = rows.filter(row => decide(row, own, rules.moment).disposition === 'purge').map(row => row.key);
  if (keys.length === 0) return kept;
  for (const part of parts) {
    const records = await reader.find(part, keys);
    keepersAmong(records, part, rules).forEach((keeper, index) => {
      const id = keyText(records[index]?.key ?? [], null);
      if (keeper !== null && !kept.has(id)) kept.set(id, keeper);
    });
  }
  return kept;
}

/** What earlier runs told of the files of a dataset's records: files of a part may have been going with their row. */
export async function earlierFiles(audit: AuditLog, { store, name, partOf }: Dataset): Promise<EarlierFiles> {
  const all: EarlierFiles[] = [];
  for (const dataset of partOf === null ? [name] : [name, partOf])
    all.push(await toldOfFiles(audit, { store, dataset }));
  return {
    interrupted: new Set(all.flatMap(one => [...one.interrupted])),
    missing: new Set(all.flatMap(one => [...one.missing])),
  };
}
