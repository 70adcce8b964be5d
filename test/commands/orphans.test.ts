// What `retention orphans` says: rows whose file is gone, and files that no row names. What it cannot tell is never said to
// be an orphan, and nothing is changed.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Orphans } from '../../src/plan/orphans.ts';
import { kindsHere } from '../support/first-server.ts';
import { daysAgo, nightlyJob, type SmallTelecom, smallTelecom } from '../support/small-telecom.ts';

const OLD = daysAgo(90);
const LONG_AGO = new Date(Date.now() - 30 * 86_400_000);

let telecom: SmallTelecom;
afterEach(() => telecom.drop());

const at = (path: string, root = 'audio'): string => join(telecom.folder, root, path);
/** A file of four bytes that has been there for a month, or since then. */
function put(path: string, root = 'audio', since = LONG_AGO): void {
  mkdirSync(dirname(at(path, root)), { recursive: true });
  writeFileSync(at(path, root), 'RIFF');
  utimesSync(at(path, root), since, since);
}

async function addRows(names: readonly (string | null)[], more: object = {}): Promise<void> {
  await telecom.database.batchInsert(
    'recordings',
    names.map(filename => ({ filename, at: OLD, account: '1', ...more })),
    500,
  );
}

const dataset = (files: readonly object[], more: object = {}): object => ({
  dataset: 'recordings',
  table: 'recordings',
  key: ['id'],
  class: 'call-recording',
  start: { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' },
  files,
  ...more,
});

interface Said extends Orphans {
  readonly code: number | null;
  readonly text: string;
  readonly peakMb: number | null;
}

async function orphans(): Promise<Said> {
  const { code, stdout, stderr, peakMb } = await telecom.cli('orphans', 'nightly', '--format', 'json');
  expect(stderr).not.toMatch(/unexpected/);
  const text = (await telecom.cli('orphans', 'nightly')).stdout.replace(/\s+/g, ' ');
  return { ...(JSON.parse(stdout) as Orphans), code, text, peakMb };
}

const seen = (root: string): string[] =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter(entry => !entry.isDirectory())
    .map(entry => join(entry.parentPath, entry.name))
    .sort();

describe.each(kindsHere)('on %s', kind => {
  test('rows without their file and files without a row are told apart from all that looks like them', async () => {
    telecom = await smallTelecom({ kind });
    telecom.map([dataset([{ store: 'audio', path: '{filename}', absent: ['none'] }])]);
    const odd = [
      'two\nlines.wav',
      `"it's" \`$(x)\`.wav`,
      '%.wav',
      '_.wav',
      'back\\slash.wav',
      '*.wav',
      '☎.wav',
    ];
    await addRows([
      ...['a.wav', 'shared.wav', 'shared.wav', 'deep/er/b.wav', ...odd],
      ...['gone.wav', 'deep/gone.wav', '*.gsm', 'a', 'none', '', '../out.wav', 'link.wav', 'away/out.wav'],
    ]);
    for (const path of ['a.wav', 'shared.wav', 'deep/er/b.wav', ...odd]) put(path);
    const without = [
      ...[
        'a.wav.old',
        'a.wa',
        'xa.wav',
        'deep/a.wav',
        'lines.wav',
        "it's.wav",
        'x.gsm',
        'none',
        ' a.wav',
        'out.wav',
      ],
    ];
    for (const path of without) put(path);
    if (kind === 'mysql') put('A.WAV');
    put('young.wav', 'audio', new Date());
    mkdirSync(at('', 'outside'));
    put('out.wav', 'outside');
    symlinkSync(at('out.wav', 'outside'), at('link.wav'));
    symlinkSync(at('', 'outside'), at('away'));
    const before = [
      seen(telecom.folder).filter(path => !path.includes('ledger')),
      await telecom.database('recordings'),
    ];

    const said = await orphans();
    expect(said.code).toBe(0);
    expect(said.failures).toEqual([]);
    expect(said.rows).toEqual([
      {
        ...{ store: 'telecom', dataset: 'recordings', rows: 20 },
        gone: { count: 4, samples: ['["12"]', '["13"]', '["14"]', '["15"]'] },
        unsaid: [
          { why: 'the file cannot be named: column filename is empty', count: 1, samples: ['["17"]'] },
          {
            why: 'the file cannot be named: its path steps out of its folder',
            count: 1,
            samples: ['["18"]'],
          },
          { why: 'the file cannot be looked at: it is not a plain file', count: 1, samples: ['["19"]'] },
          {
            why: 'the file cannot be looked at: a link leads out of the root',
            count: 1,
            samples: ['["20"]'],
          },
        ],
      },
    ]);
    const all = kind === 'mysql' ? [...without, 'A.WAV'] : without;
    const [files] = said.files;
    expect(files).toMatchObject({
      ...{ store: 'audio', files: 10 + all.length + 1, unsaid: [] },
      orphans: { count: all.length, bytes: 4 * all.length },
      young: { count: 1, bytes: 4 },
      passed: { links: 2, otherKinds: 0, misnamed: 0 },
    });
    expect(files?.orphans.samples).toHaveLength(5);
    expect(all).toEqual(expect.arrayContaining([...(files?.orphans.samples ?? [])]));
    expect(said.text).toContain('4 rows whose file is gone: ["12"], ["13"], ["14"], ["15"]');
    expect(said.text).toContain(`${all.length} files that no row names, ${4 * all.length} B: "`);
    expect(said.text).toContain('1 file that no row names yet, changed in the last 48 hours, 4 B');
    expect(said.text).toContain('passed over: 2 x link');
    expect([
      seen(telecom.folder).filter(path => !path.includes('ledger')),
      await telecom.database('recordings'),
    ]).toEqual(before);
  });

  test('a converted file is no orphan, whatever ending its row has, and its row has its file', async () => {
    telecom = await smallTelecom({ kind });
    telecom.map([dataset([{ store: 'audio', path: 'calls/{filename}', converted: ['.mp3', '.ogg'] }])]);
    await addRows(['a.wav', 'b.flac', 'c', 'd.wav', 'e.mp3', 'f.wav']);
    for (const path of ['a.mp3', 'b.ogg', 'c.mp3', 'd.wav', 'd.mp3', 'e.mp3']) put(`calls/${path}`);
    for (const path of ['calls/a.flac', 'calls/a.wav.mp3', 'calls/g.mp3', 'a.mp3']) put(path);
    const said = await orphans();
    expect(said.rows[0]?.gone).toEqual({ count: 1, samples: ['["6"]'] });
    expect(said.files[0]?.orphans.samples.toSorted()).toEqual([
      ...['a.mp3', 'calls/a.flac', 'calls/a.wav.mp3', 'calls/g.mp3'],
    ]);
  });

  test('dates, several columns and templates that can be read in several ways', async () => {
    telecom = await smallTelecom({ kind });
    telecom.map([dataset([{ store: 'audio', path: '{start|yyyy/MM/dd}/{account}-{filename}.wav' }])]);
    await addRows(['1'], { at: '2026-05-01 23:59:59', account: 'a-b' });
    await addRows(['b-2'], { at: '2026-05-02 00:00:00', account: 'a' });
    for (const path of ['2026/05/01/a-b-1.wav', '2026/05/02/a-b-2.wav']) put(path);
    const without = ['2026/05/01/a-b-2.wav', '2026/05/02/a-b-1.wav', '2026/13/01/a-b-1.wav', 'a-b-1.wav'];
    for (const path of without) put(path);
    const said = await orphans();
    expect(said.rows[0]).toMatchObject({ rows: 2, gone: { count: 0 }, unsaid: [] });
    expect(said.files[0]?.orphans.samples.toSorted()).toEqual(without.toSorted());
  });
});

test('20,000 files in one folder are walked a page at a time', async () => {
  telecom = await smallTelecom({ kind: 'mysql' });
  telecom.map([dataset([{ store: 'audio', path: 'calls/{filename}' }])]);
  const FILES = 20_000;
  put('calls/none.wav');
  const few = await orphans();
  for (let index = 0; index < FILES; index += 1) {
    writeFileSync(at(`calls/${index}.wav`), '');
    if (index % 1000 === 7) utimesSync(at(`calls/${index}.wav`), LONG_AGO, LONG_AGO);
  }
  const names = Array.from({ length: FILES }, (_, index) => `${index}.wav`);
  await addRows(names.filter((_, index) => index % 1000 !== 7));
  await addRows(Array.from({ length: 30 }, (_, index) => `gone-${index}.wav`));
  const many = await orphans();
  expect(many.code).toBe(0);
  expect(many.rows[0]).toMatchObject({ rows: FILES + 10, gone: { count: 30 }, unsaid: [] });
  expect(many.files[0]).toMatchObject({ files: FILES + 1, orphans: { count: 21 }, young: { count: 0 } });
  // Both directions hold a page: less than the names and rows alone would take.
  expect((many.peakMb ?? 0) - (few.peakMb ?? 0)).toBeLessThan(80);
}, 180_000);

describe('what cannot be looked at is said, and the rest goes on', () => {
  const twoRoots = async (): Promise<void> => {
    telecom = await smallTelecom({ kind: 'mysql', job: { stores: ['telecom', 'audio', 'boxes'] } });
    telecom.write('jobs/stores/boxes.yaml', {
      ...{ store: 'boxes', kind: 'filesystem', root: at('', 'boxes'), canary: '.canary', datasets: [] },
    });
    telecom.write('boxes/.canary', '');
    await telecom.database.raw('CREATE TABLE voicemail LIKE recordings');
    telecom.map([
      dataset([{ store: 'audio', path: '{filename}' }]),
      dataset([{ store: 'boxes', path: '{filename}' }], { dataset: 'voicemail', table: 'voicemail' }),
    ]);
    await addRows(['a.wav', 'gone.wav']);
    await telecom.database('voicemail').insert({ filename: 'v.wav', at: OLD, account: '1' });
    put('a.wav');
    put('orphan.wav');
    put('v.wav', 'boxes');
    put('orphan.wav', 'boxes');
  };

  test('a root that is not mounted', async () => {
    await twoRoots();
    renameSync(at(''), at('', 'away'));
    mkdirSync(at(''));
    const said = await orphans();
    expect(said.code).toBe(1);
    expect(said.failures).toMatchObject([
      { store: 'audio', dataset: null, message: expect.stringContaining('its canary file is missing') },
      { store: 'telecom', dataset: 'recordings', message: expect.stringContaining('its files are in audio') },
    ]);
    expect(said.rows).toMatchObject([{ dataset: 'voicemail', rows: 1, gone: { count: 0 } }]);
    expect(said.files).toMatchObject([{ store: 'boxes', files: 2, orphans: { samples: ['orphan.wav'] } }]);
    expect(said.text).toContain('Not looked at store audio cannot be reached');
    rmSync(at(''), { recursive: true });
    renameSync(at('', 'away'), at(''));
    expect((await orphans()).code).toBe(0);
  });

  test('a table that is not as it is declared', async () => {
    await twoRoots();
    await telecom.database.raw('ALTER TABLE recordings RENAME COLUMN filename TO file');
    const said = await orphans();
    expect(said.code).toBe(1);
    expect(said.failures).toMatchObject([
      { store: 'telecom', dataset: 'recordings', message: expect.stringContaining('no column "filename"') },
    ]);
    expect(said.rows.map(one => one.dataset)).toEqual(['voicemail']);
    expect(said.files).toMatchObject([
      {
        store: 'audio',
        orphans: { count: 0 },
        unsaid: [{ why: 'rows of telecom/recordings could not be asked', count: 2 }],
      },
      { store: 'boxes', orphans: { count: 1 } },
    ]);
  });

  test('a database that is not there', async () => {
    await twoRoots();
    const env = { ...telecom.env, TELECOM_AT: 'mysql://nobody:secret@127.0.0.1:9/nothing' };
    const { retention } = await import('../support/cli.ts');
    const { code, stdout } = await retention(['orphans', 'nightly', '--format', 'json'], env);
    const said = JSON.parse(stdout) as Orphans;
    expect(code).toBe(1);
    expect(stdout).not.toContain('secret');
    expect(said.failures).toMatchObject([
      { store: 'telecom', message: expect.stringContaining('store telecom cannot be reached') },
    ]);
    expect(said.rows).toEqual([]);
    expect(said.files.map(({ orphans: { count }, unsaid }) => [count, unsaid[0]?.count])).toEqual([
      [0, 2],
      [0, 2],
    ]);
  });

  test('a name that reads as an address, by which no row is trusted', async () => {
    telecom = await smallTelecom({ kind: 'sqlite' });
    telecom.map([dataset([{ store: 'audio', path: '{filename}' }])]);
    put('rec-10:15.wav');
    put('10:15.wav');
    await addRows(['rec-10:15.wav', '10:15.wav']);
    const said = await orphans();
    expect(said.rows[0]?.unsaid.map(one => one.count)).toEqual([1]);
    expect(said.files[0]).toMatchObject({
      orphans: { count: 0 },
      unsaid: [{ why: 'no row is trusted to name it: its path is not relative to the root', count: 1 }],
    });
  });

  test('a template that can be read in too many ways', async () => {
    telecom = await smallTelecom({ kind: 'sqlite' });
    telecom.map([dataset([{ store: 'audio', path: '{account}{filename}' }])]);
    put('x'.repeat(220));
    put('short.wav');
    await addRows(['hort.wav'], { account: 's' });
    const said = await orphans();
    expect(said.code).toBe(0);
    expect(said.files[0]).toMatchObject({
      orphans: { count: 0 },
      unsaid: [{ why: 'the template of telecom/recordings can be read from it in too many ways', count: 1 }],
    });
  });
});

test('files that are records of their own, or that rows of another job name, are no orphans', async () => {
  telecom = await smallTelecom({ kind: 'mysql' });
  await telecom.database.raw('CREATE TABLE voicemail LIKE recordings');
  const url = { store: 'elsewhere', kind: 'mysql', url: { env: 'TELECOM_AT' } };
  telecom.map([dataset([{ store: 'audio', path: 'calls/{filename}' }])]);
  telecom.write('jobs/stores/elsewhere.yaml', {
    ...url,
    datasets: [
      dataset([{ store: 'audio', path: 'boxes/{filename}' }], { dataset: 'voicemail', table: 'voicemail' }),
    ],
  });
  telecom.write('jobs/stores/audio.yaml', {
    ...{ store: 'audio', kind: 'filesystem', root: at(''), canary: '.canary' },
    datasets: [
      {
        ...{ dataset: 'monitoring', folder: 'monitoring', class: 'call-recording', pattern: '.+\\.wav' },
        start: { event: 'recorded', column: 'mtime' },
      },
    ],
  });
  telecom.write('jobs/weekly.yaml', nightlyJob({ job: 'weekly', stores: ['elsewhere', 'audio'] }));
  await telecom.database('voicemail').insert({ filename: 'v.wav', at: OLD, account: '1' });
  for (const path of ['monitoring/m.wav', 'monitoring/m.txt', 'boxes/v.wav', 'boxes/w.wav', 'calls/c.wav'])
    put(path);
  const said = await orphans();
  expect(said.code).toBe(0);
  expect(said.rows.map(one => one.store)).toEqual(['telecom']);
  expect(said.files[0]?.files).toBe(4);
  expect(said.files[0]?.orphans.samples.toSorted()).toEqual([
    'boxes/w.wav',
    'calls/c.wav',
    'monitoring/m.txt',
  ]);
});

test('keys that identify people are hashed, and nothing is said where there is no key for that', async () => {
  telecom = await smallTelecom({ kind: 'sqlite' });
  telecom.map([dataset([{ store: 'audio', path: '{filename}' }], { key: ['account'], keysPersonal: true })]);
  await telecom.database.raw('DROP TABLE recordings');
  await telecom.database.raw(
    'CREATE TABLE recordings (account TEXT PRIMARY KEY NOT NULL, at TEXT, filename TEXT)',
  );
  await addRows(['gone.wav'], { account: '+442079460018' });
  const said = await orphans();
  expect(said.rows[0]?.gone.samples).toEqual([expect.stringMatching(/^#[0-9a-f]{64}$/)]);
  expect(JSON.stringify(said)).not.toContain('7946');
  const { RETENTION_HASH_KEY: _, ...env } = telecom.env;
  const { retention } = await import('../support/cli.ts');
  const { code, stderr } = await retention(['orphans', 'nightly'], env);
  expect(code).toBe(2);
  expect(stderr).toContain('RETENTION_HASH_KEY');
});

test('a job without rows that name files says so', async () => {
  telecom = await smallTelecom({
    kind: 'sqlite',
    job: { policies: ['call-detail-record'], stores: ['telecom'] },
  });
  const said = await orphans();
  expect(said).toMatchObject({ code: 0, rows: [], files: [], failures: [] });
  expect(said.text).toContain('No rows of this job name files.');
  expect(existsSync(at('.canary')) && statSync(at('.canary')).size).toBe(0);
});
