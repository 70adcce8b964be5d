// Whether enforcement is paused, under a whole ledger: told by command, seen by the run that is going on and by every later
// one. Each act is an audit entry, with who and why.
import type { Knex } from 'knex';
import type { AuditLog } from './audit-log.ts';

export interface Pause {
  readonly by: string;
  readonly atMs: number;
  readonly reason: string | null;
}

export interface Pauses {
  /** The pause in force, or null. */
  readonly current: () => Promise<Pause | null>;
  /** Pauses; where it is paused already nothing changes. True when it was this call. */
  readonly pause: (pause: Pause) => Promise<boolean>;
  /** Ends the pause, and gives the one that it ended; null when there was none. */
  readonly resume: (reason: string | null) => Promise<Pause | null>;
}

/** There is one pause at most. */
const ROW = { id: 1 };

export function pauses(database: Knex, audit: AuditLog): Pauses {
  const current = async (): Promise<Pause | null> => {
    const row = await database('pauses').where(ROW).first('paused_by', 'paused_at', 'reason');
    if (row === undefined) return null;
    return { by: String(row.paused_by), atMs: Number(row.paused_at), reason: row.reason };
  };
  return {
    current,
    pause: async ({ by, atMs, reason }) => {
      if ((await current()) !== null) return false;
      await audit.append({ kind: 'paused', reason }, null, {
        also: async transaction => {
          // Two people may pause at the same moment: both are in the log, and it is one pause.
          await transaction('pauses')
            .insert({ ...ROW, paused_by: by, paused_at: atMs, reason })
            .onConflict('id')
            .merge();
        },
      });
      return true;
    },
    resume: async reason => {
      const ended = await current();
      if (ended === null) return null;
      await audit.append({ kind: 'resumed', reason }, null, {
        also: async transaction => {
          await transaction('pauses').where(ROW).delete();
        },
      });
      return ended;
    },
  };
}
