// What is said of all tables of one dataset together, where they are named by date: limits above all. A table of an old day
// is due as a whole, and its share says nothing; that of the dataset does.
import { familyOf } from '../policy/dated-names.ts';
import type { Counted } from '../stores/scan-range.ts';
import { exceededLimit, isFarFromLimit } from './limits.ts';
import type { Finding, Plan, PlanCounts, PlanPart } from './plan.ts';
import { LATE_MS } from './plan-part.ts';
import { NO_COUNTS } from './tally.ts';
import { NOTHING } from './unread-part.ts';

/** Counts the records of a part of a plan, each of them. */
type CountExactly = (part: number) => Promise<Counted | null>;

/**
 * The parts with what is to be said of their families, each in a part of its own at the end, which counts nothing. What is
 * stored is counted where the server's statistics do not say for sure that a family is within its limits.
 */
export async function withFamilies(
  parts: readonly PlanPart[],
  countExactly: CountExactly,
): Promise<readonly PlanPart[]> {
  const all = [...parts];
  for (const indexes of familiesIn(parts).values()) {
    const family = (): PlanPart => sumOf(indexes.flatMap(index => all[index] ?? []));
    const { counts, storedIsEstimate, limits } = family();
    if (storedIsEstimate && !isFarFromLimit(counts.due, counts.stored, limits))
      for (const index of indexes) {
        const part = all[index];
        const counted = part?.storedIsEstimate ? await countExactly(index) : null;
        if (part !== undefined && counted !== null) all[index] = recounted(part, counted);
      }
    const sum = family();
    const findings = findingsOf(sum);
    if (findings.length > 0) all.push({ ...sum, ...NOTHING, findings });
  }
  return all;
}

/** Parts that are held to one limit together, as one part each. */
export function limitedParts({ parts }: Pick<Plan, 'parts'>): readonly PlanPart[] {
  const families = familiesIn(parts);
  const members = new Set([...families.values()].flat());
  const own = parts.filter((_, index) => !members.has(index));
  return [
    ...own,
    ...[...families.values()].map(indexes => sumOf(indexes.flatMap(index => parts[index] ?? []))),
  ];
}

/** Indexes of the parts of each family and class, of those only that are tables of one. */
function familiesIn(parts: readonly PlanPart[]): ReadonlyMap<string, readonly number[]> {
  const families = new Map<string, number[]>();
  for (const [index, { store, dataset, class: name }] of parts.entries()) {
    if (familyOf(dataset) === dataset) continue;
    const id = JSON.stringify([store, familyOf(dataset), name]);
    families.set(id, [...(families.get(id) ?? []), index]);
  }
  return families;
}

/** All of a family as far as its limits and its findings go: nothing else of it is told together. */
function sumOf(parts: readonly PlanPart[]): PlanPart {
  const [first] = parts;
  if (first === undefined) throw new Error('nothing to sum');
  const names = Object.keys(NO_COUNTS) as (keyof PlanCounts)[];
  const counts = { ...NO_COUNTS } as { -readonly [Name in keyof PlanCounts]: number };
  for (const name of names) for (const part of parts) counts[name] += part.counts[name];
  return {
    ...first,
    ...NOTHING,
    dataset: familyOf(first.dataset),
    disposition: parts.find(part => part.disposition !== null)?.disposition ?? null,
    counts,
    storedIsEstimate: parts.some(part => part.storedIsEstimate),
    bounds: parts.find(part => part.bounds.length > 0)?.bounds ?? [],
    overdueMs: Math.max(...parts.map(part => part.overdueMs)),
  };
}

function recounted(part: PlanPart, { stored }: Counted): PlanPart {
  const { counts } = part;
  const seen = counts.due + counts.undated;
  return { ...part, storedIsEstimate: false, counts: { ...counts, stored: Math.max(stored, seen) } };
}

function findingsOf(sum: PlanPart): Finding[] {
  const { counts } = sum;
  const { stored, notStarted, ...seen } = counts;
  const findings: Finding[] = [];
  const note = (
    severity: Finding['severity'],
    code: Finding['code'],
    message: string,
    count: number,
  ): void => {
    findings.push({ severity, code, message, count, samples: [] });
  };
  const limit = exceededLimit(sum);
  if (limit !== null) note('refused', 'limit-exceeded', `in all of its tables, ${limit}`, counts.due);
  if (sum.overdueMs > LATE_MS)
    note(
      'warning',
      'overdue',
      `past their period, the longest for ${Math.floor(sum.overdueMs / LATE_MS)} days`,
      counts.due,
    );
  if (sum.bounds.length > 0 && stored > notStarted && Object.values(seen).every(count => count === 0))
    note(
      'advice',
      'nothing-matched',
      'no record of any of its tables is past its period: right only if the oldest is younger than that',
      stored,
    );
  return findings;
}
