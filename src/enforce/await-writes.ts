// Waits until no write that was ruled on before a hold came can still act: after that nothing held goes. A write asks for
// the holds before it acts and acts on the answer for some seconds at most.
import { type Sleep, stopwatch } from '../clock.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { WORD_HOLDS_MS } from '../policy/hold.ts';

/** More than a word holds: a write that was begun at its end must have ended too. */
export const WAIT_MS = WORD_HOLDS_MS + 1000;
const POLL_MS = 100;

/**
 * Call it once the hold is in the ledger or its file is written, `agoMs` ago. True where a batch was under way; it then
 * waits until all that were have come to their outcomes, or the time is over.
 */
export async function awaitWrites(ledger: Ledger, agoMs: number, sleep: Sleep): Promise<boolean> {
  const untilMs = stopwatch.nowMs() + WAIT_MS - agoMs;
  const underWay = new Set((await ledger.plans.unsettled()).map(idOf));
  if (underWay.size === 0) return false;
  while (stopwatch.nowMs() < untilMs) {
    await sleep(POLL_MS);
    const left = await ledger.plans.unsettled();
    if (!left.some(batch => underWay.has(idOf(batch)))) break;
  }
  return true;
}

function idOf({ plan, seq }: { readonly plan: string; readonly seq: number }): string {
  return `${plan} ${seq}`;
}
