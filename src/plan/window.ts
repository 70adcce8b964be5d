// Times of the day in which a run may write: local times, over midnight too. A clock that is set forward or back moves a
// window with it, as it moves the people who chose it.
import { wallOfInstant } from '../policy/wall-time.ts';

/** From one minute of the day up to another, the last not counted; over midnight where it ends before it begins. */
export interface Window {
  readonly fromMinute: number;
  readonly untilMinute: number;
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;

/** A window written as `22:00-05:00`, or what is wrong with it. `24:00` is the end of the day. */
export function readWindow(written: string): { readonly window: Window } | { readonly mistake: string } {
  const parts = /^(\d{2}):(\d{2})-(\d{2}):(\d{2})$/.exec(written);
  if (parts === null) return { mistake: `"${written}" is not a window` };
  const [, fromHour, fromMinute, untilHour, untilMinute] = parts.map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const window = { fromMinute: fromHour * 60 + fromMinute, untilMinute: untilHour * 60 + untilMinute };
  if (
    fromMinute > 59 ||
    untilMinute > 59 ||
    window.fromMinute >= DAY_MINUTES ||
    window.untilMinute > DAY_MINUTES
  )
    return { mistake: `"${written}" names no time of the day` };
  if (window.fromMinute === window.untilMinute) return { mistake: `"${written}" ends when it begins` };
  return { window };
}

export function formatWindow({ fromMinute, untilMinute }: Window): string {
  return `${formatMinute(fromMinute)}-${formatMinute(untilMinute)}`;
}

/** Whether a run may write at an instant: in one of the windows, or at any time where there are none. */
export function mayWriteAt(windows: readonly Window[], zone: string, nowMs: number): boolean {
  if (windows.length === 0) return true;
  const minutes = Math.floor(wallOfInstant(nowMs, zone) / MINUTE_MS);
  const minute = ((minutes % DAY_MINUTES) + DAY_MINUTES) % DAY_MINUTES;
  return windows.some(({ fromMinute, untilMinute }) =>
    fromMinute < untilMinute
      ? minute >= fromMinute && minute < untilMinute
      : minute >= fromMinute || minute < untilMinute,
  );
}

function formatMinute(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}
