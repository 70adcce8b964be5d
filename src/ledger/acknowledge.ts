// A person's word about a ledger, each written into its log with who and why, and then into the mark outside of it: that a new
// one is meant, that one is right which the mark does not know, that the clock is right.
import { isoInstant } from '../clock.ts';
import { RetentionError } from '../errors.ts';
import { makeKnown } from './identity.ts';
import { type Known, lostHolds, markOf, type Standing, standingOf } from './known.ts';
import type { Ledger } from './ledger.ts';
import { type Mark, readMark, writeMark } from './mark.ts';

export interface Acknowledged {
  readonly nowMs: number;
  /** The folder of the mark. */
  readonly stateFolder: string;
  readonly reason: string;
}

/** What the last ledger knew of that this one does not, as far as its mark says. */
export interface Lost {
  readonly mark: Mark | null;
  /** Entries after the end of this ledger's log; null where the two have nothing in common. */
  readonly entries: number | null;
  readonly holds: readonly string[];
}

export async function lostSince(ledger: Known, mark: Mark | null): Promise<Lost> {
  const { id } = await ledger.identity.read();
  const { seq } = await ledger.audit.head();
  const entries = mark?.ledger === id ? Math.max(0, mark.seq - seq) : null;
  return { mark, entries, holds: await lostHolds(ledger, mark) };
}

/**
 * Says that a new ledger is meant. Holds that the last one knew of are awaited, and nothing is enforced before the first, unless
 * they are given up by `lostHolds`. Throws `usage-invalid` for a ledger that is in use.
 */
export async function acknowledgeNew(
  ledger: Ledger,
  { lostHolds: givenUp, ...said }: Acknowledged & { readonly lostHolds: boolean },
): Promise<Lost> {
  const mark = readMark(said.stateFolder);
  const { is } = await standingOf(ledger, mark);
  if (is !== 'new' && !(is === 'holdless' && givenUp))
    throw new RetentionError(
      'usage-invalid',
      'there is a ledger at this place, and it is not new',
      'See: retention ledger show. If it is the right one and refused all the same: retention ledger accept',
    );
  const lost = await lostSince(ledger, mark);
  await say(ledger, 'ledger-made', said, givenUp || lost.holds.length === 0, lost);
  return lost;
}

/**
 * Says that this ledger is the right one, whatever the mark says. Holds that the last one knew of and this one does not must
 * have been placed again, or given up by `lostHolds`.
 */
export async function acknowledgeRight(
  ledger: Ledger,
  { lostHolds: givenUp, ...said }: Acknowledged & { readonly lostHolds: boolean },
): Promise<Lost & { readonly before: Standing['is'] }> {
  const mark = readMark(said.stateFolder);
  const { is } = await standingOf(ledger, mark);
  const lost = await lostSince(ledger, mark);
  if (is === 'known') return { ...lost, before: is };
  if (is === 'holdless' || (is === 'new' && (await ledger.audit.head()).seq === 0))
    throw new RetentionError(
      'usage-invalid',
      'there is nothing in this ledger yet',
      "If it is to be a new one: retention ledger new --reason 'Why'",
    );
  if (lost.holds.length > 0 && !givenUp)
    throw new RetentionError(
      'usage-invalid',
      `the last ledger knew of holds that are not in this one: ${lost.holds.join(', ')}`,
      'Place them again first, by the same ids: retention hold place --id. What they held is not held otherwise; if that is right: --lost-holds',
    );
  await say(ledger, 'ledger-accepted', said, true, lost);
  return { ...lost, before: is };
}

async function say(
  ledger: Ledger,
  kind: 'ledger-made' | 'ledger-accepted',
  { nowMs, reason, stateFolder }: Acknowledged,
  noHolds: boolean,
  { mark, holds }: Lost,
): Promise<void> {
  const { id } = await ledger.identity.read();
  const instead =
    mark === null ? null : { ledger: mark.ledger, seq: mark.seq, hash: mark.hash, at: isoInstant(mark.atMs) };
  await ledger.audit.append({ kind, ledger: id, reason, noHolds, instead, lostHolds: holds }, null, {
    also: transaction => makeKnown(transaction, { sinceMs: nowMs, noHolds }),
  });
  await writeMark(stateFolder, await markOf(ledger, nowMs));
}

/** Says that the clock is right. Gives the latest time that was known before. */
export async function confirmClock(
  ledger: Ledger,
  { nowMs, reason, stateFolder }: Acknowledged,
): Promise<number | null> {
  const mark = readMark(stateFolder);
  const standing = await standingOf(ledger, mark);
  const { atMs } = await ledger.audit.latest();
  await ledger.audit.append(
    { kind: 'clock-confirmed', latest: atMs === null ? null : isoInstant(atMs), reason },
    null,
  );
  // The mark of another ledger keeps what it knows of the time.
  if (standing.is === 'known' || standing.is === 'holdless')
    await writeMark(stateFolder, await markOf(ledger, nowMs));
  return atMs;
}
