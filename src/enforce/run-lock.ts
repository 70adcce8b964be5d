// Keeps the lease on enforcement while a run goes on. Two runs never overlap; a run that finds its lease gone stops
// before the next batch.
import type { Clock } from '../clock.ts';
import { RetentionError } from '../errors.ts';
import { LEASE_MS } from '../ledger/lease.ts';
import type { Ledger } from '../ledger/ledger.ts';

export interface RunLock {
  /** Throws `lease-lost` when another process has the lease now. */
  readonly assertHeld: () => Promise<void>;
  readonly release: () => Promise<void>;
}

/** After a crash the lease lapses within `LEASE_MS`, so a run that finds one taken waits that long and a little more. */
const PATIENCE_MS = LEASE_MS + 5000;
const RETRY_MS = 500;

/** Takes the lease, waiting for a dead holder's to lapse; refuses when a live run keeps it. */
export async function takeRunLock(
  ledger: Ledger,
  clock: Clock,
  holder: string,
  onWait: (holder: string) => void,
): Promise<RunLock> {
  const from = clock.nowMs();
  let waiting = false;
  while (!(await ledger.leases.take(holder, clock.nowMs()))) {
    const other = await ledger.leases.holder();
    if (!waiting) onWait(other?.holder ?? 'another run');
    waiting = true;
    if (clock.nowMs() - from > PATIENCE_MS) {
      throw new RetentionError(
        'run-in-progress',
        `another run is going on: ${other?.holder ?? 'unknown'}`,
        'Wait for it to end. Two runs never overlap under one ledger',
      );
    }
    await new Promise(resolve => setTimeout(resolve, RETRY_MS));
  }
  const renewal = setInterval(() => {
    // A renewal that fails is found by `assertHeld`, which is asked before every batch.
    ledger.leases.take(holder, clock.nowMs()).catch(() => undefined);
  }, LEASE_MS / 3);
  renewal.unref();
  return {
    assertHeld: async () => {
      if (await ledger.leases.take(holder, clock.nowMs())) return;
      throw new RetentionError(
        'lease-lost',
        'the lease was taken over by another run',
        'This run was stalled for longer than its lease. What it had begun is settled; run again',
      );
    },
    release: async () => {
      clearInterval(renewal);
      await ledger.leases.giveUp(holder);
    },
  };
}
