// What a person should know of the law that records are under: where none is stated, taken for none, or not checked.

import { coversPlace, meantBy } from '../policy/jurisdiction.ts';
import { assumedPlaces, lawDoubt, statedLaw } from '../policy/law.ts';
import type { ClassRules, Limit, PolicySet } from '../policy/policy.ts';
import type { ReadingRules, RecordFacts } from '../policy/record.ts';
import type { Finding, Severity } from './plan.ts';

type Note = (
  severity: Severity,
  code: Finding['code'],
  message: string,
  sample: string | null,
  count?: number,
) => void;

/** Of a record that is past its period and stays since the law of its jurisdiction is not known. */
export function noteLawDoubt({ jurisdiction }: RecordFacts, doubt: string, note: Note, sample: string): void {
  if (doubt !== 'jurisdiction-unknown') {
    note('warning', 'unstated-law', howToState(jurisdiction ?? '', 'they'), sample);
    return;
  }
  const meant = meantBy(jurisdiction ?? '');
  // A column may hold anything: what does not look like a code is not shown.
  const written = /^[A-Za-z]{2,3}([-_ ][A-Za-z0-9]{1,3})?$/.test(jurisdiction ?? '')
    ? `"${jurisdiction}"`
    : 'a text';
  const instead = meant.length === 0 ? '' : ` (${meant.join(' or ')} is meant?)`;
  const message = `the jurisdiction is ${written}, which is no code of ISO 3166${instead}: they stay until it is one`;
  note('warning', 'unknown-jurisdiction', message, sample);
}

function howToState(place: string, who: 'they' | 'its records'): string {
  const file = `policies/limits/${place.slice(0, 2).toLowerCase()}.yaml`;
  return `nothing is stated of the law of ${place}: ${who} stay until ${file} enters its limits, or states with \`none\` that there are none`;
}

/** Of one class in one dataset. */
export function noteLaw(
  { jurisdiction }: Pick<ReadingRules, 'jurisdiction'>,
  rules: ClassRules,
  stored: number,
  note: Note,
): void {
  if (jurisdiction.kind === 'none') {
    if (rules.limits.length === 0) return;
    const named = [...new Set(rules.limits.map(limit => limit.jurisdiction))].join(', ');
    const message = `limits of law exist for ${named}, and none applies: the dataset declares no jurisdiction`;
    note('warning', 'no-jurisdiction', message, null, stored);
    return;
  }
  const concerns = (place: string): boolean =>
    jurisdiction.kind === 'column' || coversPlace(place, jurisdiction.code);
  const unverified = rules.limits.filter(limit => !limit.verified && concerns(limit.jurisdiction));
  if (unverified.length > 0) note('warning', 'unverified-limit', unverifiedWords(unverified), null, stored);
  const assumed = assumedPlaces(rules.stated).filter(concerns);
  if (assumed.length > 0) note('advice', 'assumed-law', assumedWords(assumed, [rules.class]), null, stored);
}

function unverifiedWords(limits: readonly Limit[]): string {
  const of = (kind: Limit['kind']): string =>
    limits
      .filter(limit => limit.kind === kind)
      .map(limit => limit.id)
      .join(', ');
  const [floors, ceilings] = [of('floor'), of('ceiling')];
  return [
    ...(floors === '' ? [] : [`nobody has verified ${floors}: what is said to be kept by law is kept`]),
    ...(ceilings === '' ? [] : [`nobody has verified ${ceilings}: nothing goes because of it until then`]),
  ].join('; ');
}

function assumedWords(places: readonly string[], classes: readonly string[]): string {
  return `the limits of ${places.join(', ')} say nothing of ${classes.join(', ')}: none is taken to apply. Say so with \`none\`, and on whose word`;
}

/** Why all records of a class in a dataset stay, where the data map names one jurisdiction for them; null where they do not. */
export function wholeLawDoubt(
  { jurisdiction }: Pick<ReadingRules, 'jurisdiction'>,
  rules: Pick<ClassRules, 'class' | 'stated'>,
): string | null {
  if (jurisdiction.kind !== 'fixed' || lawDoubt(jurisdiction.code, rules) === null) return null;
  return `${rules.class}: ${howToState(jurisdiction.code, 'its records')}`;
}

interface MappedStore {
  readonly name: string;
  readonly datasets: readonly Pick<ReadingRules, 'name' | 'class' | 'jurisdiction'>[];
}

/** Of the owner's folder and the data maps, before anything is read. */
export function lawNotes(
  { limits, statements, policies }: Pick<PolicySet, 'limits' | 'statements' | 'policies'>,
  stores: readonly MappedStore[],
): string[] {
  const unverified = limits.filter(limit => !limit.verified);
  const notes = unverified.length === 0 ? [] : [unverifiedWords(unverified)];
  const silent = new Map<string, string[]>();
  for (const name of new Set(policies.map(policy => policy.class)))
    for (const place of assumedPlaces(statedLaw(name, statements)))
      silent.set(place, [...(silent.get(place) ?? []), name]);
  for (const [place, classes] of silent) notes.push(assumedWords([place], classes));
  for (const store of stores) {
    for (const { name, class: of, jurisdiction } of store.datasets) {
      const classes = of.kind === 'fixed' ? [of.class] : [...new Set(Object.values(of.classes))];
      for (const one of classes) {
        const doubt = wholeLawDoubt({ jurisdiction }, { class: one, stated: statedLaw(one, statements) });
        if (doubt !== null) notes.push(`${store.name}, ${name}: ${doubt}`);
      }
    }
  }
  return notes;
}
