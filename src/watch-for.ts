// The watch over the ledger and the clock for the runs of one job.
import { type LedgerWatch, watchLedger } from './enforce/ledger-watch.ts';
import type { Job } from './plan/job.ts';
import { longestPause } from './schedule.ts';
import { stateFolder, type Wired } from './wire.ts';

/** Periods are whole days: a job that runs every hour may miss a night without anybody's word for it. */
const DAY_MS = 86_400_000;

/** Over the ledger and the clock, from now to the end of the run. */
export function watchFor(wired: Wired, job: Job): LedgerWatch {
  const { ledger, settings, clock, log } = wired;
  const maps = wired.maps(job);
  return watchLedger({
    ledger,
    stateFolder: stateFolder(settings),
    clock,
    gapMs: Math.max(DAY_MS, 2 * longestPause(job.schedule, job.zone, clock.nowMs())),
    maps,
    readers: () => wired.readers(maps),
    onTakenOver: () => {
      log.warn('took over the ledger of before: it has run, and its log verifies', {
        state: stateFolder(settings),
      });
    },
  });
}
