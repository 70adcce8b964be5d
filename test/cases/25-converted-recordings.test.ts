// Traps 19 and 25: FusionPBX writes the row with the name of a .wav and makes an .mp3 of the file afterwards. The file goes
// under whichever of its names it stands, exactly those, and never one that a row which stays may name too.
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { daysAgo, type SmallTelecom, smallTelecom } from '../support/small-telecom.ts';

const [OLD, NEW] = [daysAgo(90), daysAgo(5)];
const AUDIO = 'RIFF';

/** Rows with their starts, the files there are, and those that must be left. */
interface Case {
  readonly rows: readonly (readonly [filename: string, at: string])[];
  readonly files: readonly string[];
  readonly left: readonly string[];
}

const CASES: Readonly<Record<string, Case>> = {
  'converted, the original gone': { rows: [['a.wav', OLD]], files: ['a.mp3'], left: [] },
  'converted, the original there': { rows: [['b.wav', OLD]], files: ['b.wav', 'b.mp3', 'b.ogg'], left: [] },
  'not converted': { rows: [['c.wav', OLD]], files: ['c.wav'], left: [] },
  'without an ending': { rows: [['d', OLD]], files: ['d', 'd.mp3'], left: [] },
  'in a folder with a dot': { rows: [['x.y/e', OLD]], files: ['x.y/e.mp3', 'x.mp3'], left: ['x.mp3'] },
  'named in full by a row that stays': {
    rows: [
      ['f.wav', OLD],
      ['f.mp3', NEW],
    ],
    files: ['f.wav', 'f.mp3'],
    left: ['f.mp3'],
  },
  'that a row which stays may have had converted': {
    rows: [
      ['g.mp3', OLD],
      ['g.wav', NEW],
    ],
    files: ['g.mp3', 'g.ogg'],
    left: ['g.mp3', 'g.ogg'],
  },
  'of a row that stays, with an ending that is in no list': {
    rows: [
      ['h.flac', OLD],
      ['h.alaw', NEW],
    ],
    files: ['h.flac', 'h.alaw', 'h.mp3'],
    left: ['h.alaw', 'h.mp3'],
  },
  'of a row that stays, without an ending': {
    rows: [
      ['i.wav', OLD],
      ['i', NEW],
    ],
    files: ['i.wav', 'i.mp3'],
    left: ['i.mp3'],
  },
  'that two due rows may name': {
    rows: [
      ['j.wav', OLD],
      ['j.ogg', OLD],
    ],
    files: ['j.wav', 'j.mp3', 'j.ogg'],
    left: [],
  },
  'beside names that begin or end like it': {
    rows: [['k.wav', OLD]],
    files: ['k.mp3', 'k.wav.mp3', 'k.mp3.old', 'k2.mp3', 'k.MP3', 'k.flac', 'kk/k.mp3'],
    left: ['k.wav.mp3', 'k.mp3.old', 'k2.mp3', 'k.MP3', 'k.flac', 'kk/k.mp3'],
  },
  'with wildcards in its name': {
    rows: [
      ['l_%|.wav', OLD],
      ['lxyz.wav', NEW],
    ],
    files: ['l_%|.mp3', 'lxyz.mp3', 'l_%.mp3'],
    left: ['lxyz.mp3', 'l_%.mp3'],
  },
  'with wildcards, and kept by another row': {
    rows: [
      [`m_'%"|\n.wav`, OLD],
      [`m_'%"|\n.gsm`, NEW],
    ],
    files: [`m_'%"|\n.wav`, `m_'%"|\n.mp3`],
    left: [`m_'%"|\n.mp3`],
  },
};

let telecom: SmallTelecom;
afterEach(() => telecom.drop());

const audio = (path: string): string => join(telecom.folder, 'audio', path);
const put = (path: string, text = AUDIO): void => {
  mkdirSync(dirname(audio(path)), { recursive: true });
  writeFileSync(audio(path), text);
};
const there = (): string[] =>
  readdirSync(join(telecom.folder, 'audio'), { recursive: true, withFileTypes: true })
    .flatMap(entry =>
      entry.isDirectory() ? [] : [join(entry.parentPath, entry.name).slice(audio('').length + 1)],
    )
    .filter(path => path !== '.canary')
    .sort();
const left = async (): Promise<string[]> => telecom.database('recordings').orderBy('id').pluck('filename');

async function open(kind: 'mysql' | 'sqlite', path = '{filename}', more: object = {}): Promise<void> {
  telecom = await smallTelecom({ kind });
  telecom.map([
    {
      dataset: 'recordings',
      table: 'recordings',
      key: ['id'],
      class: 'call-recording',
      start: { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' },
      files: [{ store: 'audio', path, converted: ['.mp3', '.ogg'] }],
      ...more,
    },
  ]);
}

async function addRows(rows: Case['rows']): Promise<void> {
  await telecom.database('recordings').insert(rows.map(([filename, at]) => ({ filename, at, account: '1' })));
}

interface PlannedPart {
  readonly files: number;
  readonly bytes: number;
  readonly findings: readonly { readonly code: string; readonly count: number }[];
}

async function planned(): Promise<PlannedPart> {
  const { stdout } = await telecom.cli('plan', 'nightly', '--format', 'json');
  return JSON.parse(stdout).parts.find((part: { class: string }) => part.class === 'call-recording');
}

describe.each([
  ['MariaDB, with an index on the name', 'mysql', true],
  ['MariaDB, without one', 'mysql', false],
  ['SQLite', 'sqlite', false],
] as const)('on %s', (_, kind, isIndexed) => {
  test('each goes under every name that it has, and none that a row which stays may name', async () => {
    await open(kind);
    if (isIndexed) await telecom.database.raw('CREATE INDEX by_name ON recordings (filename)');
    const all = Object.values(CASES);
    await addRows(all.flatMap(({ rows }) => rows));
    for (const path of all.flatMap(({ files }) => files)) put(path);

    const run = await telecom.cli('run', 'nightly', '--verify');
    expect(run.code, run.stdout + run.stderr).toBe(0);
    const isThere = new Set(there());
    for (const [what, { files, left: stays }] of Object.entries(CASES))
      expect(
        files.filter(path => isThere.has(path)),
        what,
      ).toEqual(stays);
    expect(await left()).toEqual(
      all.flatMap(({ rows }) => rows.flatMap(([filename, at]) => (at === NEW ? filename : []))),
    );
  });
});

test('the plan counts the files and bytes that are really there, and one as missing only where none is', async () => {
  await open('mysql', '{filename}', { bytes: 'size' });
  await telecom.database.raw('ALTER TABLE recordings ADD COLUMN size BIGINT DEFAULT 5000000');
  const names = ['both.wav', 'mp3.wav', 'own.wav', ...Array.from({ length: 16 }, (_, at) => `${at}.wav`)];
  await addRows([...names, 'none.wav'].map(name => [name, OLD] as const));
  for (const name of names.slice(3)) put(name, '');
  put('both.wav', 'x'.repeat(100));
  put('both.mp3', 'x'.repeat(10));
  put('mp3.mp3', 'x'.repeat(7));
  put('own.wav', 'x'.repeat(3));
  const part = await planned();
  // Not the size that the row states: it is that of a file which may be gone.
  expect({ files: part.files, bytes: part.bytes }).toEqual({ files: 20, bytes: 120 });
  expect(part.findings.filter(({ code }) => code === 'file-missing')).toMatchObject([{ count: 1 }]);
  const run = await telecom.cli('run', 'nightly');
  // The row whose file nobody saw go stays, and is told.
  expect(run.code, run.stdout + run.stderr).toBe(4);
  expect(there()).toEqual([]);
  expect(await left()).toEqual(['none.wav']);
});

test('an ending that stands in the template is replaced there, and rows that share a call share its file', async () => {
  await open('mysql', '{start|yyyy}/{filename}.wav');
  const year = OLD.slice(0, 4);
  await addRows([
    ['7', OLD],
    ['8', OLD],
    ['8', OLD],
    ['9.1', OLD],
  ]);
  // The same call, a little later, and kept for longer.
  telecom.write('policies/holds/h.yaml', {
    hold: 'h',
    kind: 'legal',
    matter: 'M',
    reason: 'R',
    placedBy: 'Legal',
    placed: '2025-01-31',
    scope: { records: [{ store: 'telecom', dataset: 'recordings', key: ['3'] }] },
  });
  for (const path of ['7.mp3', '8.mp3', '9.1.ogg', '9.mp3', '7.wav.mp3']) put(`${year}/${path}`);
  const run = await telecom.cli('run', 'nightly');
  expect(run.code, run.stdout + run.stderr).toBe(0);
  expect(there()).toEqual(['7.wav.mp3', '8.mp3', '9.mp3'].map(path => `${year}/${path}`));
  expect(await left()).toEqual(['8']);
});

test('where one of its names cannot be removed, the row stays, and so does the file under its other names', async () => {
  await open('mysql');
  await addRows([
    ['linked.wav', OLD],
    ['plain.wav', OLD],
  ]);
  put('linked.wav');
  put('plain.mp3');
  symlinkSync(audio('linked.wav'), audio('linked.mp3'));
  expect((await planned()).findings).toContainEqual(
    expect.objectContaining({ code: 'file-unreachable', count: 1 }),
  );
  const run = await telecom.cli('run', 'nightly');
  expect(run.code, run.stdout + run.stderr).toBe(4);
  expect(there()).toEqual(['linked.mp3', 'linked.wav']);
  expect(await left()).toEqual(['linked.wav']);
});
