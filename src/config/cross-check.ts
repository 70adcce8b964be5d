// What no single file can know: names that must be unique, names that must exist elsewhere, and rules that
// contradict each other. Missing names are only reported when every file had its right shape, so that one broken
// file does not set off a hundred others.
import type { Problem } from '../errors.ts';
import { checkFiles } from './check-files.ts';
import { checkJobs } from './check-jobs.ts';
import { checkLimits, noneClasses } from './check-limits.ts';
import { checkPace } from './check-pace.ts';
import { checkStores } from './check-stores.ts';
import { checkTables } from './check-tables.ts';
import type { Loaded, Located } from './loaded.ts';

export function crossCheck(loaded: Loaded, complete: boolean): Problem[] {
  const classes = new Set(loaded.policies.map(one => one.value.class));
  return [
    ...duplicates(loaded.policies, 'policy', value => value.policy),
    ...duplicates(loaded.instructions, 'instruction', value => value.instruction),
    ...duplicates(loaded.holds, 'hold', value => value.hold),
    ...duplicates(loaded.stores, 'store', value => value.store),
    ...duplicates(loaded.jobs, 'job', value => value.job),
    ...onePurpose(loaded),
    ...ownRules(loaded),
    ...checkLimits(loaded),
    ...checkJobs(loaded),
    ...checkPace(loaded, complete),
    ...(complete
      ? [
          ...namesExist(loaded, classes),
          ...checkStores(loaded, classes),
          ...checkTables(loaded),
          ...checkFiles(loaded),
        ]
      : []),
  ];
}

function duplicates<T>(files: readonly Located<T>[], key: string, nameOf: (value: T) => string): Problem[] {
  const first = new Map<string, string>();
  return files.flatMap(({ value, file }) => {
    const name = nameOf(value);
    const known = first.get(name);
    if (known === undefined) {
      first.set(name, file.file);
      return [];
    }
    return [
      file.problem(
        [key],
        `${key} "${name}" stands in ${known} already`,
        'Give one of them another name, or take it out',
      ),
    ];
  });
}

/** Two policies on one class may differ in period, never in what is done: that would be a race between them. */
function onePurpose(loaded: Loaded): Problem[] {
  return loaded.policies.flatMap(({ value, file }) => {
    const other = loaded.policies.find(one => one.value.class === value.class);
    if (other === undefined || other.value === value) return [];
    return (['disposition', 'start', 'zone'] as const)
      .filter(key => other.value[key] !== value[key])
      .map(key =>
        file.problem(
          [key],
          `class ${value.class} has another ${key} in ${other.file.file}`,
          'Policies of one class must agree on it',
        ),
      );
  });
}

function ownRules(loaded: Loaded): Problem[] {
  return [
    ...loaded.policies.flatMap(({ value, file }) =>
      value.period === 'unstated' && value.disposition !== 'flag'
        ? [
            file.problem(
              ['disposition'],
              `a period that is unstated cannot end in "${value.disposition}"`,
              'Write flag: nothing is disposed of until an owner states a period',
            ),
          ]
        : [],
    ),
    ...loaded.instructions.flatMap(({ value, file }) => {
      const scopes = (['customer', 'number', 'record'] as const).filter(key => value[key] !== undefined);
      const second = scopes[1];
      return second === undefined
        ? []
        : [
            file.problem(
              [second],
              `an instruction has one scope, and this has ${scopes.join(' and ')}`,
              'Keep one, or write two instructions',
            ),
          ];
    }),
    ...loaded.instructions.flatMap(({ value, file }) =>
      value.until !== undefined && value.until <= value.from
        ? [file.problem(['until'], 'this instruction ends before it begins', 'Put `until` after `from`')]
        : [],
    ),
    ...loaded.holds.flatMap(({ value, file }) =>
      Object.keys(value.scope).length === 0
        ? [
            file.problem(
              ['scope'],
              'this hold covers nothing in particular',
              'Name customers, numbers, classes, records or a range of days',
            ),
          ]
        : [],
    ),
    ...loaded.holds.flatMap(({ value, file }) =>
      value.scope.until !== undefined &&
      value.scope.from !== undefined &&
      value.scope.until < value.scope.from
        ? [file.problem(['scope', 'until'], 'this range ends before it begins', 'Put `until` after `from`')]
        : [],
    ),
  ];
}

function namesExist(loaded: Loaded, classes: ReadonlySet<string>): Problem[] {
  const stores = new Set(loaded.stores.map(one => one.value.store));
  const known = `Known: ${[...classes].sort().join(', ')}`;
  const classAt = (located: Located<unknown>, path: (string | number)[], name: string): Problem[] =>
    classes.has(name) ? [] : [located.file.problem(path, `there is no policy for class "${name}"`, known)];
  return [
    ...loaded.limits.flatMap(one => [
      ...(one.value.limits ?? []).flatMap((limit, i) => classAt(one, ['limits', i, 'class'], limit.class)),
      ...noneClasses(one.value).flatMap((name, i) => classAt(one, ['none', 'classes', i], name)),
    ]),
    ...loaded.instructions.flatMap(one => classAt(one, ['class'], one.value.class)),
    ...loaded.holds.flatMap(one =>
      (one.value.scope.classes ?? []).flatMap((name, i) => classAt(one, ['scope', 'classes', i], name)),
    ),
    ...loaded.subProcessors.flatMap(one =>
      one.value.subProcessors.flatMap((party, i) =>
        party.classes.flatMap((name, j) => classAt(one, ['subProcessors', i, 'classes', j], name)),
      ),
    ),
    ...loaded.jobs.flatMap(one => [
      ...(one.value.policies === 'all'
        ? []
        : one.value.policies.flatMap((name, i) => classAt(one, ['policies', i], name))),
      ...one.value.stores.flatMap((name, i) =>
        stores.has(name)
          ? []
          : [
              one.file.problem(
                ['stores', i],
                `there is no store "${name}"`,
                `Known: ${[...stores].sort().join(', ') || 'none'}`,
              ),
            ],
      ),
    ]),
  ];
}
