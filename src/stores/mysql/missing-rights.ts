// What a user may not do of what disposing of records takes, told before anything goes and not by the first write.
import type { Disposition } from '../../policy/policy.ts';
import { shownTable } from '../../policy/table-name.ts';
import type { Mismatch } from '../mismatch.ts';
import type { Target } from '../sql/query.ts';
import type { Ask } from './ask.ts';
import { missingOn } from './rights.ts';

/** Nothing where the server does not list the user's rights one by one. */
export async function missingRights(
  ask: Ask,
  { dataset, table }: Target,
  dispositions: readonly Disposition[],
): Promise<readonly Mismatch[]> {
  const [server] = await ask('SELECT DATABASE() AS home, VERSION() AS version');
  const { database, name } = table.place;
  const needed: string[] = [];
  if (dispositions.includes('purge')) needed.push('DELETE');
  if (dispositions.some(one => one !== 'purge')) needed.push('UPDATE');
  // Without it MySQL shows no triggers, and one could keep what is masked.
  if (needed.includes('UPDATE') && !/mariadb/i.test(String(server?.version))) needed.push('TRIGGER');
  const missing = await missingOn(ask, database ?? String(server?.home), name, needed);
  return missing.map(right => ({
    dataset: dataset.name,
    message: `the user that enforces has no ${right} on "${shownTable(dataset.table)}"`,
    hint: 'Grant it: retention doctor JOB prints the statements. Or the url is given the user that plans',
  }));
}
