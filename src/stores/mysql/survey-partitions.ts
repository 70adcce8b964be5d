// Which partitions of a table can go as a whole: those whose bounds, as the server states them, prove that everything in
// them started early enough, and in which nothing is set apart. What cannot be told goes row by row.
import type { Knex } from 'knex';
import { shownTable, type TableName } from '../../policy/table-name.ts';
import type { SureRange } from '../listed.ts';
import type { DuePartition, PartitionSurvey } from '../partition.ts';
import { sealed, tableOf } from '../sql/names.ts';
import type { Target } from '../sql/query.ts';
import { type Ask, askOf } from './ask.ts';
import { canBeListed } from './key-texts.ts';
import { axisOf } from './partition-axis.ts';
import { isProven, type PartitionRow, partitionBound } from './partition-bound.ts';
import { type SureRule, sureRule } from './partition-page.ts';

interface NamedPartition extends PartitionRow {
  readonly name: string | null;
  readonly sub: string | null;
  readonly estimated: string | number | null;
}

export async function surveyPartitions(
  database: Knex,
  target: Target,
  range: SureRange,
): Promise<PartitionSurvey> {
  const { dataset } = target;
  const ask = askOf(database);
  const all = await partitionsOf(ask, target.table.place);
  const names = all.flatMap(one => one.name ?? []);
  const none = (why: string): PartitionSurvey => ({ due: [], others: [...new Set(names)], why });
  const rule = sureRule(database, target, range);
  const against = await wholeTableObjection(ask, target, all);
  if (against !== null) return none(against);
  if (rule === null || !canBeListed(target))
    return none('the server cannot tell by these columns what holds and instructions speak of');
  if (axisOf(target) === null) return none('no index goes along the start or the key');
  const due: DuePartition[] = [];
  for (const [position, one] of all.entries()) {
    const bound = partitionBound(one, dataset.startColumn, dataset.start.unit);
    if (one.name === null || bound === null || !isProven(bound, range.before)) continue;
    const place = { name: one.name, bound: one.description ?? '', estimatedRows: Number(one.estimated ?? 0) };
    // Rows without a start, and those with a start of zero, are in the lowest.
    const isClear = rule.isPlain && position > 0;
    due.push({ ...place, why: isClear ? null : await objection(database, target, rule, one.name) });
  }
  // A table cannot be without a partition.
  const [last] = due.splice(due.length === all.length ? -1 : due.length);
  if (last !== undefined) due.push({ ...last, why: last.why ?? 'it is the last that the table has' });
  const own = new Set(due.filter(one => one.why === null).map(one => one.name));
  return { due, others: names.filter(name => !own.has(name)), why: null };
}

/** The partitions of a table in their order; one without a name where it has none, several of a name for subpartitions. */
export async function partitionsOf(
  ask: Ask,
  { database, name }: TableName,
): Promise<readonly NamedPartition[]> {
  const rows = await ask(
    'SELECT PARTITION_NAME AS name, PARTITION_METHOD AS method, PARTITION_EXPRESSION AS expression, PARTITION_DESCRIPTION AS description, SUBPARTITION_NAME AS sub, TABLE_ROWS AS estimated FROM information_schema.PARTITIONS WHERE TABLE_SCHEMA = COALESCE(?, DATABASE()) AND TABLE_NAME = ? ORDER BY PARTITION_ORDINAL_POSITION, SUBPARTITION_ORDINAL_POSITION',
    [database, name],
  );
  return rows as unknown as readonly NamedPartition[];
}

/** Why no partition of a table may be dropped; null where some may. */
export async function wholeTableObjection(
  ask: Ask,
  { dataset, table }: Target,
  all: readonly NamedPartition[],
): Promise<string | null> {
  const [first] = all;
  if (first === undefined || first.name === null) return `${dataset.at} has no partitions`;
  if (all.some(one => one.sub !== null))
    return `the partitions of ${dataset.at} have partitions of their own`;
  const isKnown = all.some(one => partitionBound(one, dataset.startColumn, dataset.start.unit) !== null);
  if (!isKnown && !(all.length === 1 && first.description === 'MAXVALUE'))
    return `${dataset.at} is partitioned by ${first.method ?? ''} ${first.expression ?? ''}, which says nothing of ${dataset.startColumn}`;
  const [trigger] = table.deleteTriggers;
  if (trigger !== undefined) return `trigger ${trigger} acts on deletes, and a drop sets none off`;
  const [reached] = table.deleting.rows;
  if (reached !== undefined) return `a delete reaches ${shownTable(reached.table)}, and a drop does not`;
  return writersElsewhere(ask);
}

/** On a cluster that writes on several servers, LOCK TABLES keeps out the writers of one. */
async function writersElsewhere(ask: Ask): Promise<string | null> {
  const rows = await ask(
    "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('wsrep_on', 'group_replication_group_name', 'group_replication_single_primary_mode')",
  );
  const values = new Map(rows.map(row => [row.Variable_name, row.Value]));
  const isGalera = values.get('wsrep_on') === 'ON';
  const isGroup =
    (values.get('group_replication_group_name') ?? '') !== '' &&
    values.get('group_replication_single_primary_mode') !== 'ON';
  return isGalera || isGroup
    ? 'the server is one of several that are written to, and a lock holds on one'
    : null;
}

/** What stands against dropping a partition, in words; null where all of its rows are sure. */
async function objection(
  database: Knex,
  { table }: Target,
  rule: SureRule,
  partition: string,
): Promise<string | null> {
  const [[row]] = await database.raw(
    'select count(*) as n, coalesce(sum(?), 0) as due, coalesce(sum(? and ?), 0) as sure from ?? partition (??)',
    [rule.due, rule.due, rule.sure, tableOf(table.place), sealed(partition)],
  );
  const [rows, due, sure] = [Number(row.n), Number(row.due), Number(row.sure)];
  if (rows === sure) return null;
  const said = [
    ...(due > sure ? [`${due - sure} may be held or instructed otherwise`] : []),
    ...(rows > due ? [`${rows - due} are undated or of another class`] : []),
  ];
  return `of its ${rows} rows ${said.join(', ')}`;
}
