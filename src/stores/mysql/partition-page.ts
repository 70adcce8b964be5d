// What is asked of a slice of a partition, in one pass over one index: when its plan is made, to list its keys, and again
// under lock before it is dropped, to see that they are the same. Both questions must stay one statement's two readings.
import type { Knex } from 'knex';
import type { Stretch, SureRange } from '../listed.ts';
import { sealed, tableOf } from '../sql/names.ts';
import type { Target } from '../sql/query.ts';
import { and, notApart, nothingApart, readableStart, startedWithin, withinStretch } from './conditions.ts';
import { isPlainText } from './key-texts.ts';
import { axisValue } from './partition-axis.ts';

/** A partition and the index to read it along. */
export interface PartitionPlace {
  readonly partition: string;
  readonly index: string;
}

/** What is sure in a partition, as the server tells it. */
export interface SureRule {
  /** Rows of it count as sure; together with `inRange` it speaks of all. */
  readonly count: Knex.Raw;
  readonly inRange: Knex.Raw;
  /** For a look at each: started within the range, and not set apart. */
  readonly due: Knex.Raw;
  readonly sure: Knex.Raw;
  /** Nothing but the start decides, so that rows differ in nothing else. */
  readonly isPlain: boolean;
}

/** Null where the server cannot tell. Columns stand for themselves: under LOCK TABLES another name is another table. */
export function sureRule(database: Knex, target: Target, range: SureRange): SureRule | null {
  const apart = notApart(database, target, range);
  if (apart === null) return null;
  const { dataset } = target;
  const column = database.raw('??', [sealed(dataset.startColumn)]);
  const due = startedWithin(database, target, range, column);
  const sure = and(database, [apart, isPlainText(database, target)]);
  const isPlain =
    range.tags === null &&
    dataset.start.sentinels.length === 0 &&
    nothingApart(range) &&
    dataset.key.every(one => target.table.columns.get(one)?.type !== 'text');
  return {
    // A start that is no real date is NULL by its plain value; counting values takes less than weighing conditions.
    count: isPlain
      ? database.raw('count(?)', [readableStart(database, target)])
      : database.raw('coalesce(sum(? and ?), 0)', [due, sure]),
    inRange: database.raw('coalesce(min(?) >= ? and max(?) < ?, 0)', [
      column,
      range.plausibleFrom,
      column,
      range.before,
    ]),
    due,
    sure,
    isPlain,
  };
}

/** The rows of a page: `from` partition `where` slice. */
export function pageFrom(
  database: Knex,
  target: Target,
  place: PartitionPlace,
  stretch: PageStretch,
): Knex.Raw {
  return database.raw('from ?? partition (??) force index (??) where ?', [
    tableOf(target.table.place),
    sealed(place.partition),
    sealed(place.index),
    pageWhere(database, target, stretch),
  ]);
}

export type PageStretch = Pick<Stretch, 'by' | 'slice'> & {
  readonly after: Stretch['after'];
  readonly to: Stretch['to'] | null;
};

/** Slices of one partition that follow each other from end to end leave no row out: the first takes NULLs too. */
function pageWhere(database: Knex, target: Target, stretch: PageStretch): Knex.Raw {
  const { slice, by } = stretch;
  const start = database.raw('??', [sealed(target.dataset.startColumn)]);
  if (slice === undefined) return withinStretch(database, target, stretch, start);
  const column = sliceColumn(target, by);
  const all: Knex.Raw[] = [];
  if (slice.from !== null)
    all.push(database.raw('?? >= ?', [sealed(column), axisValue(database, target, column, slice.from)]));
  if (slice.until !== null) {
    const until = axisValue(database, target, column, slice.until);
    const isFirst = slice.from === null && target.table.columns.get(column)?.nullable === true;
    all.push(
      isFirst
        ? database.raw('(?? < ? or ?? is null)', [sealed(column), until, sealed(column)])
        : database.raw('?? < ?', [sealed(column), until]),
    );
  }
  return and(database, all);
}

function sliceColumn({ dataset }: Target, by: Stretch['by']): string {
  return by === 'start' ? dataset.startColumn : (dataset.key[0] ?? '');
}
