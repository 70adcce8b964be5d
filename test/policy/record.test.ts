// From a stored record to what a decision needs: what a dataset does not say is told apart from what it says and a
// record lacks, and nothing that cannot be understood becomes something that can.
import { describe, expect, test } from 'vitest';
import { type ReadingRules, readRecord, type StoredRecord } from '../../src/policy/record.ts';

const stored: StoredRecord = {
  key: ['7'],
  tag: null,
  customer: null,
  numbers: [],
  jurisdiction: null,
  start: { value: '2026-05-01 10:00:00', status: null, sourceFound: true },
  columns: { file: 'a.wav', leg: '1' },
  bytes: 10,
  lock: null,
  done: [],
};

const reading: ReadingRules = {
  store: 'telecom',
  name: 'cdr',
  partOf: null,
  keyless: false,
  class: { kind: 'fixed', class: 'call-detail-record' },
  start: {
    event: 'recorded',
    unit: 'datetime',
    zone: 'Europe/London',
    format: null,
    sentinels: [],
    plausibleFromMs: 0,
    closedStatuses: null,
  },
  mapsCustomer: true,
  mapsNumbers: true,
  jurisdiction: { kind: 'none' },
  files: [],
};

test('what a dataset does not map is undefined, what a record lacks is null', () => {
  expect(readRecord(stored, reading)).toMatchObject({ customer: null, numbers: [], jurisdiction: undefined });
  const silent = readRecord(
    { ...stored, customer: 'C1', numbers: ['1'], jurisdiction: 'US' },
    {
      ...reading,
      mapsCustomer: false,
      mapsNumbers: false,
    },
  );
  expect(silent.customer).toBeUndefined();
  expect(silent.numbers).toBeUndefined();
  expect(silent.jurisdiction).toBeUndefined();
});

describe('class', () => {
  const byTag: ReadingRules = { ...reading, class: { kind: 'tag', classes: { rec: 'call-recording' } } };

  test.each([
    ['rec', 'call-recording'],
    ['REC', null],
    ['', null],
    [null, null],
    ['constructor', null],
    ['__proto__', null],
  ])('of tag %s is %s', (tag, expected) => {
    expect(readRecord({ ...stored, tag }, byTag).class).toBe(expected);
  });
});

describe('jurisdiction', () => {
  test.each([
    ['US', 'US'],
    ['US-FL', 'US-FL'],
    // Not a code: it stays what it is, and no law is stated of it.
    ['USA', 'USA'],
    ['us', 'us'],
    ['Florida', 'Florida'],
    ['', null],
    [' ', null],
    [null, null],
  ])('of column value %s is %s', (jurisdiction, expected) => {
    const rules: ReadingRules = { ...reading, jurisdiction: { kind: 'column' } };
    expect(readRecord({ ...stored, jurisdiction }, rules).jurisdiction).toBe(expected);
  });

  test('of the dataset is that of each record', () => {
    const rules: ReadingRules = { ...reading, jurisdiction: { kind: 'fixed', code: 'GB' } };
    expect(readRecord({ ...stored, jurisdiction: 'US' }, rules).jurisdiction).toBe('GB');
  });
});

describe('files', () => {
  test('of a part are named no more once its columns are masked, and while half of them are that is a doubt', () => {
    const cleared = [
      { column: 'folder', to: null },
      { column: 'file', to: 'gone' },
    ];
    const rule = {
      store: 'files',
      template: '{folder}/{file}',
      converted: [],
      absent: [],
      cleared,
      missing: 'refuse',
    } as const;
    const read = (folder: string | null, file: string | null) => {
      const { files, fileDoubt } = readRecord(
        { ...stored, columns: { folder, file } },
        { ...reading, files: [rule] },
      );
      return [files.flatMap(({ paths }) => paths), fileDoubt];
    };
    expect(read('a', 'b.wav')).toEqual([['a/b.wav'], null]);
    for (const [folder, file] of [
      [null, 'gone'],
      [null, null],
      ['', ''],
      ['', 'gone'],
    ] as const)
      expect(read(folder, file)).toEqual([[], null]);
    expect(read(null, 'b.wav')).toEqual([[], 'column folder is empty']);
    expect(read('a', '')).toEqual([[], 'column file is empty']);
  });

  const filed = (
    template: string,
    columns: StoredRecord['columns'] = stored.columns,
    value = '2026-05-01 23:30:00',
    converted: readonly string[] = [],
  ) =>
    readRecord(
      { ...stored, columns, start: { ...stored.start, value } },
      {
        ...reading,
        files: [
          { store: 'files', template, converted, absent: ['none', null], cleared: [], missing: 'refuse' },
        ],
      },
    );

  test('are named by columns and by the local date of the start', () => {
    expect(filed('{start|yyyy/MM/dd}/{file}')).toMatchObject({
      files: [{ store: 'files', paths: ['2026/05/01/a.wav'] }],
      fileDoubt: null,
    });
  });

  test.each([['none'], [null]])('that are said to be absent (%s) are no doubt', file => {
    expect(filed('{file}', { file })).toMatchObject({ files: [], fileDoubt: null });
  });

  test.each([
    ['{file}', { file: '' }],
    ['{file}', { file: '../a.wav' }],
    ['{file}', { file: '/etc/passwd' }],
    ['{file}', { file: 'a\0.wav' }],
    ['x/{file}', { file: '/a.wav' }],
    ['x/{file}', { file: './a.wav' }],
    ['{file}', { file: 'http://host/a.wav' }],
  ])('template %s with %o is a doubt', (template, columns) => {
    const read = filed(template, columns);
    expect(read.files).toEqual([]);
    expect(read.fileDoubt).not.toBeNull();
  });

  test('named by a date that is not known are a doubt', () => {
    expect(filed('{start|yyyy}/{file}', stored.columns, '0000-00-00 00:00:00').fileDoubt).not.toBeNull();
  });

  describe('that something has converted', () => {
    const names = (file: string, template = '{file}') =>
      filed(template, { file }, stored.start.value ?? '', ['.mp3', '.ogg']).files.map(({ paths }) => paths);

    test.each([
      ['a.wav', ['a.wav', 'a.mp3', 'a.ogg']],
      ['a.mp3', ['a.mp3', 'a.ogg']],
      ['a', ['a', 'a.mp3', 'a.ogg']],
      ['a.', ['a.', 'a.mp3', 'a.ogg']],
      ['a.tar.gz', ['a.tar.gz', 'a.tar.mp3', 'a.tar.ogg']],
      ['a.WAV', ['a.WAV', 'a.mp3', 'a.ogg']],
      // The dot of a folder is no ending, nor is one that a name begins with.
      ['a.b/c', ['a.b/c', 'a.b/c.mp3', 'a.b/c.ogg']],
      ['a.b/.c', ['a.b/.c', 'a.b/.c.mp3', 'a.b/.c.ogg']],
      ['.c', ['.c', '.c.mp3', '.c.ogg']],
      ['*.wav', ['*.wav', '*.mp3', '*.ogg']],
      ['two\nlines.wav', ['two\nlines.wav', 'two\nlines.mp3', 'two\nlines.ogg']],
    ])('are %j under each of their names', (file, paths) => {
      expect(names(file)).toEqual([paths]);
    });

    test('have their own ending from the template where it stands there', () => {
      expect(names('a.b', '{file}.wav')).toEqual([['a.b.wav', 'a.b.mp3', 'a.b.ogg']]);
    });

    test('are a doubt where their own name is', () => {
      expect(names('../a.wav')).toEqual([]);
    });
  });
});
