// How the SQL kinds join the contract suite: the same datasets, seeding and looking for both.
import type { Knex } from 'knex';
import { formatWall } from '../../src/policy/wall-time.ts';
import type { DatasetFile } from '../support/store-maps.ts';

const start = { event: 'recorded', column: 'recorded', unit: 'datetime', zone: 'UTC' } as const;

export const contractDatasets: readonly DatasetFile[] = [
  { dataset: 'records', table: 'records', key: ['name'], class: 'thing', start },
  { dataset: 'absent', table: 'no_such_place', key: ['name'], class: 'thing', start },
];

export async function putRecords(
  knex: Knex,
  records: readonly { readonly name: string; readonly startMs: number }[],
): Promise<void> {
  await knex('records').insert(records.map(({ name, startMs }) => ({ name, recorded: formatWall(startMs) })));
}

export async function storedNames(knex: Knex): Promise<string[]> {
  const names: string[] = await knex('records').pluck('name');
  return names.sort();
}
