// The pace of a run on one store, so that production does not feel it: how many keys the next write holds, how long to
// rest after one, and whether the next batch may go at all. It decides nothing about what is disposed of.
import { setImmediate } from 'node:timers/promises';
import pLimit from 'p-limit';
import { type Clock, type Sleep, sleep as systemSleep, stopwatch as systemStopwatch } from '../clock.ts';
import type { Pauses } from '../ledger/pauses.ts';
import type { PaceRules } from '../plan/job.ts';
import type { StoreReader } from '../stores/store.ts';
import { type GateEvent, type Go, watchGates } from './gates.ts';
import { restBetween } from './rest.ts';
import { firstSize, nextSize, type SizeRules } from './write-size.ts';

export type PaceEvent =
  | GateEvent
  | { readonly kind: 'wrote'; readonly store: string; readonly keys: number; readonly tookMs: number };

export interface Pace {
  /** Keys that the next write should hold, between 1 and the batch's size. */
  readonly writeKeys: () => number;
  /** Learns from a write that is done: how many keys, how long the store took, in ms. Its rest begins now. */
  readonly wrote: (keys: number, tookMs: number) => void;
  /** Runs a write once no more than the allowed number are at the store. Its commit need not be part of it. */
  readonly inTurn: <T>(write: () => Promise<T>) => Promise<T>;
  /** Waits until the rest after the last write is over. To be asked between two writes, outside any transaction. */
  readonly rest: () => Promise<void>;
  /**
   * Waits until the next batch may go: nothing pauses it. To be asked before each batch and outside any transaction, and
   * before the lease is checked: a pause may take hours. `go: false` says why no further batch may go: the run ends as
   * interrupted. Throws `load-critical` when a critical threshold is passed, and `configuration-invalid` before the
   * first batch when what is to be watched cannot be.
   */
  readonly ready: () => Promise<Go>;
  /** The pace of one more connection to the same store: the same gates and the same learning, a rest of its own. */
  readonly beside: () => Pace;
  /** To be called once, when the run is done with the store; the store stays open. */
  readonly close: () => Promise<void>;
}

export interface PaceInput {
  readonly store: Pick<StoreReader, 'name' | 'load'>;
  readonly rules: PaceRules;
  /** The job's zone, in which its windows are. */
  readonly zone: string;
  /** Keys in a batch of the plan: no write holds more. */
  readonly batchKeys: number;
  readonly pauses: Pick<Pauses, 'current'>;
  /** When the run's plan expires, in ms: a run that is paused until then ends. Null: never. */
  readonly expiresAtMs: number | null;
  readonly clock: Clock;
  /** Aborted when the process is asked to stop; it ends every wait. */
  readonly signal: AbortSignal;
  readonly onEvent: (event: PaceEvent) => void;
  /** What else keeps time; the system's unless given. */
  readonly time?: { readonly stopwatch: Clock; readonly sleep: Sleep };
  /** How often the gates ask, and how long they wait for an answer, in ms. */
  readonly pollMs?: number;
  readonly answerMs?: number;
}

/**
 * Batches to have in hand at the same time. Where nothing rests between two writes, one more than may write: while a
 * write is committed and proved, the next one is at the store, and still only one.
 */
export function lanesOf({ connections, niceRatio }: PaceRules): number {
  return niceRatio === 0 ? connections + 1 : connections;
}

export function openPace(input: PaceInput): Pace {
  const { store, rules, pauses } = input;
  const time = input.time ?? { stopwatch: systemStopwatch, sleep: systemSleep };
  const gates = watchGates({
    ...input,
    ...time,
    store: store.name,
    load: store.load,
    currentPause: pauses.current,
  });
  const sizing: SizeRules = { writeMs: rules.writeMs, maxKeys: input.batchKeys };
  let size = firstSize(sizing);
  const inTurn = pLimit(rules.connections);
  const lane = (): Pace => {
    const rest = restBetween(time.stopwatch, time.sleep);
    return {
      writeKeys: () => size.keys,
      wrote: (keys, tookMs) => {
        size = nextSize(size, sizing, { keys, tookMs });
        rest.owe(tookMs * rules.niceRatio);
        input.onEvent({ kind: 'wrote', store: store.name, keys, tookMs });
      },
      inTurn,
      rest: () => rest.pay(input.signal),
      ready: async () => {
        // Some drivers never wait: without this turn, neither a signal nor a timer would be heard between two batches.
        await setImmediate();
        return gates.pass();
      },
      beside: lane,
      close: gates.close,
    };
  };
  return lane();
}
