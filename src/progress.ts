// Progress for a person at a terminal: a line that counts while a plan is made, a bar while it is enforced.
import cliProgress from 'cli-progress';

export interface Progress {
  readonly add: (records: number, where: string) => void;
  /** Says why it stands still, until the next records are added. */
  readonly say: (what: string) => void;
  readonly stop: () => void;
}

/** `total` is null while it is not known. Draws nothing unless `show`. */
export function startProgress(show: boolean, verb: string, total: number | null): Progress {
  if (!show || total === 0) return { add: () => undefined, say: () => undefined, stop: () => undefined };
  const format =
    total === null
      ? `${verb} {value} records  {where}`
      : `${verb} [{bar}] {percentage}%  {value}/{total}  {where}`;
  const bar = new cliProgress.SingleBar({
    format,
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: true,
    barsize: 30,
  });
  bar.start(total ?? 0, 0, { where: '' });
  return {
    add: (records, where) => {
      bar.increment(records, { where });
    },
    say: what => {
      bar.update({ where: what });
    },
    stop: () => {
      bar.stop();
    },
  };
}
