// Tells of what a run does while it goes on: to a person at the terminal, in the log, and in the metrics.
import type { EnforceEvent } from './enforce/enforce-event.ts';
import type { PaceEvent } from './enforce/pace.ts';
import type { Metrics } from './metrics.ts';
import type { Progress } from './progress.ts';
import type { Wired } from './wire.ts';

/** A batch is done many times a second; a log wants to know that it goes on. */
const LOG_EVERY_MS = 5000;

export function followRun(
  { clock, log, settings }: Wired,
  progress: Progress,
  metrics: Metrics,
): (event: EnforceEvent | PaceEvent) => void {
  let loggedAtMs = 0;
  return event => {
    switch (event.kind) {
      case 'waiting':
        log.warn('waiting for another run to end', { holder: event.holder });
        return;
      case 'recovered':
        log.warn('settled what an earlier run had left open', { batches: event.batches, left: event.left });
        if (event.elsewhere > 0)
          log.warn('not all that is missing was purged by that run', { batches: event.elsewhere });
        return;
      case 'unproved':
        log.warn('taken for one database by samples of it', { store: event.store, why: event.why });
        return;
      case 'came-back': {
        const { dataset, back, looked, run } = event;
        log.warn('purged and there again', { dataset, back, looked, next: `retention replay ${run}` });
        return;
      }
      case 'partition': {
        const { dataset, partition, records, why } = event;
        if (why === null) log.info('partition dropped', { dataset, partition, records });
        else log.warn('partition goes row by row', { dataset, partition, records, why });
        return;
      }
      case 'batch':
        progress.add(event.records, `${event.dataset} (${event.class})`);
        metrics.batch(event, event.counts);
        if (settings.interactive || clock.nowMs() - loggedAtMs <= LOG_EVERY_MS) return;
        loggedAtMs = clock.nowMs();
        log.info('batch done', { dataset: event.dataset, class: event.class, ...event.counts });
        return;
      case 'wrote':
        metrics.wrote(event.store, event.keys, event.tookMs);
        return;
      case 'throttled':
        progress.say(`paused: ${event.reason}`);
        metrics.paused(event.store, event.why);
        log.warn('paused', { store: event.store, why: event.why, reason: event.reason });
        return;
      case 'going-on':
        progress.say('');
        metrics.wentOn(event.store, event.why, event.pausedMs);
        log.info('going on', { store: event.store, why: event.why, pausedMs: event.pausedMs });
        return;
    }
  };
}
