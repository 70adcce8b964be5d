// When jobs run. The only file that knows node-cron: it checks expressions, tells the next run after any instant,
// and starts the timers of the worker.
import cron from 'node-cron';
import { instantOfWall, wallOfInstant } from './policy/wall-time.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** What is wrong with a cron expression, or null. Seconds are refused: no retention job needs them. */
export function badSchedule(expression: string): string | null {
  if (expression.trim().split(/\s+/).length !== 5) return `"${expression}" has not five fields`;
  const { valid, errors } = cron.validateDetailed(expression);
  return valid ? null : `"${expression}": ${errors.map(error => error.message).join('; ')}`;
}

/** The first run strictly after an instant, in ms; null when the expression names no day of the next five years. */
export function nextRun(expression: string, zone: string, afterMs: number): number | null {
  const fields = cron.parse(expression);
  const task = cron.createTask(expression, () => {}, { timezone: zone });
  const today = Math.floor(wallOfInstant(afterMs, zone) / DAY_MS) * DAY_MS;
  for (let day = today; day < today + 5 * 366 * DAY_MS; day += DAY_MS) {
    if (!fields.month.includes(new Date(day).getUTCMonth() + 1)) continue;
    for (const hour of fields.hour) {
      for (const minute of fields.minute) {
        const at = instantOfWall(day + (hour * 60 + minute) * MINUTE_MS, zone);
        // node-cron itself says whether the day of the month and of the week fit, and whether the clock shows it.
        if (at > afterMs && task.match(new Date(at))) return at;
      }
    }
  }
  return null;
}

/** Runs looked at: the longest pause of a week with its weekend is among them, and so is a month of 31 days. */
const PAUSES = 8;

/** The longest time between two of the next runs, in ms; a day where it names none. */
export function longestPause(expression: string, zone: string, afterMs: number): number {
  let [longestMs, fromMs] = [0, nextRun(expression, zone, afterMs)];
  for (let run = 0; run < PAUSES && fromMs !== null; run += 1) {
    const toMs = nextRun(expression, zone, fromMs);
    if (toMs !== null) longestMs = Math.max(longestMs, toMs - fromMs);
    fromMs = toMs;
  }
  return longestMs === 0 ? DAY_MS : longestMs;
}

/** Runs `fire` at each time of the schedule until the returned function is called. */
export function startSchedule(
  expression: string,
  zone: string,
  fire: () => Promise<void>,
): () => Promise<void> {
  const task = cron.schedule(expression, fire, { timezone: zone, noOverlap: true });
  return async () => {
    await task.destroy();
  };
}
