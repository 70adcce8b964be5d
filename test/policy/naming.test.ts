// A path read backwards: whichever rows name it, they are among those that are asked for, and where no row can, none is.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FileRule, resolveFile, stemOf, templateColumns } from '../../src/policy/file-path.ts';
import { endingPlace, type Naming, namingOfRow, namingsOfPath } from '../../src/policy/naming.ts';

const ZONE = 'Europe/London';
const rule = (template: string, converted: readonly string[] = []): FileRule => ({
  ...{ store: 'files', template, converted, absent: ['deleted', null], cleared: [], missing: 'refuse' },
});
const columnsOf = (template: string, path: string, converted: readonly string[] = []) =>
  namingsOfPath(rule(template, converted), path, ZONE)?.map(({ columns, anyEnding }) =>
    anyEnding === null ? columns : { ...columns, anyEnding },
  );
const day = (text: string): number => Date.parse(text);

describe('a path', () => {
  test.each([
    ['{file}', 'a/b c\nd.wav', [{ file: 'a/b c\nd.wav' }]],
    ['calls/{file}', 'calls/a.wav', [{ file: 'a.wav' }]],
    ['calls/{file}', 'call/a.wav', []],
    ['{file}.wav', 'a.wav.old', []],
    ['{file}.wav', '.wav', []],
    ['{file}.wav', 'a.wav.wav', [{ file: 'a.wav' }]],
    ['x.*/{file}', 'xyz/a', []],
    ['{start|yyyy/MM/dd}/{file}', '2026/05/01/a/b.wav', [{ file: 'a/b.wav' }]],
    ['{start|yyyy/MM/dd}/{file}', '2026/13/01/a.wav', []],
    ['{start|yyyy/MM/dd}/{file}', '2026/5/01/a.wav', []],
    ['{file}', 'deleted', []],
    ['{id}/{id}.wav', '7/7.wav', [{ id: '7' }]],
    ['{id}/{id}.wav', '7/8.wav', []],
    ['fixed.wav', 'fixed.wav', [{}]],
    ['fixed.wav', 'other.wav', []],
  ])('by %s of %j', (template, path, expected) => {
    expect(columnsOf(template, path)).toEqual(expected);
  });

  test('that can be split in several ways is, in each', () => {
    expect(columnsOf('{a}-{b}', 'x-y-z')).toEqual([
      { a: 'x', b: 'y-z' },
      { a: 'x-y', b: 'z' },
    ]);
    expect(columnsOf('{a}{b}', 'xyz')).toEqual([
      { a: 'x', b: 'yz' },
      { a: 'xy', b: 'z' },
    ]);
  });

  test('that can be split in too many is not read', () => {
    expect(columnsOf('{a}{b}', 'x'.repeat(202))).toBeUndefined();
    expect(namingsOfPath(rule('{a}{b}'), 'x'.repeat(202), ZONE)).toBeNull();
    expect(namingsOfPath(rule('{a}{b}{c}{d}.wav'), `${'x'.repeat(240)}.mp3`, ZONE)).toBeNull();
  });

  test('that was converted is also that of rows with whatever ending', () => {
    expect(columnsOf('{file}', 'a.mp3', ['.mp3', '.ogg'])).toEqual([
      { file: 'a.mp3' },
      { file: 'a', anyEnding: 'file' },
    ]);
    expect(columnsOf('{file}', 'a.wav', ['.mp3'])).toEqual([{ file: 'a.wav' }]);
    expect(columnsOf('{file}.wav', 'a.mp3', ['.mp3'])).toEqual([{ file: 'a' }]);
    expect(columnsOf('{id}/audio', '7/audio.mp3', ['.mp3'])).toEqual([{ id: '7' }]);
  });

  test.each([
    ['{start|yyyy/MM/dd}/{file}', '2026/05/01/a', '2026-04-30T23:00:00Z', '2026-05-01T23:00:00Z'],
    ['{start|yyyy}/{start|MM}/{file}', '2026/05/a', '2026-04-30T23:00:00Z', '2026-05-31T23:00:00Z'],
    ['{start|yyyy}/{file}', '2026/a', '2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z'],
  ])('with a date by %s is of rows of that time', (template, path, from, before) => {
    expect(namingsOfPath(rule(template), path, ZONE)?.map(({ starts }) => starts)).toEqual([
      { fromMs: day(from), beforeMs: day(before) },
    ]);
  });

  test('with a date in words is read in every way, the right one among them', () => {
    const starts = { fromMs: day('2026-04-30T23:00:00Z'), beforeMs: day('2026-05-01T23:00:00Z') };
    expect(namingsOfPath(rule('{start|yyyy/LLL/dd}/{file}'), '2026/May/01/a', ZONE)).toContainEqual({
      ...{ columns: { file: 'a' }, anyEnding: null, starts },
    });
  });

  test('whose date says no year is of rows of any time', () => {
    expect(namingsOfPath(rule('{start|MM-dd}/{file}'), '02-29/a', ZONE)).toMatchObject([{ starts: null }]);
  });
});

describe('of any row', () => {
  const part = fc.stringMatching(/^[ab./ -]{1,4}$/);
  const startMs = fc.integer({ min: Date.UTC(1996, 0), max: Date.UTC(2030, 0) });
  const template = fc.constantFrom(
    ...['{x}', 'b/{x}', 'a-{x}', '{x}.wav', '{x}/{y}', '{x}-{y}', '{x}{y}', '{x}-{y}.a', '{x}/a', '{y}/a{x}'],
    ...[
      '{start|yyyy/MM/dd}/{x}',
      '{start|yyyy}/{x}-{y}',
      '{x}-{start|yyyyMMdd-HHmmss}',
      '{start|d.M.yyyy}{x}',
    ],
    ...["{start|yyyy'a'LLLL}/{x}", '{x}{start|MM-dd}'],
  );
  const converted = fc.constantFrom<readonly string[]>([], ['.a'], ['.mp3', '.b']);

  test('every name that it may have leads back to it', () => {
    fc.assert(
      fc.property(template, converted, part, part, startMs, (written, endings, x, y, ms) => {
        const one = rule(written, endingPlace(written) === null ? [] : endings);
        const resolved = resolveFile(one, { x, y }, { kind: 'at', ms }, ZONE);
        if (resolved.kind !== 'named') return;
        for (const path of resolved.paths) {
          const namings = namingsOfPath(one, path, ZONE);
          expect(
            namings?.some(naming => isAskedFor(naming, written, { x, y }, ms)),
            path,
          ).toBe(true);
        }
      }),
      { numRuns: 3000 },
    );
  });

  test('another that may have one of the same names is asked for with it', () => {
    const endsInColumn = fc.constantFrom('{x}', 'b/{x}', 'a-{x}', '{y}/{x}', '{y}-b/a{x}');
    fc.assert(
      fc.property(endsInColumn, converted, part, part, part, (written, endings, x, otherX, y) => {
        const one = rule(written, endings);
        const [ours, theirs] = [x, otherX].map(value =>
          resolveFile(one, { x: value, y }, { kind: 'at', ms: 0 }, ZONE),
        );
        if (ours?.kind !== 'named' || theirs?.kind !== 'named') return;
        if (!ours.paths.some(path => theirs.paths.includes(path))) return;
        const naming = namingOfRow(one, { x, y }, 0, ZONE);
        expect(naming !== null && isAskedFor(naming, written, { x: otherX, y }, 0)).toBe(true);
      }),
      { numRuns: 20_000 },
    );
  });
});

/** Whether a store that is asked so gives a row. */
function isAskedFor(
  { columns, anyEnding, starts }: Naming,
  template: string,
  row: Readonly<Record<string, string>>,
  ms: number,
): boolean {
  const isSame = (column: string): boolean => {
    const [asked = '', own = ''] = [columns[column], row[column]];
    return own === asked || (column === anyEnding && own.startsWith(`${asked}.`));
  };
  return (
    templateColumns(template).every(isSame) &&
    (starts === null || (starts.fromMs <= ms && ms < starts.beforeMs))
  );
}

test('the stem of a path is what its names have in common', () => {
  expect(['a.wav', 'a.b/c', '.a', 'a.', 'x/.a.b'].map(stemOf)).toEqual(['a', 'a.b/c', '.a', 'a', 'x/.a']);
});
