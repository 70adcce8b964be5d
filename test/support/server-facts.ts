// What one family of servers has and another has not, and the tests that are true only where it is there. Such a test is no
// part of the list of a server without it: it is not skipped there, and it stands here by its name, so that it cannot
// vanish without a word.
import type { Family } from './flavours.ts';

interface Fact {
  readonly families: readonly Family[];
  /** The names of the tests that need it, as they stand in their files. */
  readonly tests: readonly string[];
}

export const FACTS = {
  'system versioning': {
    families: ['mariadb'],
    tests: ['a table that keeps a history of what is deleted is refused'],
  },
  'the engine Aria': {
    families: ['mariadb'],
    tests: ['Aria is purged from, and masks and flags are refused'],
  },
  'GTIDs that are enforced': {
    families: ['mysql'],
    tests: ['a trigger from MyISAM into InnoDB: its rows stay and say why, the others go'],
  },
} as const satisfies Readonly<Record<string, Fact>>;

export type FactName = keyof typeof FACTS;

export function serverHas(fact: FactName, family: Family): boolean {
  const families: readonly Family[] = FACTS[fact].families;
  return families.includes(family);
}

/** Names of tests that are no part of what runs on a family, with what it lacks. */
export function testsNotOn(family: Family): readonly { readonly fact: string; readonly test: string }[] {
  return (Object.entries(FACTS) as [FactName, Fact][]).flatMap(([fact, { tests }]) =>
    serverHas(fact, family) ? [] : tests.map(name => ({ fact, test: name })),
  );
}

/** What doctor prints to grant for deleting: on MySQL only who may make triggers sees what a delete sets off. */
export const RIGHTS_TO_DELETE: Readonly<Record<Family, string>> = {
  mariadb: 'DELETE',
  mysql: 'DELETE, TRIGGER',
};
