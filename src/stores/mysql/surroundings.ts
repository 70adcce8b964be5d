// What else acts on a table, as far as this user may see it: triggers, whoever they run as, and events of the server.
import type { TableName } from '../../policy/table-name.ts';
import type { Definers } from '../sql/dialect.ts';
import type { Ask } from './ask.ts';

const OF_TABLE = 'EVENT_OBJECT_SCHEMA = COALESCE(?, DATABASE()) AND EVENT_OBJECT_TABLE = ?';

/** Triggers that deletes or updates set off, as far as this user may see them. */
export async function triggersOn(
  ask: Ask,
  { database, name }: TableName,
  act: 'DELETE' | 'UPDATE',
): Promise<string[]> {
  const triggers = await ask(
    `SELECT TRIGGER_NAME AS name FROM information_schema.TRIGGERS WHERE ${OF_TABLE} AND EVENT_MANIPULATION = ?`,
    [database, name, act],
  );
  return triggers.map(trigger => String(trigger.name));
}

/** A trigger runs as whoever its definer is; where that is no user any more, the server refuses every row that sets it off. */
export async function definersOf(ask: Ask, { database, name }: TableName): Promise<Definers> {
  const triggers = await ask(
    `SELECT TRIGGER_NAME AS name, DEFINER AS definer FROM information_schema.TRIGGERS WHERE ${OF_TABLE} AND EVENT_MANIPULATION IN ('DELETE', 'UPDATE')`,
    [database, name],
  );
  const gone: { trigger: string; definer: string }[] = [];
  const unseen: { trigger: string; definer: string }[] = [];
  for (const { name: trigger, definer } of triggers) {
    const one = { trigger: String(trigger), definer: String(definer) };
    const exists = await isUser(ask, one.definer);
    if (exists === null) unseen.push(one);
    else if (!exists) gone.push(one);
  }
  return { gone, unseen };
}

/** Null: this user may not know. */
async function isUser(ask: Ask, definer: string): Promise<boolean | null> {
  // A host has no @ in it, and a role has no host.
  const at = definer.lastIndexOf('@');
  const [user, host] = at === -1 ? [definer, ''] : [definer.slice(0, at), definer.slice(at + 1)];
  try {
    return (await ask('SELECT 1 FROM mysql.user WHERE User = ? AND Host = ?', [user, host])).length > 0;
  } catch {
    return null;
  }
}

/** Events that are switched on and name a table, those of other databases if they name its database too. */
export async function eventsNaming(ask: Ask, { database, name }: TableName): Promise<string[]> {
  const events = await ask(
    "SELECT EVENT_SCHEMA AS home, EVENT_NAME AS name, EVENT_DEFINITION AS body FROM information_schema.EVENTS WHERE STATUS = 'ENABLED'",
  );
  return events
    .filter(({ home, body }) => {
      const isNear = home === database || isNamed(database ?? '', String(body));
      return isNear && isNamed(name, String(body));
    })
    .map(event => (event.home === database ? String(event.name) : `${event.home}.${event.name}`));
}

function isNamed(name: string, text: string): boolean {
  const spelt = name.replace(/[^A-Za-z0-9_]/g, '\\$&');
  return new RegExp(`(^|[^A-Za-z0-9_$])${spelt}($|[^A-Za-z0-9_$])`, 'i').test(text);
}
