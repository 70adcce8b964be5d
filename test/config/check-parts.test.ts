// Datasets that are parts of others' rows, as they stand in a data map: what they leave unsaid is as it is for their row, and
// what does not go with a part is named at its place.
import { afterEach, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { type ConfigFolders, configFolders, mistakesOf, POLICY, RIGHT, STORE } from './config-folders.ts';

const made: ConfigFolders[] = [];
afterEach(() => {
  for (const one of made.splice(0)) one.remove();
});

const AUDIO = `store: audio
kind: filesystem
root: /audio
datasets: []
`;

const PART = `  - dataset: recordings
    partOf: cdr
    class: recording
    files: [{ store: audio, path: '{folder}/{file}' }]
    anonymise: { fields: [{ column: file, mask: null }, { column: folder, mask: { text: '' } }] }
`;

function folders(store: string, policy: (text: string) => string = text => text): ConfigFolders {
  const recording = POLICY.replaceAll(/(policy|class): cdr/g, '$1: recording');
  const one = configFolders({
    ...RIGHT,
    'policies/recording.yaml': policy(recording),
    'jobs/stores/audio.yaml': AUDIO,
    'jobs/stores/telecom.yaml': store,
  });
  made.push(one);
  return one;
}

const mistakes = (store: string, policy?: (text: string) => string): string[] =>
  mistakesOf(folders(store, policy)).mistakes;

/** Where a mistake is and what it says, without the name of the file. */
const inMap = (part: string, row = STORE): string[] =>
  mistakes(`${row}${part}`).map(one => one.replace(/^jobs\/stores\/telecom\.yaml:/, ''));

test('a part has its table, its key, and whose it is and from when, from its row', () => {
  const row = STORE.replace(
    'key: [id]',
    'key: [id]\n    customer: account\n    numbers: [src]\n    jurisdiction: GB',
  );
  const { policies, jobs } = folders(`${row}${PART}`);
  const [calls, recordings] =
    loadConfig(policies, jobs).stores.find(one => one.name === 'telecom')?.datasets ?? [];
  expect(recordings).toMatchObject({
    ...{ name: 'recordings', partOf: 'cdr', at: 'cdr', key: ['id'], customerColumn: 'account' },
    ...{ numberColumns: ['src'], jurisdiction: { kind: 'fixed', code: 'GB' } },
    ...{ start: calls?.start, startColumn: 'calldate' },
    files: [
      {
        cleared: [
          { column: 'file', to: null },
          { column: 'folder', to: '' },
        ],
      },
    ],
  });
  expect(calls?.partOf).toBe(null);
});

test('it may say otherwise', () => {
  const own = `${PART}    customer: agent\n    start: { event: recorded, column: made, unit: epoch-s }\n`;
  const { policies, jobs } = folders(`${STORE}${own}`);
  const [, recordings] =
    loadConfig(policies, jobs).stores.find(one => one.name === 'telecom')?.datasets ?? [];
  expect(recordings).toMatchObject({
    customerColumn: 'agent',
    startColumn: 'made',
    start: { unit: 'epoch-s' },
  });
});

test.each([
  [
    'a dataset that is not there',
    PART.replace('partOf: cdr', 'partOf: calls'),
    '11:5 datasets[1].partOf: this store has no dataset "calls"',
  ],
  [
    'a part',
    `${PART}${PART.replace('dataset: recordings', 'dataset: more').replace('partOf: cdr', 'partOf: recordings')}`,
    '16:5 datasets[2].partOf: "recordings" is itself a part of "cdr"',
  ],
  [
    'a dataset that starts from a part',
    `${PART}  - { dataset: notes, table: notes, key: [id], class: cdr, start: { event: recorded, from: { dataset: recordings, on: { cdr: id } } } }\n`,
    '15:94 datasets[2].start.from.dataset: "recordings" is a part of the rows of "cdr"',
  ],
  ['another table', `${PART}    table: other\n`, '15:5 datasets[1].table: "table" is not that of "cdr"'],
  ['another key', `${PART}    key: [uuid]\n`, '15:5 datasets[1].key: "key" is not that of "cdr"'],
  [
    'a flag',
    `${PART}    flag: { column: due, value: x }\n`,
    '15:5 datasets[1].flag: a part of a row has no "flag"',
  ],
  [
    'no columns',
    PART.replace(/ {4}(anonymise|files).*\n/g, ''),
    '10:5 datasets[1].dataset: a part of a row is the columns that it masks, and none are named',
  ],
  [
    'the key',
    PART.replace('fields: [', 'fields: [{ column: id, mask: null }, '),
    '14:29 datasets[1].anonymise.fields[0].column: column "id" says what a record of "recordings" is, whose, or from when',
  ],
  [
    'the start',
    PART.replace('fields: [', 'fields: [{ column: calldate, mask: null }, '),
    '14:29 datasets[1].anonymise.fields[0].column: column "calldate" says what a record of "recordings" is, whose, or from when',
  ],
  [
    'a file that it does not mask the name of',
    PART.replace("'{folder}/{file}'", "'{start|yyyy}/{id}.wav'"),
    '13:29 datasets[1].files[0].path: no column of this path is masked, so that the row would name the file after it has gone',
  ],
  [
    'a file whose name is hashed',
    PART.replace('column: file, mask: null', 'column: file, mask: keyed-hash'),
    '13:29 datasets[1].files[0].path: column "file" names a file, and its mask would leave the name of another',
  ],
])('%s', (_, part, mistake) => {
  expect(inMap(part)).toEqual([mistake]);
});

test('columns that its row, or another part, reads or writes', () => {
  const row = `${STORE}    numbers: [src]
    anonymise: { fields: [{ column: note, mask: null }] }
    files: [{ store: audio, path: 'notes/{note_file}' }]
`;
  const more = PART.replace('dataset: recordings', 'dataset: transcripts').replace(/ {4}files.*\n/, '');
  const part = (columns: string[]): string =>
    more.replace(
      /fields: .*/,
      `fields: [${columns.map(column => `{ column: ${column}, mask: null }`).join(', ')}] }`,
    );
  const said = inMap(`${PART}${part(['src', 'note', 'note_file', 'folder', 'own'])}`, row);
  const texts = said.map(one => one.replace(/^\S+ /, ''));
  expect(texts.filter(one => one.includes('datasets[2]')).map(one => one.replace(/^.*?: /, ''))).toEqual([
    'column "src" says what a record of "cdr" is, whose, or from when',
    'column "note" belongs to "cdr" as well',
    'column "note_file" belongs to "cdr" as well',
    'column "folder" belongs to "recordings" as well',
  ]);
});

test('rows that are dropped by the partition, or have no key, have no parts', () => {
  expect(inMap(PART, `${STORE}    partitions: drop\n`)).toEqual([
    '12:5 datasets[1].partOf: partitions of "cdr" are dropped, with rows that a part of them may have to keep',
  ]);
  expect(
    inMap(PART, STORE.replace('key: [id]', 'keyless: true')).map(one => one.replace(/^\S+ /, '')),
  ).toEqual(
    expect.arrayContaining([
      'datasets[1].anonymise: rows without a key are purged alone, without "anonymise"',
    ]),
  );
});

test('files have none', () => {
  const parts = AUDIO.replace(
    'datasets: []',
    `datasets:
  - { dataset: all, folder: all, class: cdr, start: { event: recorded, column: mtime } }
  - { dataset: some, partOf: all, folder: some, class: cdr }`,
  );
  const one = configFolders({ ...RIGHT, 'jobs/stores/audio.yaml': parts });
  made.push(one);
  expect(mistakesOf(one).mistakes).toEqual([
    'jobs/stores/audio.yaml:6:22 datasets[1].partOf: files have no "partOf"',
  ]);
});

test('a class that ends in a flag cannot be that of a part', () => {
  expect(mistakes(`${STORE}${PART}`, text => text.replace('purge', 'flag'))).toEqual([
    'jobs/stores/telecom.yaml:12:5 datasets[1].class: class recording ends in "flag", and a part of a row can only be cleared',
  ]);
  expect(mistakes(`${STORE}${PART}`, text => text.replace('purge', 'anonymise'))).toEqual([]);
});
