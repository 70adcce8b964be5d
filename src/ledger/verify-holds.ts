// Whether the register of holds is what the audit log says was placed and released: a hold that was taken out of the
// register by another hand would hold nothing.
import { digestOf } from '../digest.ts';
import type { AuditEntry } from './audit-entry.ts';
import type { Ledger } from './ledger.ts';

/** What is wrong with the register, or null. */
export async function brokenHold({ audit, holds }: Pick<Ledger, 'audit' | 'holds'>): Promise<string | null> {
  const told = new Map<string, string>();
  for (const kind of ['hold-placed', 'hold-released'] as const) {
    for await (const { body } of audit.entries({ kind })) {
      const { event } = JSON.parse(body) as AuditEntry;
      if (event.kind === kind) told.set(event.hold, event.holdDigest);
    }
  }
  const registered = new Map((await holds.list()).map(hold => [hold.id, digestOf(hold)]));
  for (const [id, digest] of told) {
    if (registered.get(id) !== digest)
      return `hold ${id} in the register is not the one that the log tells of`;
  }
  const stray = [...registered.keys()].find(id => !told.has(id));
  return stray === undefined ? null : `hold ${stray} in the register was never placed by the log`;
}
