// No file may be claimed twice, by a row and a dataset of files or by rows of two datasets, and no table either: each
// claim would be disposed of by its own rules, over the other's holds.
import { afterEach, describe, expect, test } from 'vitest';
import { type ConfigFolders, configFolders, mistakesOf, POLICY, RIGHT } from './config-folders.ts';

const made: ConfigFolders[] = [];

afterEach(() => {
  for (const one of made.splice(0)) one.remove();
});

/** A table whose rows name files. */
function rows(name: string, path: string | null, table = name): string {
  return `  - dataset: ${name}
    table: ${table}
    key: [id]
    class: cdr
${path === null ? '' : `    files: [{ store: audio, path: "${path}" }]\n`}    start: { event: recorded, column: calldate, unit: datetime, zone: Europe/London }
`;
}

function filesStore(folders: readonly string[]): string {
  const datasets = folders.map(
    (folder, index) =>
      `  - { dataset: files-${index}, folder: '${folder}', class: cdr, start: { event: recorded, column: mtime } }\n`,
  );
  const head = 'store: audio\nkind: filesystem\nroot: { env: RETENTION_AUDIO_ROOT }\n';
  return datasets.length === 0 ? `${head}datasets: []\n` : `${head}datasets:\n${datasets.join('')}`;
}

function mistakes(datasets: readonly string[], folders: readonly string[] = []): string[] {
  const one = configFolders({
    ...RIGHT,
    'policies/cdr.yaml': POLICY,
    'jobs/stores/telecom.yaml': `store: telecom\nkind: mysql\nurl: { env: RETENTION_TELECOM_URL }\ndatasets:\n${datasets.join('')}`,
    'jobs/stores/audio.yaml': filesStore(folders),
  });
  made.push(one);
  return mistakesOf(one).mistakes;
}

describe('a template beside a folder of the same store', () => {
  test('is a mistake of the template, at its place', () => {
    expect(mistakes([rows('calls', 'a/{filename}')], ['a'])).toEqual([
      "jobs/stores/telecom.yaml:9:29 datasets[0].files[0].path: files of telecom/calls may also be those of audio/files-0: either would dispose of them over the other's holds",
    ]);
  });

  test.each([
    // template, folder
    ['{filename}', ''],
    ['a/{filename}', ''],
    ['{start|yyyy/MM/dd}/{filename}', ''],
    ['a/{filename}', 'a/b'],
    ['a/b/{filename}', 'a'],
    ['{customer}/{filename}', 'monitoring'],
    ['{customer}/{filename}', 'a'],
    ['call-{id}/x.wav', 'call-7'],
    ['{start|yyyy/MM/dd}/{filename}', '2026'],
    ['{start|yyyy/MM/dd}/{filename}', '2026/01'],
    ['{start|yyyy}-calls/{filename}', '2026-calls'],
    ['{start|MMM}/{filename}', 'Nov'],
  ])('%s meets folder "%s"', (template, folder) => {
    expect(mistakes([rows('calls', template)], [folder])).toHaveLength(1);
  });

  test.each([
    ['{start|yyyy/MM/dd}/{filename}', 'monitoring'],
    ['a/{filename}', 'b'],
    ['a.b/{filename}', 'axb'],
    ['a/{filename}', 'ab'],
    ['call-{id}/x.wav', 'monitoring'],
    ['{start|yyyy}-calls/{filename}', '2026-chats'],
  ])('%s never meets folder "%s"', (template, folder) => {
    expect(mistakes([rows('calls', template)], [folder])).toEqual([]);
  });

  // A column may hold several parts of a path, and a date may be written in words.
  test.each([
    ['{filename}/audio.wav', 'm/other'],
    ['{customer}x/{filename}', 'a/bx'],
    ['{start|LLL}/{filename}', 'Nov'],
    ["{start|'calls'/yyyy}/{filename}", 'calls'],
  ])('%s meets folder "%s"', (template, folder) => {
    expect(mistakes([rows('calls', template)], [folder])).toHaveLength(1);
  });

  test('each folder that it may meet is a mistake of its own', () => {
    const found = mistakes([rows('calls', '{customer}/{filename}')], ['a', 'b']);
    expect(found.map(text => /audio\/files-\d/.exec(text)?.[0])).toEqual(['audio/files-0', 'audio/files-1']);
  });
});

describe('templates of two datasets', () => {
  test('that may name one file are a mistake of the second', () => {
    const found = mistakes([rows('calls', '{filename}'), rows('voicemail', 'voicemail/{filename}')]);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(
      /^jobs\/stores\/telecom\.yaml:15:29 datasets\[1\]\.files\[0\]\.path: files of telecom\/voicemail may also be those of telecom\/calls/,
    );
  });

  test('with different fixed folders are none', () => {
    expect(mistakes([rows('calls', 'calls/{filename}'), rows('voicemail', 'voicemail/{filename}')])).toEqual(
      [],
    );
  });
});

test('a table that two datasets map is a mistake, however its name is written', () => {
  expect(mistakes([rows('calls', null, 'cdr'), rows('again', null, 'CDR')])).toEqual([
    'jobs/stores/telecom.yaml:11:5 datasets[1].table: table "CDR" is mapped by "calls" already: its rows would have two periods',
  ]);
});

describe('endings that a file may have in the place of its own', () => {
  const converted = (path: string, endings: string, name = 'calls'): string =>
    rows(name, path).replace(`path: "${path}"`, `path: "${path}", converted: ${endings}`);

  test.each([
    ['{filename}'],
    ['calls/{filename}'],
    ['call-{filename}'],
    ['{id}/{start|yyyy}/{filename}'],
    ['{filename}.wav'],
    ['{id}-{filename}.wav'],
    ['{id}/audio'],
  ])('are right for %s', path => {
    expect(mistakes([converted(path, '[.mp3, .ogg]')])).toEqual([]);
  });

  // A row whose ending stands in one column may share the file of one whose ending stands in another.
  test.each([
    ['{id}-{filename}'],
    ['{id}{filename}'],
    ['{filename}-all'],
    ['{filename}-{start|yyyy}'],
    ['call.{id}'],
    ['{id}/{id}'],
  ])('are a mistake for %s, whose ending is not sure', path => {
    expect(mistakes([converted(path, '[.mp3]')])).toEqual([
      expect.stringMatching(
        /^jobs\/stores\/telecom\.yaml:9:\d+ datasets\[0\]\.files\[0\]\.converted: it is not sure where the ending of this path stands$/,
      ),
    ]);
  });

  test.each([
    ["['mp3']", '"mp3" is not an ending'],
    ["['.mp3', '.*']", '".*" is not an ending'],
    ["['.m[p]3']", '".m[p]3" is not an ending'],
    ["['.mp3?']", '".mp3?" is not an ending'],
    ["['./mp3']", '"./mp3" is not an ending'],
    ["['.tar.gz']", '".tar.gz" is not an ending'],
    ["['.']", '"." is not an ending'],
    ["['']", '"" is not an ending'],
    ["['.mp 3']", '".mp 3" is not an ending'],
    ['[]', 'this list is empty'],
  ])('%s: %s', (endings, message) => {
    const found = mistakes([converted('{filename}', endings)]);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(message);
  });

  test('make a fixed name one that another dataset may claim', () => {
    expect(mistakes([converted('hello.wav', '[.ogg]'), rows('other', 'hello.mp3')])).toEqual([]);
    expect(mistakes([converted('hello.wav', '[.mp3]'), rows('other', 'hello.mp3')])).toHaveLength(1);
  });
});
