// Whether an order that is given now counts: under the ledger that is used, and at the time that it says.
import { isoInstant } from '../clock.ts';
import { RetentionError } from '../errors.ts';
import { leaveMark, standingOf } from '../ledger/known.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { readMark } from '../ledger/mark.ts';
import { gapUntil } from '../ledger/times.ts';
import { CONFIRM, guardNotBefore } from './guard-time.ts';
import { unknown } from './ledger-watch.ts';

/**
 * A hold in a ledger that nobody uses holds nothing: one that is new or another is refused. In what is a copy of the right one
 * it may be placed, before somebody says that the copy is to be used; gives what there is to say then, or null.
 */
export async function guardPlacing(ledger: Ledger, stateFolder: string): Promise<string | null> {
  const standing = await standingOf(ledger, readMark(stateFolder));
  if (!('why' in standing) || standing.is === 'holdless') return null;
  if (standing.is === 'new' || standing.is === 'another') throw unknown(standing);
  return `Nothing is enforced under this ledger, and a hold in it counts under no other: ${standing.why}.`;
}

/**
 * A release lets records go after thirty days, counted from now: by a clock that stands wrong they would go too early.
 * `gapMs`: for how long nothing may have happened before somebody has to say that the clock is right.
 */
export async function guardReleasing(
  ledger: Ledger,
  stateFolder: string,
  nowMs: number,
  gapMs: number,
): Promise<void> {
  const mark = readMark(stateFolder);
  const standing = await standingOf(ledger, mark);
  if ('why' in standing && standing.is !== 'unmarked') throw unknown(standing);
  await guardNotBefore(nowMs, ledger, mark?.atMs ?? null);
  const gap = await gapUntil(ledger, nowMs, gapMs);
  if (gap === null) return;
  throw new RetentionError(
    'clock-untrusted',
    `this machine's clock says ${isoInstant(nowMs)}, and the ledger knows of nothing between ${isoInstant(gap.fromMs)} and ${isoInstant(gap.toMs)}`,
    `Has nothing been run for so long, or has the clock jumped? ${CONFIRM}`,
  );
}

/** After an order: the mark goes along where the ledger is the one that it is of. */
export async function markOrder(ledger: Ledger, stateFolder: string, nowMs: number): Promise<void> {
  const standing = await standingOf(ledger, readMark(stateFolder));
  if (standing.is === 'known') await leaveMark(ledger, stateFolder, nowMs);
}
