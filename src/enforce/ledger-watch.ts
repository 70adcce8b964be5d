// Keeps watch over what a run takes for granted of its surroundings: that the ledger is the one that was used last, that the
// time is what the clock says, and that neither changes while it goes on. It leaves the mark by which the next run can tell.
import { CLOCK_TOLERANCE_MS, type Clock, isoInstant, stopwatch, uptime } from '../clock.ts';
import { RetentionError } from '../errors.ts';
import { makeKnown } from '../ledger/identity.ts';
import { leaveMark, type Standing, standingOf } from '../ledger/known.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type Mark, readMark } from '../ledger/mark.ts';
import { verifyAudit } from '../ledger/verify-audit.ts';
import type { StoreMap, StoreReader } from '../stores/store.ts';
import { guardGap, guardNotBefore } from './guard-time.ts';

export interface LedgerWatch {
  /**
   * Throws `ledger-unknown` or `clock-untrusted` unless anything may be enforced now; then leaves the mark. To be asked
   * before a run writes its first entry, and under its lease.
   */
  readonly guard: () => Promise<void>;
  /** Throws `clock-stepped` when the clock has been set since the watch began. */
  readonly steady: () => void;
  /** After an outcome: leaves the mark, at most once a second and beside the work. Throws what went wrong with the last one. */
  readonly note: () => void;
  /** Leaves the mark as it is now. */
  readonly leave: () => Promise<void>;
}

export interface WatchInput {
  readonly ledger: Ledger;
  /** The folder of the mark. */
  readonly stateFolder: string;
  readonly clock: Clock;
  /** Two of the job's schedules, in ms. */
  readonly gapMs: number;
  readonly maps: readonly StoreMap[];
  readonly readers: () => ReadonlyMap<string, StoreReader>;
  readonly onTakenOver: () => void;
}

const NOTE_EVERY_MS = 1000;

export function watchLedger(input: WatchInput): LedgerWatch {
  const { ledger, stateFolder, clock } = input;
  const apartMs = (): number => clock.nowMs() - uptime.nowMs();
  const beganApartMs = apartMs();
  let [notedAtMs, noting, failure]: [number, boolean, unknown] = [Number.NEGATIVE_INFINITY, false, null];
  const leave = async (): Promise<void> => {
    await leaveMark(ledger, stateFolder, clock.nowMs());
  };
  return {
    guard: async () => {
      const mark = readMark(stateFolder);
      const standing = await standingOf(ledger, mark);
      if ('why' in standing) throw unknown(standing);
      await guardTime(input, mark);
      if (standing.is === 'since-before') await takeOver(input);
      await leave();
    },
    steady: () => {
      const steppedMs = Math.round(apartMs() - beganApartMs);
      if (Math.abs(steppedMs) <= CLOCK_TOLERANCE_MS) return;
      throw new RetentionError(
        'clock-stepped',
        `this machine's clock was set ${steppedMs < 0 ? 'back' : 'forward'} by ${Math.round(Math.abs(steppedMs) / 1000)} s while the run went on, to ${isoInstant(clock.nowMs())}`,
        'Set it right (NTP), then run again: what this run had begun is settled then',
      );
    },
    note: () => {
      if (failure !== null) throw failure;
      if (noting || stopwatch.nowMs() - notedAtMs < NOTE_EVERY_MS) return;
      [notedAtMs, noting] = [stopwatch.nowMs(), true];
      leave()
        .catch((error: unknown) => {
          failure = error;
        })
        .finally(() => {
          noting = false;
        });
    },
    leave,
  };
}

/** The clock by which records are decided on: it gives no time once it was set, so that no write goes by it. */
export function steadyClock(clock: Clock, { steady }: Pick<LedgerWatch, 'steady'>): Clock {
  return {
    nowMs: () => {
      steady();
      return clock.nowMs();
    },
  };
}

async function guardTime(
  { ledger, clock, gapMs, maps, readers }: WatchInput,
  mark: Mark | null,
): Promise<void> {
  const nowMs = clock.nowMs();
  await guardNotBefore(nowMs, ledger, mark?.atMs ?? null);
  for (const reader of readers().values()) {
    if (reader.kind !== 'sqlite') continue;
    const { storeMs } = await reader.lastChange(nowMs);
    if (storeMs === null || storeMs - nowMs <= CLOCK_TOLERANCE_MS) continue;
    throw new RetentionError(
      'clock-untrusted',
      `this machine's clock stands before the time at which store ${reader.name} was last written to (${isoInstant(storeMs)})`,
      'Set the clock right (NTP) first: with a wrong clock, records go too early',
    );
  }
  await guardGap({ ledger, nowMs, limitMs: gapMs, maps, readers });
}

/**
 * A ledger of before ledgers had names cannot be told from another by one. That it has run, and that its log holds from the
 * first entry to the last, is what the program of then went by; an empty one at a misspelt place has not run.
 */
async function takeOver({ ledger, clock, onTakenOver }: WatchInput): Promise<void> {
  const { broken } = await verifyAudit(ledger);
  if (broken !== null)
    throw new RetentionError(
      'ledger-unknown',
      `this ledger was in use before ledgers had names, and its log does not verify: entry ${broken.seq}, ${broken.why}`,
      "Look at it: retention audit verify. If it is the right one all the same: retention ledger accept --reason 'Why'",
    );
  const { id } = await ledger.identity.read();
  const reason = 'It was in use before ledgers had names, and its log verifies';
  await ledger.audit.append(
    { kind: 'ledger-taken-over', ledger: id, reason, noHolds: true, instead: null, lostHolds: [] },
    null,
    { also: transaction => makeKnown(transaction, { sinceMs: clock.nowMs(), noHolds: true }) },
  );
  onTakenOver();
}

/** Why nothing is enforced under this ledger, with the way out. */
export function unknown(standing: Extract<Standing, { why: string }>): RetentionError {
  return new RetentionError('ledger-unknown', standing.why, wayOut(standing.is));
}

function wayOut(is: Extract<Standing, { why: string }>['is']): string {
  switch (is) {
    case 'new':
      return 'Is RETENTION_LEDGER the right one? If it is to be a new one: retention ledger new, then place the holds that there are';
    case 'holdless':
      return "Place the holds again that the last ledger knew of: retention hold place. To give them up: retention ledger new --no-holds --reason 'Why'";
    case 'unmarked':
    case 'another':
      return "Is RETENTION_LEDGER the right one, and RETENTION_STATE? If so, see what would be accepted: retention ledger show; and say so: retention ledger accept --reason 'Why'";
    case 'older':
    case 'forked':
      return "Put the right ledger back. If it is lost, see what is missing in this one: retention ledger show; and say that it is to be used: retention ledger accept --reason 'Why'";
  }
}
