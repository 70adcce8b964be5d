// Whether starts can be in the unit that they are declared in, told by values that really stand there. In a wrong one
// every record would look undated, and be kept for ever while everybody believes that it goes.
import { FUTURE_TOLERANCE_MS } from './decide.ts';
import { readValue, type StartSpec, type StartUnit } from './start.ts';

/** Units that a column of numbers may be in; `gregorian-s`, seconds since the year 0 (Kazoo), is known and not read. */
const NUMERIC: readonly StartUnit[] = ['epoch-s', 'epoch-ms', 'epoch-us'];
const GREGORIAN_EPOCH_S = 62_167_219_200;

export interface Misfit {
  readonly message: string;
  readonly hint: string;
}

/**
 * Null while any value lies between `plausibleFrom` and now, or none of them says anything: NULL, zero and sentinels do
 * not. `values` are as the store writes them.
 */
export function unitMisfit(
  column: string,
  values: readonly string[],
  spec: StartSpec,
  nowMs: number,
): Misfit | null {
  if (spec.unit !== 'text' && !NUMERIC.includes(spec.unit)) return null;
  const telling = values.filter(value => !spec.sentinels.includes(value) && !/^\s*[-0.]*\s*$/.test(value));
  const [example] = telling;
  if (example === undefined || telling.some(value => isPlausible(value, spec, nowMs))) return null;
  const fits = (changed: Partial<StartSpec>, shift = 0): boolean =>
    telling.every(value => isPlausible(shifted(value, shift), { ...spec, ...changed }, nowMs));
  const unit = NUMERIC.find(one => fits({ unit: one }));
  const declared = spec.unit === 'text' ? `format ${spec.format}` : `unit ${spec.unit}`;
  const message = `none of ${telling.length} starts read from "${column}" is a plausible time by its ${declared}: "${example}"`;
  if (unit !== undefined) return { message, hint: `They would be in unit: ${unit}` };
  if (fits({ unit: 'epoch-s' }, -GREGORIAN_EPOCH_S))
    return {
      message,
      hint: `They would be Gregorian seconds: add a generated column AS (${column} - ${GREGORIAN_EPOCH_S}), and map it with unit: epoch-s`,
    };
  // Starts of a unit that nothing else explains are told of one by one, as undated; a format is written by hand.
  return spec.unit === 'text'
    ? { message, hint: 'Write the format that they are in, in luxon tokens' }
    : null;
}

function isPlausible(value: string, spec: StartSpec, nowMs: number): boolean {
  const reading = readValue(value, spec);
  return reading.kind === 'at' && reading.ms <= nowMs + FUTURE_TOLERANCE_MS;
}

function shifted(value: string, by: number): string {
  return by === 0 || !/^\d+(\.\d+)?$/.test(value) ? value : String(Number(value) + by);
}
