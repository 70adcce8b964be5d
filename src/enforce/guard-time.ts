// Whether this machine's clock can be believed: with a wrong one records go too early. It must agree with the stores' own
// clocks, must not stand before the latest time that anything knows of, and must not stand far after it either.
import { CLOCK_TOLERANCE_MS, isoInstant } from '../clock.ts';
import { RetentionError } from '../errors.ts';
import type { AuditEntry } from '../ledger/audit-entry.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { gapUntil, hasProvenTime } from '../ledger/times.ts';
import { expandMaps, isWithoutTable } from '../plan/expand-maps.ts';
import { readValue } from '../policy/start.ts';
import type { LastChange } from '../stores/last-change.ts';
import type { Dataset, StoreMap, StoreReader } from '../stores/store.ts';

const HINT = 'Set the clocks right (NTP) first: with a wrong clock, records go too early';

/** What a person says when the clock is right and what stands elsewhere is not. */
export const CONFIRM = "If this clock is right: retention ledger confirm-clock --reason 'Why'";

/** The clock must agree with the stores' own, and must not stand before the latest time of the audit log. */
export async function guardClock(
  nowMs: () => number,
  readers: Iterable<StoreReader>,
  ledger: Pick<Ledger, 'audit'>,
): Promise<void> {
  for (const reader of readers) {
    const storeMs = await reader.clockMs();
    const apartMs = storeMs === null ? 0 : Math.abs(storeMs - nowMs());
    if (apartMs > CLOCK_TOLERANCE_MS)
      throw untrusted(
        `this machine's clock and that of store ${reader.name} are ${Math.round(apartMs / 1000)} s apart`,
        HINT,
      );
  }
  await guardNotBefore(nowMs(), ledger, null);
}

/** `markMs`: what the mark outside of the ledger knows of; null where there is none. */
export async function guardNotBefore(
  nowMs: number,
  { audit }: Pick<Ledger, 'audit'>,
  markMs: number | null,
): Promise<void> {
  const { seq, atMs } = await audit.latest();
  let latestMs = Math.max(atMs ?? 0, markMs ?? 0);
  for await (const { body } of audit.entries({ afterSeq: seq - 1 }))
    latestMs = Math.max(latestMs, Date.parse((JSON.parse(body) as AuditEntry).at));
  if (latestMs - nowMs <= CLOCK_TOLERANCE_MS) return;
  throw untrusted(
    `this machine's clock stands before the last entry of the audit log (${isoInstant(latestMs)})`,
    `${HINT}. ${CONFIRM}`,
  );
}

export interface GapInput {
  readonly ledger: Pick<Ledger, 'audit'>;
  readonly nowMs: number;
  /** Two of the job's schedules. */
  readonly limitMs: number;
  readonly maps: readonly StoreMap[];
  readonly readers: () => ReadonlyMap<string, StoreReader>;
}

/**
 * The newest of entries, records and files must not be further back than two of the job's schedules: nobody knows whether
 * nothing was done for so long, or the clock has jumped. Records are looked at only where the ledger has such a gap.
 */
export async function guardGap({ ledger, nowMs, limitMs, maps, readers }: GapInput): Promise<void> {
  const proven = await hasProvenTime(ledger);
  const gap = await gapUntil(ledger, nowMs, limitMs);
  if (gap === null && proven) return;
  const open = readers();
  const isNear = (ms: number | null): boolean => ms !== null && nowMs - ms <= limitMs;
  // A ledger that no run and nobody's word has put to the test says what time it was when it was made, by this same clock.
  if (!proven && (await agreesWithServer(open, nowMs)) && gap === null) return;
  const newest = await newestRecord(maps, open, nowMs);
  if (isNear(newest.recordsMs)) return;
  if (gap === null && (isNear(newest.storeMs) || newest.isEmpty)) return;
  const sinceMs = Math.max(gap?.fromMs ?? 0, newest.recordsMs ?? 0, gap === null ? (newest.storeMs ?? 0) : 0);
  throw untrusted(
    `this machine's clock says ${isoInstant(nowMs)}, and the newest that the ledger and the stores know of is of ${isoInstant(sinceMs)}: more than two of the job's schedules lie between`,
    `Has nothing been run for so long, or has the clock jumped? Set it right; or if it is: ${CONFIRM.slice(CONFIRM.indexOf('retention'))}`,
  );
}

async function agreesWithServer(readers: ReadonlyMap<string, StoreReader>, nowMs: number): Promise<boolean> {
  for (const reader of readers.values()) {
    const storeMs = await reader.clockMs();
    if (storeMs !== null && Math.abs(storeMs - nowMs) <= CLOCK_TOLERANCE_MS) return true;
  }
  return false;
}

interface Newest {
  readonly recordsMs: number | null;
  readonly storeMs: number | null;
  /** There is nothing in any store that could say something. */
  readonly isEmpty: boolean;
}

async function newestRecord(
  maps: readonly StoreMap[],
  readers: ReadonlyMap<string, StoreReader>,
  nowMs: number,
): Promise<Newest> {
  const untilMs = nowMs + CLOCK_TOLERANCE_MS;
  const [records, stores]: [number[], number[]] = [[], []];
  for (const map of maps) {
    const reader = readers.get(map.name);
    if (reader === undefined) continue;
    const { recordsMs, storeMs } = await lastChange(reader, untilMs);
    if (recordsMs !== null) records.push(recordsMs);
    if (storeMs !== null) stores.push(storeMs);
    if (reader.kind !== 'filesystem') records.push(...(await startsIn(map, reader, untilMs)));
  }
  return {
    recordsMs: records.length === 0 ? null : Math.max(...records),
    storeMs: stores.length === 0 ? null : Math.max(...stores),
    isEmpty: records.length === 0 && stores.length === 0,
  };
}

/** What cannot be reached says nothing here: the plan says so, and a plan without it proves no more than one with it. */
async function lastChange(reader: StoreReader, untilMs: number): Promise<LastChange> {
  return saysNothing(reader.lastChange(untilMs), { recordsMs: null, storeMs: null });
}

async function startsIn(map: StoreMap, reader: StoreReader, untilMs: number): Promise<number[]> {
  const readers = new Map([[map.name, reader]]);
  const { stores } = await saysNothing(
    expandMaps([map], readers).then(({ stores: own }) => ({ stores: own })),
    { stores: [] },
  );
  const starts: number[] = [];
  for (const dataset of stores.flatMap(one => one.datasets))
    starts.push(...(await saysNothing(newestStarts(reader, dataset, untilMs), [])));
  return starts;
}

async function saysNothing<T>(asked: Promise<T>, nothing: NoInfer<T>): Promise<T> {
  return asked.catch((error: unknown) => {
    if (error instanceof RetentionError && error.code === 'store-unreachable') return nothing;
    throw error;
  });
}

/** Of a dataset that is not as declared nothing can be asked: its plan says so. A day on which an account closes may be agreed beforehand. */
async function newestStarts(reader: StoreReader, dataset: Dataset, untilMs: number): Promise<number[]> {
  if (isWithoutTable(dataset) || dataset.start.event === 'account-closed') return [];
  if ((await reader.check(dataset, [])).length > 0) return [];
  const starts = await reader.sampleStarts(dataset, dataset.startColumn);
  return starts.flatMap(value => {
    const read = readValue(value, dataset.start);
    return read.kind === 'at' && read.ms <= untilMs ? read.ms : [];
  });
}

function untrusted(message: string, hint: string): RetentionError {
  return new RetentionError('clock-untrusted', message, hint);
}
