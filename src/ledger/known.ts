// Whether this ledger is the one that was used last, as far as its log and the mark outside of it can say. A ledger that is
// new, another or older may know of fewer holds: nothing is enforced under it until a person has said that it is right.

import type { Identity } from './identity.ts';
import type { Ledger } from './ledger.ts';
import { type Mark, readMark, writeMark } from './mark.ts';

export type Standing =
  /** `since-before`: it was in use before ledgers had names, and has no mark yet. */
  | { readonly is: 'known' | 'since-before' }
  | { readonly is: 'new' | 'holdless' | 'unmarked' | 'another' | 'older' | 'forked'; readonly why: string };

export type Known = Pick<Ledger, 'audit' | 'holds' | 'identity'>;

export async function standingOf(ledger: Known, mark: Mark | null): Promise<Standing> {
  const identity = await ledger.identity.read();
  const head = await ledger.audit.head();
  if (mark !== null && mark.ledger !== identity.id) {
    const last = `the last ledger that was used here is ${shortName(mark.ledger)}, up to its entry ${mark.seq}`;
    return identity.knownSinceMs === null && identity.origin === 'made'
      ? { is: 'new', why: `this ledger is new, and ${last}` }
      : { is: 'another', why: `this ledger is another, ${shortName(identity.id)}: ${last}` };
  }
  if (mark !== null) {
    if (head.seq < mark.seq)
      return {
        is: 'older',
        why: `this ledger ends with entry ${head.seq}, and the last one that was used here went up to ${mark.seq}: it is an older copy`,
      };
    if ((await hashAt(ledger, mark.seq)) !== mark.hash)
      return {
        is: 'forked',
        why: `entry ${mark.seq} of this ledger is not the one that was the last here: it is an older copy that went its own way`,
      };
  }
  if (identity.knownSinceMs === null) return neverKnown(ledger, identity);
  if (mark === null)
    return {
      is: 'unmarked',
      why: `this ledger, ${shortName(identity.id)}, has never been used here, or its mark is lost: nothing can say that it is not an older copy`,
    };
  if (!identity.noHolds && (await ledger.holds.list()).length === 0)
    return { is: 'holdless', why: 'this ledger is new, and knows of no holds where the last one did' };
  return { is: 'known' };
}

async function neverKnown(ledger: Known, { origin }: Identity): Promise<Standing> {
  if (origin === 'upgraded' && (await ledger.audit.lastOf(['run-started'])) > 0)
    return { is: 'since-before' };
  return { is: 'new', why: 'this ledger is new and knows of no holds' };
}

async function hashAt({ audit }: Known, seq: number): Promise<string> {
  if (seq === 0) return '';
  for await (const entry of audit.entries({ afterSeq: seq - 1 })) return entry.seq === seq ? entry.hash : '';
  return '';
}

/** Enough of a ledger's name to tell two apart. */
export function shortName(id: string): string {
  return id.slice(0, 8);
}

/** The mark that this ledger leaves now; read in an order in which it never says more than the ledger holds. */
export async function markOf(ledger: Known, nowMs: number): Promise<Mark> {
  const { id } = await ledger.identity.read();
  const held = await ledger.holds.list();
  const { seq, hash } = await ledger.audit.head();
  const { atMs } = await ledger.audit.latest();
  return {
    ledger: id,
    seq,
    hash,
    atMs: atMs ?? nowMs,
    holds: held.filter(hold => hold.releasedAtMs === null).map(hold => hold.id),
  };
}

/** Holds that the last ledger knew of and that are not in this one's register. */
export async function lostHolds({ holds }: Known, mark: Mark | null): Promise<readonly string[]> {
  if (mark === null) return [];
  const known = new Set((await holds.list()).map(hold => hold.id));
  return mark.holds.filter(id => !known.has(id));
}

/** Another process may have left a later one meanwhile: the mark never goes back. */
export async function leaveMark(ledger: Known, stateFolder: string, nowMs: number): Promise<void> {
  const mark = await markOf(ledger, nowMs);
  const there = readMark(stateFolder);
  if (there !== null && there.ledger === mark.ledger && there.seq > mark.seq) return;
  await writeMark(stateFolder, mark);
}
