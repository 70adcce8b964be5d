// The lease on enforcement: one process at a time may dispose of anything under a ledger. It lapses by itself when its
// holder is killed, and its holder must find it still its own before every batch.
import type { Knex } from 'knex';

/** Long enough to outlive a slow batch, short enough that the run after a crash need not wait long. */
export const LEASE_MS = 30_000;

export interface Leases {
  /** Takes or keeps the lease for `LEASE_MS`; true when it is now the holder's. */
  readonly take: (holder: string, nowMs: number) => Promise<boolean>;
  readonly giveUp: (holder: string) => Promise<void>;
  readonly holder: () => Promise<{ readonly holder: string; readonly expiresAtMs: number } | null>;
}

const NAME = 'enforce';

export function leases(database: Knex): Leases {
  return {
    take: async (holder, nowMs) => {
      const mine = { holder, expires_at: nowMs + LEASE_MS };
      const taken = await database('leases')
        .where({ name: NAME })
        .where(free => free.where({ holder }).orWhere('expires_at', '<', nowMs))
        .update(mine);
      if (taken > 0) return true;
      // What an ignored insert answers differs between databases: only a second look is sure.
      await database('leases')
        .insert({ name: NAME, ...mine })
        .onConflict('name')
        .ignore();
      const row = await database('leases').where({ name: NAME }).first('holder');
      return row?.holder === holder;
    },
    giveUp: async holder => {
      await database('leases').where({ name: NAME, holder }).delete();
    },
    holder: async () => {
      const row = await database('leases').where({ name: NAME }).first();
      return row === undefined ? null : { holder: String(row.holder), expiresAtMs: Number(row.expires_at) };
    },
  };
}
