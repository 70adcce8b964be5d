// Flags and anonymises rows of a batch that are locked and ruled on.
import type { Knex } from 'knex';
import { applyMask } from '../../masks/mask.ts';
import type { Key } from '../../policy/policy.ts';
import type { StoredRecord } from '../../policy/record.ts';
import type { Outcome } from '../order.ts';
import type { Work } from './lock-records.ts';
import { sealed, tableOf } from './names.ts';
import { movingColumns, whereKeys } from './query.ts';
import { countChanged } from './rows-along.ts';

export async function flag(work: Work, keys: readonly Key[]): Promise<Outcome[]> {
  const { flag: mark } = work.target.dataset;
  if (mark === null) throw new Error(`dataset ${work.target.dataset.name} has no flag`);
  await noteChanged(work, work.transaction, keys);
  await update(work, work.transaction, keys, { [mark.column]: mark.value });
  return keys.map(key => ({ key, did: 'flagged' }));
}

/** Masks the named fields of each row; rows whose masked values are the same are written together. */
export async function anonymise(
  work: Work,
  transaction: Knex.Transaction,
  records: readonly StoredRecord[],
): Promise<Outcome[]> {
  const { anonymise: rule } = work.target.dataset;
  if (rule === null) throw new Error(`dataset ${work.target.dataset.name} has no fields to anonymise`);
  const groups = new Map<string, { readonly values: Record<string, string | null>; readonly keys: Key[] }>();
  for (const record of records) {
    const values: Record<string, string | null> = {};
    for (const { column, mask } of rule.fields)
      values[column] = applyMask(mask, record.columns[column] ?? null, work.hashKey);
    if (rule.marker !== null) values[rule.marker.column] = rule.marker.value;
    const id = JSON.stringify(values);
    const group = groups.get(id);
    if (group === undefined) groups.set(id, { values, keys: [record.key] });
    else group.keys.push(record.key);
  }
  await noteChanged(
    work,
    transaction,
    records.map(({ key }) => key),
  );
  for (const { values, keys } of groups.values()) await update(work, transaction, keys, values);
  return records.map(({ key }) => ({ key, did: 'anonymised' }));
}

/** Rows elsewhere that go by what is written here, counted before they change. */
async function noteChanged(
  { dialect, target, order, went }: Work,
  connection: Knex.Transaction,
  keys: readonly Key[],
): Promise<void> {
  const changed = await countChanged({ connection, dialect }, target, keys, order.disposition, true);
  for (const [at, rows] of Object.entries(changed)) went.set(at, (went.get(at) ?? 0) + rows);
}

async function update(
  work: Work,
  transaction: Knex.Transaction,
  keys: readonly Key[],
  values: Readonly<Record<string, string | null>>,
): Promise<void> {
  const { target } = work;
  const { dataset, table } = target;
  const query = transaction(tableOf(table.place));
  whereKeys(query, target, keys, '');
  // A start column that updates itself (ON UPDATE CURRENT_TIMESTAMP) must not take this write for a new start.
  const moving = movingColumns(dataset, table).filter(column => !(column in values));
  const kept = Object.fromEntries(moving.map(column => [sealed(column), transaction.ref(sealed(column))]));
  const written = Object.fromEntries(Object.entries(values).map(([column, to]) => [sealed(column), to]));
  expectAll(await query.update({ ...written, ...kept }), keys.length, work);
}

/** Rows under lock cannot vanish: another count means that something else is wrong, and the batch is undone. */
export function expectAll(affected: number, expected: number, { target }: Work): void {
  if (affected === expected) return;
  throw new Error(`${target.dataset.name}: ${affected} rows were written where ${expected} stood under lock`);
}
