// Whether a file could be claimed twice: by the row that names it and by a dataset of files, or by rows of two datasets.
// Each would dispose of it by its own rules, over the other's holds.
import type { Problem } from '../errors.ts';
import { possibleNames } from '../policy/file-path.ts';
import { endingPlace } from '../policy/naming.ts';
import type { Loaded } from './loaded.ts';

export function checkFiles(loaded: Loaded): Problem[] {
  return [...checkEndings(loaded), ...checkClaims(loaded)];
}

/** Which rows share a converted file can only be asked where it is sure what the ending stands in. */
function checkEndings(loaded: Loaded): Problem[] {
  return loaded.stores.flatMap(({ value, file }) =>
    value.datasets.flatMap((dataset, index) =>
      (dataset.files ?? []).flatMap((rule, at) =>
        rule.converted === undefined || endingPlace(rule.path) !== null
          ? []
          : file.problem(
              ['datasets', index, 'files', at, 'converted'],
              'it is not sure where the ending of this path stands',
              "End the path in a fixed ending, '{name}.wav', or in one column that holds it, 'calls/{filename}'",
            ),
      ),
    ),
  );
}

function checkClaims(loaded: Loaded): Problem[] {
  const named = loaded.stores.flatMap(({ value, file }) =>
    value.datasets.flatMap((dataset, index) =>
      (dataset.files ?? []).map((rule, at) => ({
        owner: `${value.store}/${dataset.dataset}`,
        store: rule.store,
        paths: possibleNames(marked(rule.path), rule.converted ?? []).map(segmentsOf),
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
          paths: [segmentsOf(dataset.folder ?? '')],
        })),
  );
  return named.flatMap((one, index) =>
    [...folders, ...named.slice(0, index)]
      .filter(
        other =>
          other.store === one.store &&
          other.owner !== one.owner &&
          one.paths.some(path => other.paths.some(another => mayMeet(path, another))),
      )
      .map(other =>
        one.problem(
          `files of ${one.owner} may also be those of ${other.owner}: either would dispose of them over the other's holds`,
          'Give each its own folder: start the path with a fixed name, or move the other folder',
        ),
      ),
  );
}

/** A part of a path: a fixed name or digits, matched whole; or, where a column stands in it, only how it begins. */
interface Segment {
  /** The name itself, where it is fixed. */
  readonly name: string | null;
  readonly pattern: RegExp;
  /** A column may hold anything, slashes too: nothing can be said of the parts behind it. */
  readonly open: boolean;
}

const DIGITS = '\u0002';
const ANYTHING = '\u0003';

/** A template with marks for its dates and columns. */
function marked(template: string): string {
  return template
    .replace(/\{[^{}|]+\|([^{}]+)\}/g, (_, format: string) => {
      // Words of a date (months, quoted text) are as good as anything.
      const numeric = /^[yMdHms/._-]+$/.test(format) && !format.includes('MMM');
      return numeric ? format.replace(/[a-zA-Z]+/g, DIGITS) : ANYTHING;
    })
    .replace(/\{[^{}]+\}/g, ANYTHING);
}

function segmentsOf(path: string): Segment[] {
  return path
    .split('/')
    .filter(part => part !== '')
    .map(toSegment);
}

function toSegment(part: string): Segment {
  const open = part.includes(ANYTHING);
  const known = (part.split(ANYTHING)[0] ?? '').replace(/[.*+?^${}()[\]\\|]/g, '\\$&');
  return {
    name: open || part.includes(DIGITS) ? null : part,
    pattern: new RegExp(`^${known.replaceAll(DIGITS, '\\d+')}${open ? '' : '$'}`, 'u'),
    open,
  };
}

/** Whether two paths may meet: no part of one is a name that the same part of the other cannot be. */
function mayMeet(a: readonly Segment[], b: readonly Segment[]): boolean {
  for (let index = 0; index < Math.min(a.length, b.length); index += 1) {
    const [one, other] = [a[index], b[index]];
    if (one === undefined || other === undefined) return true;
    if (one.name !== null && !other.pattern.test(one.name)) return false;
    if (other.name !== null && !one.pattern.test(other.name)) return false;
    if (one.open || other.open) return true;
  }
  return true;
}
