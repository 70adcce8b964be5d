// Plans one class in one dataset: every record that the source gives is decided on, what is due is listed in batches
// that are saved as they fill, and everything else is counted with its reason.
import { isKeyOf } from '../policy/identity.ts';
import { joinKeys, keyText } from '../policy/key-text.ts';
import type { ClassRules, Moment } from '../policy/policy.ts';
import type { RecordFacts } from '../policy/record.ts';
import { areStated } from '../policy/rules.ts';
import type { Stretch } from '../stores/listed.ts';
import type { Dataset, StoreReader } from '../stores/store.ts';
import { filesOfDue } from './file-findings.ts';
import type { Job } from './job.ts';
import { noteLaw } from './law-notes.ts';
import { exceededLimit, isFarFromLimit } from './limits.ts';
import { partitionTally } from './partition-tally.ts';
import { findingsOfNames, nameLooksPersonal } from './personal-keys.ts';
import type { PlanPart } from './plan.ts';
import type { Keeper } from './row-parts.ts';
import type { PartScan } from './scan-part.ts';
import { takesAlong } from './takes-along.ts';
import { type Tally, tally } from './tally.ts';

export interface PartInput {
  readonly job: Job;
  readonly dataset: Dataset;
  readonly tags: readonly string[] | null;
  readonly reader: StoreReader;
  /** Readers of the stores that hold files, by name. */
  readonly readers: ReadonlyMap<string, StoreReader>;
  readonly rules: ClassRules;
  readonly moment: Moment;
  readonly scan: PartScan;
  /** Null where no key of the dataset is personal. */
  readonly hashKey: string | null;
  /** Keys as `joinKeys` gives them; gives the batch's number. */
  readonly saveBatch: (keys: string, stretch: Stretch | null) => Promise<number>;
  /** Of a page, by the texts of their keys: due rows that a part of them keeps, and what that is. */
  readonly keepersOf: (page: readonly RecordFacts[]) => Promise<ReadonlyMap<string, Keeper>>;
  /** Whether a run that was killed may have removed the record's files already. */
  readonly wasInterrupted: (record: RecordFacts) => Promise<boolean>;
  /** Whether an earlier run has told that the record stays for its missing file. */
  readonly wasMissing: (record: RecordFacts) => Promise<boolean>;
  readonly onProgress: (read: number) => void;
}

/** Beyond this share of files that are missing since the last run it is the template or the mount that is wrong, and not the files. */
const MISSING_SHARE = 0.1;

/** A day past its ceiling is late; less is the interval between two runs. */
export const LATE_MS = 24 * 60 * 60 * 1000;

/**
 * Copies of a row are kept in one batch, up to so many times its size: what became of them is told by how many are left,
 * and batches that share them could not tell whose those are.
 */
const MOST_FOR_COPIES = 10;

export async function planPart(input: PartInput): Promise<PlanPart> {
  const { dataset, rules, reader, job } = input;
  const partitions = partitionTally(dataset.name, input.scan.partitions);
  const sums = tally(rules, input.moment, record => keyText(record.key, input.hashKey));
  let counted = await reader.count(dataset, input.tags, 'estimate');
  const stated = areStated(rules.policies);
  let { bytes, files }: { bytes: number | null; files: number } = { bytes: null, files: 0 };
  const children: Record<string, number> = {};
  let [found, newlyMissing] = [0, 0];
  const countsNames = reader.kind === 'filesystem' && !dataset.keysPersonal;
  let personal = 0;
  // Until something else has converted the file.
  const statedBytes = dataset.files.every(rule => rule.converted.length === 0);
  let batch: string[] = [];
  let last: RecordFacts | null = null;
  const saveBatch = async (): Promise<void> => {
    await input.saveBatch(joinKeys(batch), null);
    batch = [];
  };
  // Apart from the others, so that of a batch that a run is killed in it is known that its files were there before.
  const missing = { records: 0, batches: [] as number[] };
  const saveMissing = async (records: ReadonlySet<RecordFacts>): Promise<void> => {
    if (records.size === 0) return;
    missing.records += records.size;
    const texts = [...records].map(({ key }) => keyText(key, null));
    missing.batches.push(await input.saveBatch(joinKeys(texts), null));
  };
  const isCopyOfLast = (record: RecordFacts): boolean =>
    last !== null && record.keyless && isKeyOf(last.key, record);
  const decideOn = async (page: readonly RecordFacts[]): Promise<void> => {
    const keepers = await input.keepersOf(page);
    const due = page.filter(record => sums.add(record, keepers.get(keyText(record.key, null))));
    if (countsNames) personal += due.filter(nameLooksPersonal).length;
    const sizes = await filesOfDue(due, { ...input, statedBytes }, sums.note);
    bytes = sizes.bytes === null ? bytes : (bytes ?? 0) + sizes.bytes;
    files += sizes.files;
    found += sizes.found;
    newlyMissing += sizes.newlyMissing;
    await saveMissing(sizes.missing);
    const disposition = rules.policies[0]?.disposition;
    if (takesAlong(dataset) && disposition !== undefined) {
      const keys = due.map(record => record.key);
      for (const [at, rows] of Object.entries(await reader.countChildren(dataset, keys, disposition)))
        children[at] = (children[at] ?? 0) + rows;
    }
    for (const record of due) {
      if (sizes.missing.has(record)) continue;
      const wantsMore = isCopyOfLast(record) && batch.length < job.batchKeys * MOST_FOR_COPIES;
      if (batch.length >= job.batchKeys && !wantsMore) await saveBatch();
      batch.push(keyText(record.key, null));
      last = record;
      if (batch.length >= job.batchKeys && !dataset.keyless) await saveBatch();
    }
    input.onProgress(page.length);
  };
  if (stated || counted === null) {
    for await (const { listed, apart, partition } of input.scan.listed?.() ?? []) {
      let saved: number | null = null;
      if (listed.records > 0) {
        sums.addListed(listed, dataset);
        saved = await input.saveBatch(listed.keys, listed.stretch);
        input.onProgress(listed.records);
      }
      if (partition !== null) partitions.add(partition, saved);
      await decideOn(apart);
    }
    for await (const page of input.scan.pages()) await decideOn(page);
    if (batch.length > 0) await saveBatch();
  }
  const seen = sums.counts();
  // Tables that are named by date are held to their limits together, once all of them have been read.
  const isAlone = dataset.tables === null;
  if (isAlone && counted?.isEstimate && !isFarFromLimit(seen.due, counted.stored, job.limits))
    counted = await reader.count(dataset, input.tags, 'exact');
  const counts = {
    ...seen,
    stored: Math.max(counted?.stored ?? 0, seen.stored),
    notStarted: counted?.notStarted ?? 0,
  };
  const part: PlanPart = {
    store: dataset.store,
    dataset: dataset.name,
    class: rules.class,
    policies: rules.policies.map(policy => policy.id),
    disposition: stated ? (rules.policies[0]?.disposition ?? null) : null,
    counts,
    storedIsEstimate: counted?.isEstimate ?? false,
    bounds: input.scan.bounds.map(({ because, beforeMs, zone, customer }) => ({
      because,
      beforeMs,
      zone,
      customer,
    })),
    ...sums.span(),
    months: sums.months(),
    bytes,
    files,
    children,
    partitions: partitions.close(sums),
    limits: job.limits,
    findings: [],
  };
  noteLaw(dataset, rules, counts.stored, sums.note);
  for (const { about, message, count } of part.disposition !== null ? await reader.caveats(dataset) : [])
    sums.note(about === 'trigger' ? 'advice' : 'warning', about, message, null, count ?? counts.due);
  const advice = stated ? await reader.indexAdvice(dataset) : null;
  if (advice !== null) sums.note('advice', 'no-start-index', advice, null, counts.stored);
  noteUnstated(part, stated, sums);
  if (stated && isAlone) noteFindings(part, seen.stored, sums);
  const isAccepted = dataset.files.every(rule => rule.missing !== 'refuse');
  if (!isAccepted && newlyMissing > MISSING_SHARE * (found + newlyMissing)) {
    const share = `${newlyMissing} of ${found + newlyMissing} files are not where their records say`;
    sums.note(
      'refused',
      'files-missing',
      `${share}: the template or the folder is wrong, or they went before`,
      null,
      newlyMissing,
    );
  }
  return {
    ...part,
    ...(missing.records === 0 ? {} : { missing }),
    findings: [...sums.findings(), ...(input.scan.findings?.() ?? []), ...findingsOfNames(personal)],
  };
}

function noteUnstated({ counts }: PlanPart, stated: boolean, sums: Tally): void {
  if (!stated && counts.stored > 0)
    sums.note(
      'warning',
      'unstated-period',
      'their period is not stated: they stay until an owner states one',
      null,
      counts.stored,
    );
}

function noteFindings(part: PlanPart, read: number, sums: Tally): void {
  const { counts } = part;
  if (part.overdueMs > LATE_MS) {
    sums.note(
      'warning',
      'overdue',
      `past their period, the longest for ${Math.floor(part.overdueMs / LATE_MS)} days`,
      null,
      counts.due,
    );
  }
  if (read === 0 && part.bounds.length > 0 && counts.stored > counts.notStarted) {
    sums.note(
      'advice',
      'nothing-matched',
      'no record is past its period: right only if the oldest is younger than that',
      null,
      counts.stored,
    );
  }
  const limit = exceededLimit(part);
  if (limit !== null) sums.note('refused', 'limit-exceeded', limit, null, counts.due);
}
