// Whether the next write may go: nobody has paused it, its windows are open, and the store's server has time for it. What
// cannot be told counts against the write. It asks at most once a poll, and beside the writes, not before each.
import { type Clock, isoInstant, type Sleep } from '../clock.ts';
import { RetentionError, reasonOf } from '../errors.ts';
import type { Pause } from '../ledger/pauses.ts';
import type { PaceRules } from '../plan/job.ts';
import { formatWindow, mayWriteAt } from '../plan/window.ts';
import type { Load } from '../stores/load.ts';
import type { StoreReader } from '../stores/store.ts';
import { judgeLoad, type PauseKind, queriesOf, type Verdict } from './thresholds.ts';

export type Go = { readonly go: true } | { readonly go: false; readonly reason: string };

/** A pause begins, or goes on for another reason; and ends. Instants are the clock's. */
export type GateEvent =
  | {
      readonly kind: 'throttled';
      readonly store: string;
      readonly why: PauseKind;
      readonly reason: string;
      readonly sinceMs: number;
    }
  | { readonly kind: 'going-on'; readonly store: string; readonly why: PauseKind; readonly pausedMs: number };

export interface GatesInput {
  readonly store: string;
  readonly rules: PaceRules;
  /** The job's zone, in which its windows are. */
  readonly zone: string;
  readonly load: StoreReader['load'];
  readonly currentPause: () => Promise<Pause | null>;
  /** While paused the run ends when its plan has expired by then; null: it does not expire. */
  readonly expiresAtMs: number | null;
  readonly clock: Clock;
  readonly stopwatch: Clock;
  readonly sleep: Sleep;
  readonly signal: AbortSignal;
  readonly onEvent: (event: GateEvent) => void;
  readonly pollMs?: number;
  readonly answerMs?: number;
}

/** Often enough for load that builds up, seldom enough that asking is no load itself; gh-ost looks as often. */
export const POLL_MS = 1000;

/** A server that does not answer for so long has other things to do. */
export const ANSWER_MS = 5000;

export interface Gates {
  /** Waits until the next write may go, or it is known that none may. Throws `load-critical`. */
  readonly pass: () => Promise<Go>;
  /** Waits for the question under way. */
  readonly close: () => Promise<void>;
}

type Told = Verdict | { readonly is: 'mistake'; readonly error: RetentionError };

export function watchGates(input: GatesInput): Gates {
  const { clock, stopwatch, sleep, signal, rules, pollMs = POLL_MS, answerMs = ANSWER_MS } = input;
  let told: { readonly atMs: number; readonly verdict: Told } | null = null;
  let askedAtMs = Number.NEGATIVE_INFINITY;
  let asking: Promise<Told> | null = null;
  let paused: { readonly why: PauseKind; readonly reason: string; readonly sinceMs: number } | null = null;
  let waiting: Promise<Go> | null = null;

  /** One question at a time: a server that hangs is not asked again before it has answered or given up. */
  const ask = async (): Promise<void> => {
    if (asking === null) askedAtMs = stopwatch.nowMs();
    asking ??= judge(input, told === null).finally(() => {
      asking = null;
    });
    const verdict = await inTime(asking, sleep, answerMs);
    told = { atMs: stopwatch.nowMs(), verdict };
  };

  /** The last answer, with the next question begun when it is time; an answer too old to be one is waited for. */
  const verdictNow = async (): Promise<Told> => {
    const nowMs = stopwatch.nowMs();
    const asked = nowMs - askedAtMs >= pollMs ? ask() : null;
    // `judge` never fails: what fails in it is an answer too.
    if (told === null || nowMs - told.atMs > pollMs + answerMs) await (asked ?? ask());
    return told?.verdict ?? UNTOLD;
  };

  const begin = ({ why, reason }: { readonly why: PauseKind; readonly reason: string }): void => {
    if (paused?.reason === reason) return;
    if (paused !== null && paused.why !== why) end();
    paused = { why, reason, sinceMs: paused?.sinceMs ?? clock.nowMs() };
    input.onEvent({ kind: 'throttled', store: input.store, ...paused });
  };

  const end = (): void => {
    if (paused === null) return;
    const pausedMs = Math.max(0, clock.nowMs() - paused.sinceMs);
    const { why } = paused;
    paused = null;
    input.onEvent({ kind: 'going-on', store: input.store, why, pausedMs });
  };

  const waitUntilFine = async (): Promise<Go> => {
    try {
      for (;;) {
        const ended = whyEnd(input, paused !== null);
        if (ended !== null) return { go: false, reason: ended };
        const verdict = told?.verdict ?? UNTOLD;
        if (verdict.is === 'fine') return { go: true };
        if (verdict.is === 'mistake') throw verdict.error;
        if (verdict.is === 'stop') throw critical(verdict.reason);
        begin(verdict);
        await sleep(pollMs, signal);
        if (!signal.aborted) await ask();
      }
    } finally {
      end();
    }
  };

  return {
    pass: async () => {
      const ended = whyEnd(input, false);
      if (ended !== null) return { go: false, reason: ended };
      if (waiting === null && (await verdictNow()).is === 'fine' && !signal.aborted) return { go: true };
      waiting ??= waitUntilFine().finally(() => {
        waiting = null;
      });
      return waiting;
    },
    close: async () => {
      await asking;
    },
  };

  function whyEnd({ zone, expiresAtMs }: GatesInput, waited: boolean): string | null {
    if (signal.aborted) return 'it was asked to stop';
    const nowMs = clock.nowMs();
    if (!mayWriteAt(rules.windows, zone, nowMs))
      return `it may write at ${rules.windows.map(formatWindow).join(' and ')} (${zone}) only`;
    if (waited && expiresAtMs !== null && nowMs > expiresAtMs) return 'its plan expired while it was paused';
    return null;
  }
}

const UNTOLD: Verdict = { is: 'pause', why: 'unanswered', reason: 'the server has not been asked yet' };

/** Asks the ledger, and unless it says pause, the server. `first`: mistakes that would pause for ever are errors. */
async function judge(input: GatesInput, first: boolean): Promise<Told> {
  try {
    const pause = await input.currentPause();
    if (pause !== null) {
      const since = `paused by ${pause.by} at ${isoInstant(pause.atMs)}`;
      const reason = pause.reason === null ? since : `${since}: ${pause.reason}`;
      return { is: 'pause', why: 'told', reason };
    }
    if (input.load === null) return { is: 'fine' };
    const loads = new Map<string | null, Load>();
    for (const query of queriesOf(input.rules)) loads.set(query, await input.load(query));
    const [some] = loads.values();
    return judgeLoad(input.rules, query => loads.get(query) ?? some ?? NOTHING);
  } catch (error) {
    if (
      error instanceof RetentionError &&
      (error.code === 'server-changed' || (first && error.code === 'configuration-invalid'))
    )
      return { is: 'mistake', error };
    return unanswered(describe(error));
  }
}

const NOTHING: Load = { threadsRunning: null, replicaLagSeconds: null, replica: null, query: null };

/** What failed, without the values that a server's message may quote. */
function describe(error: unknown): string {
  const { code } = error as { code?: string };
  return error instanceof RetentionError ? reasonOf(error) : (code ?? 'an unknown error');
}

function unanswered(what: string): Verdict {
  return { is: 'pause', why: 'unanswered', reason: `how busy the server is cannot be told: ${what}` };
}

/** The answer, or that there is none yet. */
async function inTime(asking: Promise<Told>, sleep: Sleep, answerMs: number): Promise<Told> {
  const patience = new AbortController();
  const late = sleep(answerMs, patience.signal).then(() =>
    unanswered(`no answer for ${Math.round(answerMs / 1000)} s`),
  );
  try {
    return await Promise.race([asking, late]);
  } finally {
    patience.abort();
  }
}

function critical(reason: string): RetentionError {
  return new RetentionError(
    'load-critical',
    `the run was stopped for the load on the store: ${reason}`,
    'What it had begun is finished. Go on when there is time again: retention enforce PLAN, with the plan of this run',
  );
}
