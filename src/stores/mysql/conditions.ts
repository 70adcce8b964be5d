// What makes a record sure, as conditions that MySQL and MariaDB evaluate themselves: the range of its start, and that no
// hold or instruction could speak of it. Wide where `policy/identity.ts` is wide: what may be meant is set apart.
import type { Knex } from 'knex';
import { foldId } from '../../policy/identity.ts';
import { MUST_BE_READ } from '../../policy/number-texts.ts';
import { tailsOf } from '../../policy/numbers.ts';
import type { Literal, StartUnit } from '../../policy/start.ts';
import type { Mark, Stretch, SureRange } from '../listed.ts';
import { sealed } from '../sql/names.ts';
import { bindPart, type Target } from '../sql/query.ts';

/** The start as a value that is NULL where it is no real date or time (`2024-02-31`, or a month 0). */
export const READABLE_START: Readonly<Record<Exclude<StartUnit, 'text'>, string>> = {
  datetime: '(?? + interval 0 second)',
  timestamp: '(?? + interval 0 second)',
  date: '(?? + interval 0 day)',
  'epoch-s': '(?? + 0)',
  'epoch-ms': '(?? + 0)',
  'epoch-us': '(?? + 0)',
};

export function readableStart(database: Knex, target: Target): Knex.Raw {
  const { unit } = target.dataset.start;
  if (unit === 'text') throw new Error('a start of unit text cannot be compared by the server');
  return database.raw(READABLE_START[unit], [sealed(target.dataset.startColumn)]);
}

/**
 * The start as a value that no index is used for: left to itself the server may follow the start's index where the key's
 * is meant. It costs a tenth of the readable start, and conditions are weighed for every row.
 */
export function unindexedStart(database: Knex, { dataset }: Target): Knex.Raw {
  return database.raw('coalesce(??)', [sealed(dataset.startColumn)]);
}

/** Started within the range and readable at all; `start` is the column itself, for an index, or its unindexed value. */
export function startedWithin(database: Knex, target: Target, range: SureRange, start: Knex.Raw): Knex.Raw {
  const { dataset } = target;
  // What is not due is mostly too young: asked first, nothing else is asked of it.
  const all = [
    database.raw('? < ?', [start, range.before]),
    database.raw('? >= ?', [start, range.plausibleFrom]),
  ];
  const { sentinels } = dataset.start;
  if (sentinels.length > 0) all.push(notIn(database, start, sentinels));
  if (range.tags !== null && dataset.tagColumn !== null)
    all.push(database.raw(`?? in (${placesFor(range.tags)})`, [sealed(dataset.tagColumn), ...range.tags]));
  return and(database, all);
}

/** No hold and no instruction of the range speaks of it. Null where a column is of a type that this cannot be told of. */
export function notApart(database: Knex, target: Target, { apart }: SureRange): Knex.Raw | null {
  const start = unindexedStart(database, target);
  const all: Knex.Raw[] = [database.raw('? is not null', [readableStart(database, target)])];
  const { customerColumn, numberColumns, key } = target.dataset;
  if (apart.customers.length > 0 || apart.withoutCustomer) {
    const condition = customerColumn === null ? null : otherCustomer(database, target, customerColumn, apart);
    if (condition === null) return null;
    all.push(condition);
  }
  if (apart.numbers.length > 0 || apart.withoutNumbers) {
    const columns = numberColumns;
    if (columns.length === 0) return null;
    const patterns = [...new Set(apart.numbers.flatMap(tailsOf).map(digitsPattern))];
    for (const pattern of patterns.length === 0 ? [] : [MUST_BE_READ, ...patterns])
      for (const column of columns)
        all.push(database.raw("coalesce(??, '') not regexp ?", [sealed(column), pattern]));
    if (apart.withoutNumbers)
      all.push(
        or(
          database,
          columns.map(column => database.raw("?? regexp '[0-9]'", [sealed(column)])),
        ),
      );
  }
  if (apart.jurisdictions !== undefined) {
    const condition = statedJurisdiction(database, target, apart.jurisdictions);
    if (condition === null) return null;
    all.push(condition);
  }
  for (const one of apart.keys) {
    const same = key.map((column, index) => sameAs(database, target, column, index, one[index] ?? ''));
    all.push(database.raw('not (?)', [and(database, same)]));
  }
  for (const { from, until } of apart.spans) {
    const within = [
      ...(from === null ? [] : [database.raw('? >= ?', [start, from])]),
      ...(until === null ? [] : [database.raw('? < ?', [start, until])]),
    ];
    all.push(database.raw('not (?)', [and(database, within)]));
  }
  return and(database, all);
}

/** Whether no hold and no instruction could speak of any record of the range: then nothing but the start decides. */
export function nothingApart({ apart }: SureRange): boolean {
  return Object.values(apart).every(one => (Array.isArray(one) ? one.length === 0 : one === false));
}

/** A part of a key; in a text a number may have zeros before it. */
function sameAs(database: Knex, target: Target, column: string, index: number, part: string): Knex.Raw {
  const name = sealed(column);
  const same = database.raw('?? = ?', [name, bindPart(database, target, index, part) as string]);
  if (target.table.columns.get(column)?.type !== 'text' || !/^\d+$/.test(part)) return same;
  const bare = part.replace(/^0+/, '');
  return or(database, [same, database.raw("trim(leading '0' from ??) = ?", [name, bare])]);
}

/** Customers are compared widely: letters of any case, blanks around; what is not plain ASCII is looked at by itself. */
function otherCustomer(
  database: Knex,
  target: Target,
  column: string,
  { customers }: SureRange['apart'],
): Knex.Raw | null {
  const name = sealed(column);
  const type = target.table.columns.get(column)?.type;
  const folded = [...new Set(customers.map(foldId))];
  if (type === 'integer') {
    const numbers = folded.filter(one => /^-?\d+$/.test(one)).map(one => database.raw(one));
    if (numbers.length === 0) return database.raw('?? is not null', [name]);
    return database.raw(`?? not in (${placesFor(numbers)})`, [name, ...numbers]);
  }
  if (type !== 'text') return null;
  const plain = database.raw("?? regexp '^[!-~]+$'", [name]);
  if (folded.length === 0) return plain;
  // A number may have zeros before it, here and in the order; of 0 itself nothing is left without them.
  const numbers = folded.filter(one => /^\d+$/.test(one)).map(one => (one === '0' ? '' : one));
  return and(database, [
    plain,
    database.raw(`lower(??) not in (${placesFor(folded)})`, [name, ...folded]),
    ...(numbers.length === 0
      ? []
      : [database.raw(`trim(leading '0' from ??) not in (${placesFor(numbers)})`, [name, ...numbers])]),
  ]);
}

/** None, or one of the codes letter for letter: a code in small letters is none, whatever the column's collation. */
function statedJurisdiction(database: Knex, { dataset }: Target, codes: readonly string[]): Knex.Raw | null {
  const column = dataset.jurisdictionColumn;
  if (column === null) return null;
  const exact = database.raw(`cast(?? as binary) in (${placesFor(codes)})`, [sealed(column), ...codes]);
  return or(database, [database.raw('?? is null', [sealed(column)]), exact]);
}

/** Any text in which these digits follow each other, whatever stands between them. */
function digitsPattern(digits: string): string {
  return [...digits].join('([^0-9]|[(] *0 *[)])*');
}

/** Within a stretch of a walk: after its beginning and not after its end. */
export function withinStretch(
  database: Knex,
  target: Target,
  stretch: Pick<Stretch, 'by'> & { readonly after: Mark | null; readonly to: Mark | null },
  start: Knex.Raw,
): Knex.Raw {
  const all: Knex.Raw[] = [];
  const beyond = (mark: Mark, sign: '<=' | '>'): Knex.Raw => compareKey(database, target, mark.key, sign);
  const { after, to } = stretch;
  if (stretch.by === 'key') {
    if (after !== null) all.push(beyond(after, '>'));
    if (to !== null) all.push(beyond(to, '<='));
    return and(database, all);
  }
  const at = (mark: Mark): Literal | Knex.Raw => startLiteral(database, target, mark.start);
  if (after !== null && to !== null) all.push(database.raw('? between ? and ?', [start, at(after), at(to)]));
  else if (after !== null) all.push(database.raw('? >= ?', [start, at(after)]));
  else if (to !== null) all.push(database.raw('? <= ?', [start, at(to)]));
  if (after !== null) all.push(database.raw('(? <> ? or ?)', [start, at(after), beyond(after, '>')]));
  if (to !== null) all.push(database.raw('(? <> ? or ?)', [start, at(to), beyond(to, '<=')]));
  return and(database, all);
}

function compareKey(database: Knex, target: Target, key: readonly string[], sign: '<=' | '>'): Knex.Raw {
  const columns = target.dataset.key.map(sealed);
  const parts = key.map((part, index) => bindPart(database, target, index, part) as string);
  const left = columns.map(() => '??').join(', ');
  if (columns.length === 1) return database.raw(`${left} ${sign} ?`, [...columns, ...parts]);
  return database.raw(`(${left}) ${sign} (${placesFor(parts)})`, [...columns, ...parts]);
}

/** A start as the store gave it, written back: numbers as numbers, which a text would be compared with as doubles. */
export function startLiteral(database: Knex, target: Target, value: string): Literal | Knex.Raw {
  const isNumber = target.dataset.start.unit.startsWith('epoch') && /^-?\d+(\.\d+)?$/.test(value);
  return isNumber ? database.raw(value) : value;
}

function notIn(database: Knex, left: Knex.Raw, values: readonly string[]): Knex.Raw {
  return database.raw(`? not in (${placesFor(values)})`, [left, ...values]);
}

/** All of these; true where there are none. */
export function and(database: Knex, all: readonly Knex.Raw[]): Knex.Raw {
  return all.length === 0 ? database.raw('true') : database.raw(all.map(() => '?').join(' and '), [...all]);
}

function or(database: Knex, all: readonly Knex.Raw[]): Knex.Raw {
  return database.raw(`(${all.map(() => '?').join(' or ')})`, [...all]);
}

export function placesFor(values: readonly unknown[]): string {
  return values.map(() => '?').join(', ');
}
