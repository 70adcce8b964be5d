// What this user may not see around a table is said, and never taken for none.
import type { Unseen } from '../mismatch.ts';
import type { Target } from './query.ts';

/** What a write could set off, or who else acts on the table, without this user seeing it beforehand. */
export function unseenEffects({ dataset, table, children }: Target): Unseen[] {
  const { seesTriggers, seesForeignKeys, seesEvents, unread } = table.rights;
  const found: Unseen[] = [];
  const say = (verdict: Unseen['verdict'], message: string, hint: string): void => {
    found.push({ dataset: dataset.name, verdict, message, hint });
  };
  const blind = [
    ...(seesTriggers ? [] : [dataset.at]),
    ...children.filter(one => !one.table.rights.seesTriggers).map(one => one.child.at),
  ];
  if (blind.length > 0)
    say(
      'advises',
      `this user may not see the triggers of ${blind.map(at => `"${at}"`).join(', ')}, and one could act on every write`,
      'Planning can do without: enforcing looks at them, with its own user, before anything goes',
    );
  if (!seesForeignKeys)
    say(
      'warns',
      `this user sees foreign keys of tables that it has rights on only, and another could cascade from "${dataset.at}"`,
      'GRANT REFERENCES ON *.*: it shows them, and lets neither read nor change anything',
    );
  if (!seesEvents)
    say(
      'advises',
      `this user may not see the events of the server, and one could delete from "${dataset.at}" by itself`,
      'See SHOW EVENTS as somebody who may, or GRANT EVENT on the database: whoever has it can make events, which may do no more than their maker',
    );
  for (const { trigger, definer } of table.definers.unseen)
    say(
      'advises',
      `this user may not see whether "${definer}", as whom the trigger "${trigger}" runs, is still a user: if not, every write fails`,
      'GRANT SELECT (User, Host) ON mysql.user shows it',
    );
  if (unread.length > 0)
    say(
      'warns',
      `the server says of this user's rights what is not understood here: ${unread.join('; ')}`,
      'What it may see or do is then not known: give the user the grants that are printed below, and no others',
    );
  return found;
}
