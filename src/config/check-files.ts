// Whether a file could be claimed twice: by the row that names it and by a dataset of files, or by rows of two datasets.
// Each would dispose of it by its own rules, over the other's holds.
import type { Problem } from '../errors.ts';
import type { Loaded } from './loaded.ts';

export function checkFiles(loaded: Loaded): Problem[] {
  const named = loaded.stores.flatMap(({ value, file }) =>
    value.datasets.flatMap((dataset, index) =>
      (dataset.files ?? []).map((rule, at) => ({
        owner: `${value.store}/${dataset.dataset}`,
        store: rule.store,
        segments: segmentsOf(rule.path),
        problem: (message: string, hint: string) =>
          file.problem(['datasets', index, 'files', at, 'path'], message, hint),
      })),
    ),
  );
  const folders = loaded.stores.flatMap(({ value }) =>
    value.kind !== 'filesystem'
      ? []
      : value.datasets.map(dataset => ({
          owner: `${value.store}/${dataset.dataset}`,
          store: value.store,
          segments: segmentsOf(dataset.folder ?? ''),
        })),
  );
  return named.flatMap((one, index) =>
    [...folders, ...named.slice(0, index)]
      .filter(
        other =>
          other.store === one.store && other.owner !== one.owner && mayMeet(one.segments, other.segments),
      )
      .map(other =>
        one.problem(
          `files of ${one.owner} may also be those of ${other.owner}: either would dispose of them over the other's holds`,
          'Give each its own folder: start the path with a fixed name, or move the other folder',
        ),
      ),
  );
}

/** The parts of a path as patterns: fixed names, dates as digits, columns as anything. */
function segmentsOf(template: string): RegExp[] {
  const dated = template.replace(/\{[^{}|]+\|([^{}]+)\}/g, (_, format: string) =>
    format.replace(/[A-Za-z]+/g, letters =>
      letters.length > 2 && /^[ME]/.test(letters) ? '\u0001' : '\u0002',
    ),
  );
  return dated
    .split('/')
    .filter(part => part !== '')
    .map(part => {
      const pattern = part
        .replace(/\{[^{}]+\}/g, '\u0003')
        .replace(/[.*+?^$()[\]\\|]/g, '\\$&')
        .replaceAll('\u0001', '\\p{L}+')
        .replaceAll('\u0002', '\\d+')
        .replaceAll('\u0003', '.*');
      return new RegExp(`^${pattern}$`, 'u');
    });
}

/** Whether two paths may meet: no part of one is a fixed name that the same part of the other cannot be. */
function mayMeet(a: readonly RegExp[], b: readonly RegExp[]): boolean {
  return a.every((one, index) => {
    const other = b[index];
    if (other === undefined) return true;
    const [left, right] = [fixedName(one), fixedName(other)];
    if (left !== null) return other.test(left);
    return right === null || one.test(right);
  });
}

/** The name that a part stands for when it is fixed; null when it varies. */
function fixedName({ source }: RegExp): string | null {
  const inner = source.slice(1, -1);
  return /\\[dp]|\.\*/.test(inner) ? null : inner.replaceAll('\\', '');
}
