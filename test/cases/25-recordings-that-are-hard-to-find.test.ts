// Trap 25: recordings that their rows name in every way but a simple one. Twenty thousand files, and among them names that
// begin like others (ViciDial's purge takes `…_555*`), names with line breaks, quotes and asterisks, empty names, addresses,
// links out of the root, and files that are missing. What goes is exactly what a due row names; an unmounted root is not gone.
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isFirstServer } from '../support/first-server.ts';
import { daysAgo, type SmallTelecom, smallTelecom } from '../support/small-telecom.ts';

/** Which server keeps their rows makes no difference to files: so many are tried beside the first one. */
const FILES = isFirstServer ? 20_000 : 2_000;
const [OLD, NEW] = [daysAgo(90), daysAgo(5)];
const day = (index: number): string => `2025/${String(1 + (index % 12)).padStart(2, '0')}`;
/** Every other one is due. */
const plain = Array.from({ length: FILES }, (_, index) => ({
  filename: `${day(index)}/agent-${index}.wav`,
  at: index % 2 === 0 ? OLD : NEW,
}));

/** Names that a shell, a pattern or a prefix would take for others: the due one goes, and the file beside it stays. */
const ODD = [
  { due: 'odd/4455.wav', beside: ['odd/4455.wav.old', 'odd/44551234.wav', 'odd/4455.mp3', 'odd/4455'] },
  { due: 'odd/*.gsm', beside: ['odd/a.gsm', 'odd/b.gsm'] },
  { due: 'odd/[ab]?.ulaw', beside: ['odd/aX.ulaw', 'odd/bY.ulaw'] },
  { due: 'odd/two\nlines.wav', beside: ['odd/two', 'odd/two lines.wav'] },
  { due: `odd/"it's" $(x) \`y\` ; rm.wav`, beside: ['odd/it'] },
  { due: 'odd/back\\slash.wav', beside: ['odd/back', 'odd/slash.wav', 'odd/backslash.wav'] },
  { due: 'odd/ blank .wav', beside: ['odd/blank .wav', 'odd/ blank'] },
  { due: 'odd/-rf', beside: ['odd/rf'] },
  { due: 'odd/%41.wav', beside: ['odd/A.wav'] },
  { due: 'odd/ünï\u{1f4de}.wav', beside: ['odd/unï\u{1f4de}.wav'] },
];
/** Rows whose file cannot be named, or is not what it should be: they stay, and say why. */
const KEPT = [
  ['', 'column filename is empty'],
  [null, 'column filename is empty'],
  ['../outside/precious.wav', 'its path steps out of its folder'],
  ['odd/../../outside/precious.wav', 'its path steps out of its folder'],
  ['/etc/hostname', 'its path is not relative to the root'],
  ['https://recorder.example/1.mp3', 'its path is not relative to the root'],
  ['odd//double.wav', 'its path has an empty part'],
] as const;
/** Links: the root ends where they lead away. */
const LINKED = ['odd/link.wav', 'away/precious.wav'];
const MISSING = ['odd/gone-1.wav', 'odd/gone-2.wav', '2025/13/never.wav'];

let telecom: SmallTelecom;
let audio: string;
let outside: string;
const before = new Set<string>();

const put = (path: string): void => {
  const at = join(audio, path);
  mkdirSync(dirname(at), { recursive: true });
  writeFileSync(at, 'RIFF');
};
/** All that is there, links not followed. */
const listed = (): Set<string> =>
  new Set(
    readdirSync(audio, { recursive: true, withFileTypes: true }).flatMap(entry =>
      entry.isDirectory() ? [] : [join(entry.parentPath, entry.name).slice(audio.length + 1)],
    ),
  );
const rows = async (): Promise<(string | null)[]> =>
  telecom.database('recordings').orderBy('id').pluck('filename');

beforeAll(async () => {
  telecom = await smallTelecom({ kind: 'mysql', job: { batch: 2000 } });
  audio = join(telecom.folder, 'audio');
  outside = join(telecom.folder, 'outside');
  mkdirSync(outside);
  writeFileSync(join(outside, 'precious.wav'), randomBytes(64));
  for (const { filename } of plain) put(filename);
  for (const { due, beside } of ODD) for (const file of [due, ...beside]) put(file);
  put('odd/double.wav');
  symlinkSync(join(outside, 'precious.wav'), join(audio, 'odd/link.wav'));
  symlinkSync(outside, join(audio, 'away'));
  const due = [...ODD.map(one => one.due), ...KEPT.map(([name]) => name), ...LINKED, ...MISSING];
  await telecom.database.raw(
    'ALTER TABLE recordings MODIFY filename VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
  );
  await telecom.database.batchInsert(
    'recordings',
    [...plain, ...due.map(filename => ({ filename, at: OLD }))].map(row => ({ ...row, account: '1000' })),
    1000,
  );
  for (const file of listed()) before.add(file);
}, 300_000);
afterAll(() => telecom.drop());

test('a root that is not mounted is not a root whose files have gone', async () => {
  renameSync(audio, `${audio}.away`);
  mkdirSync(audio);
  const all = await rows();
  const planned = await telecom.cli('plan', 'nightly');
  expect(planned.stdout.replace(/\s+/g, ' ')).toContain(
    'its canary file is missing, so the root may not be mounted',
  );
  const run = await telecom.cli('run', 'nightly');
  expect(run.code, run.stdout).toBeGreaterThan(0);
  expect(`${run.stdout}${run.stderr}`).toContain('the root may not be mounted');
  expect(await rows()).toEqual(all);
  renameSync(audio, `${audio}.empty`);
  renameSync(`${audio}.away`, audio);
  expect(listed()).toEqual(before);
}, 300_000);

test('what goes is exactly what a due row names, and each oddity is told', async () => {
  const planned = await telecom.cli('plan', 'nightly');
  const said = planned.stdout.replace(/\s+/g, ' ');
  for (const [, why] of KEPT) expect(said).toContain(why);
  expect(said).toContain('it is not a plain file');
  expect(said).toContain('a link leads out of the root');
  expect(said).toContain(
    '3 records: the file that goes with it is missing, and nobody saw it go: the row stays',
  );

  const run = await telecom.cli('run', 'nightly', '--verify');
  expect(run.code, run.stdout + run.stderr).toBe(4);

  const going = new Set([
    ...plain.filter(({ at }) => at === OLD).map(one => one.filename),
    ...ODD.map(one => one.due),
  ]);
  const after = listed();
  expect([...before].filter(file => !after.has(file)).sort()).toEqual([...going].sort());
  expect([...after].filter(file => !before.has(file))).toEqual([]);
  expect(statSync(join(outside, 'precious.wav')).size).toBe(64);
  const left = await rows();
  expect(left.filter(name => !name?.startsWith('2025/')).sort()).toEqual(
    [...KEPT.map(([name]) => name), ...LINKED, ...MISSING.slice(0, 2)].sort(),
  );
  expect(left.filter(name => name?.startsWith('2025/'))).toEqual([
    ...plain.filter(({ at }) => at === NEW).map(one => one.filename),
    ...MISSING.slice(2),
  ]);
}, 300_000);
