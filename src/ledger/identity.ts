// Which ledger this is: a random name that it got with its tables, and whether a person, or the first run after an upgrade,
// has said that it is the right one.
import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';

export interface Identity {
  readonly id: string;
  /** `upgraded`: it was there before ledgers had a name. */
  readonly origin: 'made' | 'upgraded';
  /** When it was said to be the right one, in ms; null: never. */
  readonly knownSinceMs: number | null;
  /** True when it was said that a register without holds is right. */
  readonly noHolds: boolean;
}

const ROW = { id: 1 };

export interface Identities {
  readonly read: () => Promise<Identity>;
}

export function identities(database: Knex): Identities {
  return {
    read: async () => {
      const row = await database('ledger_identity').where(ROW).first();
      return {
        id: String(row.name),
        origin: row.origin === 'upgraded' ? 'upgraded' : 'made',
        knownSinceMs: row.known_since === null ? null : Number(row.known_since),
        noHolds: Number(row.no_holds) === 1,
      };
    },
  };
}

/** Names a ledger that has no name, once. */
export async function nameLedger(database: Knex, origin: Identity['origin']): Promise<void> {
  await database('ledger_identity')
    .insert({ ...ROW, name: randomUUID(), origin, known_since: null, no_holds: 0 })
    .onConflict('id')
    .ignore();
}

/** Writes down that it is the right one, within the transaction of the audit entry that says so. */
export async function makeKnown(
  transaction: Knex.Transaction,
  known: { readonly sinceMs: number; readonly noHolds: boolean },
): Promise<void> {
  await transaction('ledger_identity')
    .where(ROW)
    .update({ known_since: known.sinceMs, no_holds: known.noHolds ? 1 : 0 });
}
