// What a partition's upper bound says of the start: only where every row in it provably started before a value.
import type { Literal, StartUnit } from '../../policy/start.ts';
import { formatWall } from '../../policy/wall-time.ts';

/** A partition as information_schema tells of it. */
export interface PartitionRow {
  readonly method: string | null;
  readonly expression: string | null;
  readonly description: string | null;
}

const DAY_MS = 86_400_000;
/** `TO_DAYS('1970-01-01')`. */
const DAYS_TO_1970 = 719_528;

/**
 * The least start that the partition does not hold, as the start's column has it: of partitions by the column itself, or by
 * `to_days`, `year` or `unix_timestamp` of it, all of which never decrease as the start grows. Null where the bound proves
 * nothing: `MAXVALUE`, other expressions, several columns.
 */
export function partitionBound(
  { method, expression, description }: PartitionRow,
  startColumn: string,
  unit: StartUnit,
): Literal | null {
  const by = expressionOf(expression ?? '', startColumn);
  if (by === null || description === null) return null;
  const isNumber = /^-?\d+$/.test(description);
  if (method === 'RANGE COLUMNS' && by === 'column') {
    const text = /^'(\d{4}-\d\d-\d\d(?: \d\d:\d\d:\d\d(?:\.\d+)?)?)'$/.exec(description)?.[1];
    if (unit === 'datetime' || unit === 'date') return text ?? null;
    return unit.startsWith('epoch') && isNumber ? Number(description) : null;
  }
  if (method !== 'RANGE' || !isNumber) return null;
  const value = Number(description);
  if (by === 'column') return unit.startsWith('epoch') ? value : null;
  if (by === 'unix_timestamp') return unit === 'timestamp' ? wallOf(value * 1000) : null;
  if (unit !== 'datetime' && unit !== 'date') return null;
  return by === 'to_days' ? wallOf((value - DAYS_TO_1970) * DAY_MS) : wallOf(Date.UTC(value, 0, 1));
}

/** Whether everything below a bound is below `before` too; both as `partitionBound` and `startBound` give them. */
export function isProven(bound: Literal, before: Literal): boolean {
  if (typeof bound === 'number' || typeof before === 'number')
    return typeof bound === typeof before && bound <= before;
  return withTime(bound) <= withTime(before);
}

type Expression = 'column' | 'to_days' | 'year' | 'unix_timestamp';

function expressionOf(written: string, startColumn: string): Expression | null {
  const plain = written.trim().toLowerCase();
  const column = startColumn.toLowerCase();
  const names = [column, `\`${column.replaceAll('`', '``')}\``];
  if (names.includes(plain)) return 'column';
  const [, name, argument = ''] = /^(to_days|year|unix_timestamp)\((.*)\)$/.exec(plain) ?? [];
  return name !== undefined && names.includes(argument.trim()) ? (name as Expression) : null;
}

/** Years that a wall time of four digits cannot tell prove nothing. */
function wallOf(ms: number): string | null {
  return Number.isFinite(ms) && ms >= Date.UTC(1000, 0, 1) && ms < Date.UTC(9999, 0, 1)
    ? formatWall(ms)
    : null;
}

/** Texts of one length up to the seconds compare as the times do that they stand for. */
function withTime(text: string): string {
  return text.length === 10 ? `${text} 00:00:00` : text;
}
