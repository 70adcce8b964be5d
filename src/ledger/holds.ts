// The hold register: holds placed and released by command, each with who and why, each act an audit entry.
import type { Knex } from 'knex';
import { digestOf } from '../digest.ts';
import { RetentionError } from '../errors.ts';
import type { Hold } from '../policy/policy.ts';
import type { AuditLog } from './audit-log.ts';

export interface Holds {
  readonly list: () => Promise<readonly Hold[]>;
  /** The same, read again only where the audit log has an entry of holds since. */
  readonly now: () => Promise<readonly Hold[]>;
  readonly place: (hold: Hold) => Promise<void>;
  readonly release: (id: string, by: string, atMs: number, reason: string) => Promise<Hold>;
}

export function holds(database: Knex, audit: AuditLog): Holds {
  const list = async (): Promise<Hold[]> =>
    (await database('holds').orderBy('id').select('body')).map(
      (row: { body: string }) => JSON.parse(row.body) as Hold,
    );
  return {
    list,
    now: rememberedHolds(database, audit, list),
    place: async hold => {
      requireShort('id', hold.id, MOST_ID);
      requireShort('matter', hold.matter, MOST_TEXT);
      requireShort('reason', hold.reason, MOST_TEXT);
      if ((await list()).some(known => known.id === hold.id)) {
        throw new RetentionError(
          'usage-invalid',
          `hold ${hold.id} stands in the register already`,
          'Give the new one another id',
        );
      }
      await audit.append(
        { kind: 'hold-placed', hold: hold.id, holdDigest: digestOf(hold), reason: hold.matter },
        null,
        {
          also: async transaction => {
            await transaction('holds').insert({ id: hold.id, body: JSON.stringify(hold) });
          },
        },
      );
    },
    release: async (id, by, atMs, reason) => {
      const hold = (await list()).find(known => known.id === id);
      if (hold === undefined) {
        throw new RetentionError(
          'not-found',
          `there is no hold ${id} in the register`,
          'See: retention hold list. A hold placed by file is released in its file',
        );
      }
      if (hold.releasedAtMs !== null) {
        throw new RetentionError(
          'usage-invalid',
          `hold ${id} was released before`,
          'See: retention hold list',
        );
      }
      const released: Hold = { ...hold, releasedBy: by, releasedAtMs: atMs, releaseReason: reason };
      await audit.append({ kind: 'hold-released', hold: id, holdDigest: digestOf(released), reason }, null, {
        also: async transaction => {
          await transaction('holds')
            .where({ id })
            .update({ body: JSON.stringify(released) });
        },
      });
      return released;
    },
  };
}

/** Every hold that is placed or released writes an entry in the same transaction, so that new entries tell of both. */
function rememberedHolds(
  database: Knex,
  audit: AuditLog,
  list: () => Promise<readonly Hold[]>,
): () => Promise<readonly Hold[]> {
  let known: { readonly seq: number; readonly holds: readonly Hold[] } | null = null;
  return async () => {
    if (known === null) {
      // The head first: what is placed in between is read, and then once more.
      const { seq } = await audit.head();
      known = { seq, holds: await list() };
      return known.holds;
    }
    const since: { seq: unknown; kind: string }[] = await database('audit_log')
      .where('seq', '>', known.seq)
      .orderBy('seq')
      .select('seq', 'kind');
    const seq = Number(since.at(-1)?.seq ?? known.seq);
    const isChanged = since.some(({ kind }) => kind === 'hold-placed' || kind === 'hold-released');
    known = { seq, holds: isChanged ? await list() : known.holds };
    return known.holds;
  };
}

/** What the register's column takes on a server, and so everywhere: a ledger may move. */
const MOST_ID = 64;
/** Far more than a sentence; a report has to show it. */
const MOST_TEXT = 2000;

function requireShort(what: string, text: string, most: number): void {
  const length = [...text].length;
  if (length <= most) return;
  throw new RetentionError(
    'usage-invalid',
    `the ${what} of a hold is ${length} characters long`,
    `Make it ${most} at most`,
  );
}
