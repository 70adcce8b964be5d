// A row and its file go together or stay together: through the real program, with rows that something holds back,
// files that cannot be removed, files that two rows share, and files that are not there.
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Knex } from 'knex';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readEvidence } from '../../src/ledger/evidence.ts';
import { type Finished, idIn } from '../support/cli.ts';
import { auditEvents, spyOn } from '../support/small-ledger.ts';
import { addRecordings, countOf, type SmallTelecom, smallTelecom } from '../support/small-telecom.ts';

const KEPT = 2;
let telecom: SmallTelecom;
let ledger: Knex;

beforeEach(async () => {
  telecom = await smallTelecom({ kind: 'sqlite' });
  ledger = spyOn(telecom.ledger);
});

afterEach(async () => {
  await ledger.destroy();
  await telecom.drop();
});

/** Ids of the recordings that stand in the table. */
async function rows(): Promise<number[]> {
  return telecom.database('recordings').orderBy('id').pluck('id');
}

/** What became of the recordings that did not go, by key. */
async function spared(): Promise<string[]> {
  const stored = await ledger('audit_evidence').where({ dataset: 'recordings' }).orderBy('seq');
  return stored
    .flatMap((row: { batch_keys: Uint8Array; outcomes: string }) =>
      readEvidence({ packedKeys: row.batch_keys, outcomes: row.outcomes }),
    )
    .filter(line => line.did !== 'purged')
    .map(line => `${line.keyText} ${line.did} ${line.why}`);
}

async function run(): Promise<Finished> {
  const finished = await telecom.cli('run', 'nightly', '--quiet');
  expect([0, 4], finished.stderr).toContain(finished.code);
  return finished;
}

/** Puts something else where the file of a recording was. */
function spoil(index: number, by: 'directory' | 'link'): void {
  const path = join(telecom.folder, 'audio', `${index}/call-${index}.wav`);
  rmSync(path);
  if (by === 'directory') mkdirSync(path);
  else symlinkSync(join(telecom.folder, 'audio', '.canary'), path);
}

function without(ids: readonly number[]): number[] {
  return [...ids, 9, 10].sort((a, b) => a - b);
}

test('a row that another table refers to is spared and keeps its file', async () => {
  await addRecordings(telecom, 8, KEPT);
  await telecom.database.raw(
    'CREATE TABLE disputes (id INTEGER PRIMARY KEY, recording INTEGER REFERENCES recordings (id) ON DELETE RESTRICT)',
  );
  await telecom.database('disputes').insert([{ recording: 3 }, { recording: 6 }]);
  await run();
  expect(await rows()).toEqual(without([3, 6]));
  expect(await countOf(telecom.database, 'disputes')).toBe(2);
  expect(telecom.files()).toEqual(['2/call-2.wav', '5/call-5.wav', '8/call-8.wav', '9/call-9.wav']);
  expect((await spared()).map(line => line.split(':')[0])).toEqual([
    '["3"] spared blocked',
    '["6"] spared blocked',
  ]);
});

test.each(['directory', 'link'] as const)(
  'a row whose file cannot be removed (a %s) stays in the table, and the others of its batch go',
  async by => {
    await addRecordings(telecom, 8, KEPT);
    spoil(4, by);
    await run();
    expect(await rows()).toEqual(without([5]));
    // The link or folder itself is left alone.
    expect(telecom.files()).toEqual(['4/call-4.wav', '8/call-8.wav', '9/call-9.wav']);
    const left = await spared();
    expect(left).toHaveLength(1);
    expect(left[0]).toMatch(/^\["5"\] spared file-kept: it is not a plain file$/);
    const reasons = (await auditEvents(ledger, 'done')).map(event => event.reasons);
    expect(reasons).toContainEqual({ 'file-kept: it is not a plain file': 1 });
  },
);

test('blocked rows and files that stay, in one batch', async () => {
  await addRecordings(telecom, 8, KEPT);
  await telecom.database.raw(
    'CREATE TABLE disputes (id INTEGER PRIMARY KEY, recording INTEGER REFERENCES recordings (id) ON DELETE RESTRICT)',
  );
  await telecom.database('disputes').insert({ recording: 3 });
  spoil(4, 'directory');
  await run();
  expect(await rows()).toEqual(without([3, 5]));
  expect(telecom.files()).toEqual(['2/call-2.wav', '4/call-4.wav', '8/call-8.wav', '9/call-9.wav']);
  expect((await spared()).map(line => line.split(':')[0])).toEqual([
    '["3"] spared blocked',
    '["5"] spared file-kept',
  ]);
});

test('a file that a held row names too stays, and the row that was due goes', async () => {
  await addRecordings(telecom, 8, KEPT);
  await telecom.database('recordings').where({ id: 1 }).update({ filename: '1/call-1.wav' });
  const placed = await telecom.cli(
    ...['hold', 'place', '--matter', 'M', '--reason', 'R'],
    ...['--record', 'telecom/recordings/2'],
  );
  expect(placed.code, placed.stderr).toBe(0);
  await run();
  expect(await rows()).toEqual(without([2]));
  expect(telecom.files()).toEqual(['0/call-0.wav', '1/call-1.wav', '8/call-8.wav', '9/call-9.wav']);
});

test('a file that two due rows share goes with both', async () => {
  await addRecordings(telecom, 8, KEPT);
  await telecom.database('recordings').where({ id: 1 }).update({ filename: '1/call-1.wav' });
  rmSync(join(telecom.folder, 'audio/0/call-0.wav'));
  await run();
  expect(await rows()).toEqual(without([]));
  expect(telecom.files()).toEqual(['8/call-8.wav', '9/call-9.wav']);
});

test.each([
  ['{account}-{filename}', { account: 'x', filename: 'y-z.wav' }, { account: 'x-y', filename: 'z.wav' }],
  ['{account}{filename}', { account: 'x-', filename: 'y-z.wav' }, { account: 'x-y', filename: '-z.wav' }],
])(
  'a file that two rows name by %s with other columns stays with the one that stays',
  async (path, due, held) => {
    await addRecordings(telecom, 2, 0);
    const map = telecomMap() as { datasets: { files: { path: string }[] }[] };
    for (const file of map.datasets.flatMap(({ files }) => files)) file.path = path;
    telecom.write('jobs/stores/telecom.yaml', map);
    await telecom.database('recordings').where({ id: 1 }).update(due);
    await telecom.database('recordings').where({ id: 2 }).update(held);
    telecom.write('audio/x-y-z.wav', 'RIFF');
    const placed = await telecom.cli(
      ...['hold', 'place', '--matter', 'M', '--reason', 'R'],
      ...['--record', 'telecom/recordings/2'],
    );
    expect(placed.code, placed.stderr).toBe(0);
    await run();
    expect(await rows()).toEqual([2]);
    expect(telecom.files()).toContain('x-y-z.wav');
  },
);

test('a file named by the year is shared by rows of other days of it', async () => {
  await addRecordings(telecom, 2, 0);
  const map = telecomMap() as { datasets: { files: { path: string }[] }[] };
  for (const file of map.datasets.flatMap(({ files }) => files)) file.path = '{start|yyyy}/{filename}';
  telecom.write('jobs/stores/telecom.yaml', map);
  // The same year for both, on whichever day this runs.
  await telecom
    .database('recordings')
    .where({ id: 1 })
    .update({ at: '2020-03-01 10:00:00', filename: 'x.wav' });
  await telecom
    .database('recordings')
    .where({ id: 2 })
    .update({ at: '2020-11-01 10:00:00', filename: 'x.wav' });
  telecom.write('audio/2020/x.wav', 'RIFF');
  const placed = await telecom.cli(
    ...['hold', 'place', '--matter', 'M', '--reason', 'R'],
    ...['--record', 'telecom/recordings/2'],
  );
  expect(placed.code, placed.stderr).toBe(0);
  await run();
  expect(await rows()).toEqual([2]);
  expect(telecom.files()).toContain('2020/x.wav');
});

test('a file that a row shares with one whose own stays is not taken from it', async () => {
  await addRecordings(telecom, 8, KEPT);
  await telecom.database.raw(
    'CREATE TABLE disputes (id INTEGER PRIMARY KEY, recording INTEGER REFERENCES recordings (id) ON DELETE RESTRICT)',
  );
  await telecom.database('disputes').insert({ recording: 2 });
  await telecom.database('recordings').where({ id: 1 }).update({ filename: '1/call-1.wav' });
  await run();
  expect(await rows()).toEqual(without([2]));
  expect(telecom.files()).toContain('1/call-1.wav');
});

/** Due recordings of which so many have lost their files. */
async function addMissing(due: number, missing: number): Promise<void> {
  await addRecordings(telecom, due, KEPT);
  for (let index = 0; index < missing; index += 1)
    rmSync(join(telecom.folder, 'audio', `${index % 10}/call-${index}.wav`));
}

test('more than a tenth of the files missing: refused, and nothing is touched', async () => {
  await addMissing(20, 3);
  const files = telecom.files();
  const made = await telecom.cli('plan', 'nightly', '--format', 'json');
  expect(made.code, made.stderr).toBe(0);
  expect(made.stdout).toContain('"files-missing"');
  const text = await telecom.cli('plan', 'nightly', '--quiet');
  const refused = await telecom.cli('enforce', idIn(text.stdout, 'plan'));
  expect(refused.code, refused.stderr).toBe(3);
  expect(refused.stderr).toContain('3 of 20 files are not where their records say');
  expect(refused.stderr).toContain('missing: purge-record');
  expect(await countOf(telecom.database, 'recordings')).toBe(22);
  expect(telecom.files()).toEqual(files);
  expect(await auditEvents(ledger, 'intended')).toEqual([]);
  expect((await auditEvents(ledger, 'refused')).at(-1)).toMatchObject({ code: 'plan-not-enforceable' });
});

test('a tenth of them missing: their rows stay, and the others go', async () => {
  await addMissing(20, 2);
  expect((await run()).code).toBe(4);
  expect(await rows()).toEqual([1, 2, 21, 22]);
});

test('all of them missing, and the owner has said that they went before: the rows go', async () => {
  await addMissing(20, 20);
  const map = telecomMap();
  telecom.write('jobs/stores/telecom.yaml', map);
  expect((await run()).code).toBe(0);
  expect(await rows()).toEqual([21, 22]);
  expect(telecom.files()).toHaveLength(KEPT);
});

function telecomMap(): unknown {
  return {
    store: 'telecom',
    kind: 'sqlite',
    path: { env: 'TELECOM_AT' },
    datasets: [
      {
        dataset: 'recordings',
        table: 'recordings',
        key: ['id'],
        class: 'call-recording',
        customer: 'account',
        start: { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' },
        files: [{ store: 'audio', path: '{filename}', missing: 'purge-record' }],
      },
    ],
  };
}
