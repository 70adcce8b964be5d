// What a user may not do of what disposing of records takes, told before anything goes and not by the first write.
import type { Disposition } from '../../policy/policy.ts';
import type { Mismatch } from '../mismatch.ts';
import type { Target } from '../sql/query.ts';
import type { Ask } from './ask.ts';
import { grantedTo, isGranted } from './rights.ts';

/** Nothing where the server does not list the user's rights one by one: roles are not looked into. */
export async function missingRights(
  ask: Ask,
  { dataset }: Target,
  dispositions: readonly Disposition[],
): Promise<readonly Mismatch[]> {
  const granted = await grantedTo(ask);
  if (granted === null) return [];
  const [server] = await ask('SELECT DATABASE() AS home');
  const [table = '', home = String(server?.home)] = dataset.at.split('.').reverse();
  const needed = new Set<string>();
  if (dispositions.includes('purge')) needed.add('DELETE');
  if (dispositions.some(one => one !== 'purge')) needed.add('UPDATE');
  if (dispositions.includes('purge') && dataset.partitions === 'drop') needed.add('ALTER').add('DROP');
  return [...needed]
    .filter(right => !isGranted(granted, home, table, right))
    .map(right => ({
      dataset: dataset.name,
      message: `the user that enforces has no ${right} on "${dataset.at}"`,
      hint: 'Grant it: retention doctor JOB prints the statements. Or the url is given the user that plans',
    }));
}
