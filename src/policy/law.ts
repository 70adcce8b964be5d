// Which limits of law apply to a record, and where each is counted; and whether the law of its jurisdiction has been stated
// at all. A jurisdiction of which nothing is stated keeps its records: that no limit applies is for the owner to say.
import { type Count, countedCutoff } from './count.ts';
import { coversPlace, isJurisdiction, placesWithin } from './jurisdiction.ts';
import { type Place, placeOf, wholeOf } from './place-zones.ts';
import type { ClassRules, LawStatement, Limit, Policy, StatedLaw, StatedPeriod } from './policy.ts';
import type { ReadingRules, RecordFacts } from './record.ts';

type Jurisdiction = RecordFacts['jurisdiction'];
type Declared = ReadingRules['jurisdiction'];

/**
 * A record whose jurisdiction should be known and is not is kept by every floor, and pushed out by no ceiling. A ceiling
 * that nobody has checked pushes nothing out either.
 */
export function limitApplies(limit: Limit, jurisdiction: Jurisdiction): boolean {
  if (jurisdiction === undefined || (limit.kind === 'ceiling' && !limit.verified)) return false;
  if (jurisdiction === null) return limit.kind === 'floor';
  return coversPlace(limit.jurisdiction, jurisdiction);
}

/** How a limit is counted for a record: in the zones of its jurisdiction, or of all of the limit's where it has none. */
export function limitCount(limit: Limit, jurisdiction: Jurisdiction): Count {
  const { period, yearEnd, kind } = limit;
  const place = jurisdiction == null ? wholeOf(limit.jurisdiction) : placeOf(jurisdiction, 'UTC');
  return { period, yearEnd, place, ends: kind === 'floor' ? 'latest' : 'earliest' };
}

/**
 * How the period of a policy or an instruction is counted for a record: in the zones of its jurisdiction, and in the
 * policy's own where it has none.
 */
export function ownCount(
  period: StatedPeriod,
  bound: Policy['bound'],
  zone: string,
  jurisdiction: Jurisdiction,
): Count {
  return { period, place: placeOf(jurisdiction, zone), ends: bound === 'at-least' ? 'latest' : 'earliest' };
}

/** What is in doubt about the law that a record is under, or null. */
export type LawDoubt = 'jurisdiction-unknown' | `law-unstated ${string}`;

export function lawDoubt(
  jurisdiction: Jurisdiction,
  { stated }: Pick<ClassRules, 'stated'>,
): LawDoubt | null {
  if (jurisdiction == null) return null;
  if (!isJurisdiction(jurisdiction)) return 'jurisdiction-unknown';
  return stated.some(one => coversPlace(one.jurisdiction, jurisdiction))
    ? null
    : `law-unstated ${jurisdiction}`;
}

/** Where the law on a class is stated. */
export function statedLaw(name: string, statements: readonly LawStatement[]): StatedLaw[] {
  return statements.flatMap(({ jurisdiction, limited, none, authority }) => {
    if (limited.includes(name)) return [{ jurisdiction, assumed: false }];
    return none === 'all' || none.includes(name) ? [{ jurisdiction, assumed: authority === null }] : [];
  });
}

/** Where nothing is said of a class beside the limits of others, so that none is taken to apply. */
export function assumedPlaces(stated: readonly StatedLaw[]): readonly string[] {
  const said = stated.filter(one => !one.assumed);
  return stated
    .filter(one => one.assumed && !said.some(other => coversPlace(other.jurisdiction, one.jurisdiction)))
    .map(one => one.jurisdiction);
}

/** Every jurisdiction that a column may hold without leaving the law in doubt. */
export function statedPlaces({ stated }: ClassRules): readonly string[] {
  return [...new Set(stated.flatMap(one => placesWithin(one.jurisdiction)))].sort();
}

/** The limits that could apply to records of a dataset. */
export function limitsOf(kind: Limit['kind'], { limits }: ClassRules, declared: Declared): readonly Limit[] {
  if (declared.kind === 'none') return [];
  return limits.filter(
    limit =>
      limit.kind === kind &&
      limitApplies(limit, declared.kind === 'fixed' ? declared.code : limit.jurisdiction),
  );
}

/** The cutoff of a limit for whatever record of a dataset: that of no record lies on the other side of it. */
export function limitCutoff(
  limit: Limit,
  declared: Declared,
  horizonMs: number,
): Count & { beforeMs: number } {
  const count = limitCount(limit, declared.kind === 'fixed' ? declared.code : null);
  return { ...count, beforeMs: countedCutoff(horizonMs, count) };
}

/**
 * The cutoff of the own period of whatever record of a dataset. Where a column says the jurisdiction, no record that could be
 * due starts after the `widest`, and each that starts before the `surest` is past its period, wherever it is.
 */
export function ownCutoff(
  { period, bound, zone }: { readonly period: StatedPeriod } & Pick<Policy, 'bound' | 'zone'>,
  rules: ClassRules,
  declared: Declared,
  horizonMs: number,
  which: 'widest' | 'surest',
): Count & { beforeMs: number } {
  const count: Count =
    declared.kind === 'column'
      ? { period, place: anyPlace(rules, zone), ends: which === 'widest' ? 'earliest' : 'latest' }
      : ownCount(period, bound, zone, declared.kind === 'fixed' ? declared.code : null);
  return { ...count, beforeMs: countedCutoff(horizonMs, count) };
}

/** Everywhere that a record may be whose law is stated, and where one is that does not say. */
function anyPlace({ stated }: ClassRules, zone: string): Place {
  const zones = stated.flatMap(one => wholeOf(one.jurisdiction).zones);
  return { id: `${zone} or anywhere`, zones: [...new Set([zone, ...zones])] };
}
