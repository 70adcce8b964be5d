// What a user may not do of what disposing of records takes, told before anything goes and not by the first write.
import type { Disposition } from '../../policy/policy.ts';
import { shownTable } from '../../policy/table-name.ts';
import type { Mismatch } from '../mismatch.ts';
import type { Target } from '../sql/query.ts';
import type { Ask } from './ask.ts';
import { reachedRights } from './reached-rights.ts';
import { missingOn } from './rights.ts';

/** Nothing where the server does not list the user's rights one by one. */
export async function missingRights(
  ask: Ask,
  { dataset, table }: Target,
  dispositions: readonly Disposition[],
): Promise<readonly Mismatch[]> {
  const [server] = await ask('SELECT DATABASE() AS home, VERSION() AS version');
  const isMariadb = /mariadb/i.test(String(server?.version));
  const needed: string[] = [];
  if (dispositions.includes('purge')) needed.push('DELETE');
  if (dispositions.some(one => one !== 'purge')) needed.push('UPDATE');
  // Without it MySQL shows no triggers, and one could keep what is masked.
  if (needed.includes('UPDATE') && !isMariadb) needed.push('TRIGGER');
  const wanted = [
    { at: table.place, rights: needed },
    ...reachedRights(dataset, table, dispositions, isMariadb).map(one => ({
      at: one.table,
      rights: one.toEnforce.map(right => right.replace(/ .*/, '')),
    })),
  ];
  const found: Mismatch[] = [];
  for (const { at, rights } of wanted)
    for (const right of await missingOn(ask, at.database ?? String(server?.home), at.name, rights))
      found.push({
        dataset: dataset.name,
        message: `the user that enforces has no ${right} on "${shownTable(table.keys.named(at))}"`,
        hint: 'Grant it: retention doctor JOB prints the statements. Or the url is given the user that plans',
      });
  return found;
}
