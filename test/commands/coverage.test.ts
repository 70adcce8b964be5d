// What `retention coverage` finds that no dataset speaks of, in databases and in folders; it changes nothing.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { retention } from '../support/cli.ts';
import { kindsHere } from '../support/first-server.ts';
import { addCalls, nightlyJob, policy, type SmallTelecom, smallTelecom } from '../support/small-telecom.ts';

let telecom: SmallTelecom;
afterEach(() => telecom.drop());

interface Note {
  readonly verdict: string;
  readonly message: string;
  readonly hint: string;
}
interface Said {
  readonly code: number | null;
  readonly notes: readonly Note[];
  readonly stores: ReadonlyMap<
    string,
    {
      readonly found: { readonly mapped: number; readonly ignored: number; readonly unmapped: number } | null;
      readonly notes: readonly Note[];
    }
  >;
}

async function coverage(...args: string[]): Promise<Said> {
  const { code, stdout, stderr } = await telecom.cli('coverage', ...args, '--format', 'json');
  expect(stderr).not.toMatch(/unexpected|mistake/);
  const said = JSON.parse(stdout) as { stores: { store: string }[]; notes: Note[] };
  return { code, notes: said.notes, stores: new Map(said.stores.map(one => [one.store, one])) as never };
}

const lines = (notes: readonly Note[] | undefined): string[] =>
  (notes ?? []).map(({ verdict, message }) => `${verdict}: ${message}`);

describe.each(kindsHere)('%s', kind => {
  test('tables that nobody maps: copies first, then what looks personal or dated, and nothing else', async () => {
    telecom = await smallTelecom({ kind });
    for (const ddl of [
      'CREATE TABLE cdr_archive (id INT PRIMARY KEY, at DATETIME)',
      'CREATE TABLE leads (id INT PRIMARY KEY, first_name VARCHAR(20), EmailAddress VARCHAR(80), created DATETIME)',
      'CREATE TABLE rates (id INT PRIMARY KEY, prefix VARCHAR(20), price DECIMAL(8,4))',
    ])
      await telecom.database.raw(ddl);
    await telecom.database('cdr_archive').insert([{ id: 1 }, { id: 2 }]);
    if (kind === 'mysql') await telecom.database.raw('ANALYZE TABLE cdr_archive');
    const { code, stores } = await coverage('nightly');
    expect(code).toBe(0);
    const found = stores.get('telecom');
    expect(found?.found).toEqual({ mapped: 4, ignored: 0, unmapped: 3 });
    expect(lines(found?.notes).filter(line => line.includes('no dataset maps it'))).toEqual([
      'warns: table "cdr_archive" (some 2 rows) is named like "cdr", and no dataset maps it: what goes there may stand here',
      'advises: table "leads" (some 0 rows) looks personal (first_name, EmailAddress) and has dates (created), and no dataset maps it',
    ]);
  });

  test('columns of mapped tables: what is not masked, what may name a file, what goes along', async () => {
    telecom = await smallTelecom({ kind });
    await telecom.database.raw('ALTER TABLE prospects ADD COLUMN email VARCHAR(80)');
    await telecom.database.raw('ALTER TABLE cdr ADD COLUMN recordingfile VARCHAR(80)');
    const { stores } = await coverage('nightly');
    expect(lines(stores.get('telecom')?.notes)).toEqual([
      'warns: recordingfile of "cdr" (calls) may name files, which stay when their rows go',
      'advises: recordingfile of "cdr" (calls) look personal or dated: they go with their row, at its time',
      'warns: email of "prospects" (prospects) look personal and are not masked: they stay in the row',
    ]);
  });
});

test('what is ignored with a reason is left out, and what is ignored and not there is told', async () => {
  telecom = await smallTelecom({ kind: 'mysql' });
  await telecom.database.raw('CREATE TABLE cdr_2024 LIKE cdr');
  telecom.write('jobs/stores/telecom.yaml', {
    ...{ store: 'telecom', kind: 'mysql', url: { env: 'TELECOM_AT' } },
    datasets: [
      {
        ...{ dataset: 'calls', table: 'cdr', key: ['id'], class: 'call-detail-record', customer: 'account' },
        start: { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' },
      },
    ],
    ignored: [
      { table: 'cdr_20*', reason: 'Without numbers' },
      { table: 'recordings', reason: 'Empty' },
      { table: 'prospects', reason: 'Empty' },
      { table: 'accounts', reason: 'Empty' },
      { table: 'gone_long_ago', reason: 'Empty' },
    ],
  });
  const { stores } = await coverage('nightly');
  expect(stores.get('telecom')?.found).toEqual({ mapped: 1, ignored: 4, unmapped: 0 });
  expect(lines(stores.get('telecom')?.notes)).toEqual([
    'advises: `ignored` names "gone_long_ago", which is not there or is mapped',
  ]);
});

test('folders that no dataset and no template speaks of, each with its files', async () => {
  telecom = await smallTelecom({ kind: 'sqlite' });
  const audio = join(telecom.folder, 'audio');
  for (const file of [
    '2026/a.wav',
    'recordings/a.wav',
    'recordings_old/x/1.wav',
    'recordings_old/2.wav',
    'loose.wav',
  ]) {
    mkdirSync(join(audio, file, '..'), { recursive: true });
    writeFileSync(join(audio, file), 'RIFF');
  }
  const files = (datasets: readonly object[]) =>
    telecom.write('jobs/stores/audio.yaml', {
      ...{ store: 'audio', kind: 'filesystem', root: audio, canary: '.canary', datasets },
    });
  // The recordings' template begins with a column: any folder may hold one.
  expect((await coverage('nightly')).stores.get('audio')?.notes).toEqual([]);
  telecom.map([
    {
      ...{ dataset: 'calls', table: 'cdr', key: ['id'], class: 'call-detail-record' },
      start: { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' },
      files: [{ store: 'audio', path: '2026/{account}' }],
    },
  ]);
  files([
    {
      ...{ dataset: 'recordings', folder: 'recordings', class: 'call-recording' },
      start: { event: 'recorded', column: 'mtime' },
    },
  ]);
  expect(lines((await coverage('nightly')).stores.get('audio')?.notes)).toEqual([
    'warns: folder "recordings_old" (2 files) is named like "recordings", and no dataset maps it: what goes there may stand here',
    'advises: folder "" (1 files) is mapped by no dataset',
  ]);
  const planned = await telecom.cli('plan', 'nightly');
  expect(planned.stdout).toMatch(
    /warning +audio\/recordings \(call-recording\)\s+named like it.*"recordings_old"/,
  );
});

test('classes that nothing holds, datasets that no job reaches, that are never enforced, or never match', async () => {
  telecom = await smallTelecom({ kind: 'sqlite', job: { policies: ['call-detail-record', 'prospect'] } });
  telecom.write('policies/fax.yaml', policy('fax', 'P1D', {}));
  await addCalls(telecom, 0, 3);
  telecom.write('jobs/looking.yaml', {
    ...(nightlyJob({ policies: ['call-recording'] }) as object),
    ...{ job: 'looking', mode: 'report' },
  });
  expect(lines((await coverage()).notes)).toEqual([
    'warns: class fax has a policy, and no dataset holds it',
    'advises: no plan has looked at telecom/calls (call-detail-record) yet',
    'warns: telecom/recordings (call-recording) is only reported, and never enforced',
    'advises: no plan has looked at telecom/prospects (prospect) yet',
    'warns: no job reaches telecom/accounts (customer-account)',
  ]);
  for (const _ of [1, 2]) await telecom.cli('plan', 'nightly');
  expect(lines((await coverage()).notes)).toEqual([
    'warns: class fax has a policy, and no dataset holds it',
    expect.stringMatching(
      /^advises: telecom\/calls \(call-detail-record\) has never had anything due, in 2 plans since 20\d\d-/,
    ),
    'warns: telecom/recordings (call-recording) is only reported, and never enforced',
    'advises: telecom/prospects (prospect) was empty when it was last planned',
    'warns: no job reaches telecom/accounts (customer-account)',
  ]);
  await addCalls(telecom, 1, 0);
  await telecom.cli('plan', 'nightly');
  expect(lines((await coverage()).notes).filter(line => line.includes('calls'))).toEqual([]);
});

test('a store that cannot be looked at is told, the others are looked at, and it ends in failure', async () => {
  telecom = await smallTelecom({ kind: 'sqlite' });
  rmSync(join(telecom.folder, 'audio/.canary'));
  telecom.map([
    {
      ...{ dataset: 'calls', table: 'cdr', key: ['id'], class: 'call-detail-record' },
      start: { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' },
    },
  ]);
  telecom.write('jobs/stores/audio.yaml', {
    ...{
      store: 'audio',
      kind: 'filesystem',
      root: join(telecom.folder, 'audio'),
      canary: '.canary',
      datasets: [],
    },
  });
  const { code, stores } = await coverage();
  expect(code).toBe(1);
  expect(lines(stores.get('audio')?.notes)).toEqual([
    expect.stringMatching(
      /^warns: it could not be looked at: store audio cannot be reached: its canary file is missing/,
    ),
  ]);
  expect(stores.get('telecom')?.found?.mapped).toBe(1);
});

test('a user who sees its own tables only is told that there may be more', async () => {
  telecom = await smallTelecom({ kind: 'mysql' });
  const url = new URL(telecom.env.TELECOM_AT ?? '');
  const home = url.pathname.slice(1);
  const user = `t_${home.slice(-8)}`;
  try {
    await telecom.database.raw(`CREATE USER '${user}'@'%' IDENTIFIED BY 'tests'`);
    for (const table of ['cdr', 'recordings', 'prospects', 'accounts'])
      await telecom.database.raw(`GRANT SELECT ON \`${home}\`.\`${table}\` TO '${user}'@'%'`);
    await telecom.database.raw('CREATE TABLE cdr_archive LIKE cdr');
    [url.username, url.password] = [user, 'tests'];
    const blind = { ...telecom.env, TELECOM_AT: url.href };
    const asked = async (): Promise<string> => (await retention(['coverage', 'nightly'], blind)).stdout;
    expect(await asked()).toMatch(
      /warns {2}this user sees those tables of \S+ only that it has rights on: GRANT REFERENCES/,
    );
    expect(await asked()).not.toContain('cdr_archive');
    await telecom.database.raw(`GRANT REFERENCES ON *.* TO '${user}'@'%'`);
    expect(await asked()).toContain('cdr_archive');
    expect(await asked()).not.toContain('this user sees');
  } finally {
    await telecom.database.raw(`DROP USER IF EXISTS '${user}'@'%'`);
  }
});
