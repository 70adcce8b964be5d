// A file that nobody saw go keeps its row, unless the owner has said that such rows go: told as missing in plan, evidence,
// audit and report. One that stands under a name that a person takes for the same keeps it whatever he has said, and so does a
// second name. What this program removed itself it knows, after a kill and after a write that was undone.
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Knex } from 'knex';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readEvidence } from '../../src/ledger/evidence.ts';
import { type Finished, idIn } from '../support/cli.ts';
import { auditEvents, spyOn } from '../support/small-ledger.ts';
import { addRecordings, daysAgo, type SmallTelecom, smallTelecom } from '../support/small-telecom.ts';
import { lapseLease, openIntents, plannedNightly, signalWhen } from './killing.ts';

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

const at = (path: string): string => join(telecom.folder, 'audio', path);
const fileOf = (id: number): string => at(`${(id - 1) % 10}/call-${id - 1}.wav`);

async function rows(): Promise<number[]> {
  return telecom.database('recordings').orderBy('id').pluck('id');
}

/** What became of each recording, of all runs. */
async function told(): Promise<string[]> {
  const stored = await ledger('audit_evidence').where({ dataset: 'recordings' }).orderBy('seq');
  return stored
    .flatMap((row: { batch_keys: Uint8Array; outcomes: string }) =>
      readEvidence({ packedKeys: row.batch_keys, outcomes: row.outcomes }),
    )
    .map(line => `${line.keyText} ${line.did} ${line.why}`.trim());
}

async function run(code: number): Promise<Finished> {
  const finished = await telecom.cli('run', 'nightly', '--quiet');
  expect(finished.code, finished.stdout + finished.stderr).toBe(code);
  return finished;
}

/** The finding of a code on the recordings of a plan that is made now. */
async function finding(
  code: string,
): Promise<{ count: number; samples: string[]; message: string } | undefined> {
  const { stdout } = await telecom.cli('plan', 'nightly', '--format', 'json', '--quiet');
  const { parts } = JSON.parse(stdout) as {
    parts: {
      dataset: string;
      findings: { code: string; count: number; samples: string[]; message: string }[];
    }[];
  };
  return parts.find(part => part.dataset === 'recordings')?.findings.find(one => one.code === code);
}

function mapRecordings(file: Readonly<Record<string, unknown>>): void {
  const start = { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' };
  const files = [{ store: 'audio', path: '{filename}', ...file }];
  telecom.map([
    { dataset: 'recordings', table: 'recordings', key: ['id'], class: 'call-recording', start, files },
  ]);
}

describe('a file that is not there', () => {
  test('keeps its row: missing in plan, evidence, audit and report, and the others go', async () => {
    await addRecordings(telecom, 20, 2);
    for (const id of [3, 7]) rmSync(fileOf(id));
    const planned = await telecom.cli('plan', 'nightly', '--format', 'json', '--quiet');
    expect(planned.stdout).toContain('"records": 2');
    const { stdout } = await run(4);
    expect(await rows()).toEqual([3, 7, 21, 22]);
    expect((await told()).filter(line => !line.endsWith('purged'))).toEqual([
      '["3"] spared missing',
      '["7"] spared missing',
    ]);
    const events = (await auditEvents(ledger, 'done')).filter(event => event.missing !== undefined);
    expect(events).toMatchObject([{ missing: 2, counts: { purged: 0, spared: 2 }, reasons: { missing: 2 } }]);
    expect(stdout).toContain('missing 2');
    expect(stdout).toContain('missing: purge-record');
    expect((await telecom.cli('audit', 'verify')).code).toBe(0);
  });

  test('is not a reason to refuse what comes after it, once it has been told', async () => {
    await addRecordings(telecom, 20, 2);
    rmSync(fileOf(3));
    await run(4);
    await telecom
      .database('recordings')
      .where({ id: 21 })
      .update({ at: daysAgo(60) });
    await run(4);
    expect(await rows()).toEqual([3, 22]);
  });

  test('in numbers refuses the plan, unless its owner has said that such rows stay', async () => {
    await addRecordings(telecom, 20, 2);
    for (const id of [1, 2, 3, 4, 5]) rmSync(fileOf(id));
    expect((await run(3)).stderr).toContain('missing: keep-record');
    mapRecordings({ missing: 'keep-record' });
    await run(4);
    expect(await rows()).toEqual([1, 2, 3, 4, 5, 21, 22]);
  });

  test('lets its row go where the owner has said so, however many, and it is told as missing', async () => {
    await addRecordings(telecom, 4, 1);
    for (const id of [1, 2, 3]) rmSync(fileOf(id));
    mapRecordings({ missing: 'purge-record' });
    const { stdout } = await run(0);
    expect(await rows()).toEqual([5]);
    expect((await told()).sort()).toEqual([
      '["1"] purged missing',
      '["2"] purged missing',
      '["3"] purged missing',
      '["4"] purged',
    ]);
    expect(stdout).toContain('missing 3');
    expect(await auditEvents(ledger, 'done')).toMatchObject(
      expect.arrayContaining([expect.objectContaining({ missing: 3 })]),
    );
  });

  test.each([
    ['by case', '0/call-0.wav', '0/Call-0.WAV'],
    ['by the case of its folder', 'rec/a.wav', 'Rec/a.wav'],
    ['by normal form', 'jos\u00e9.wav', 'jose\u0301.wav'],
    ['by a wide letter', 'a1.wav', 'a\uff11.wav'],
    ['by a blank before', 'a.wav', ' a.wav'],
    ['by a blank behind', 'a.wav', 'a.wav '],
    ['by a doubled blank', 'a b.wav', 'a  b.wav'],
    ['by a no-break space', 'a b.wav', 'a\u00a0b.wav'],
    ['by a sign without a width', 'ab.wav', 'a\u200bb.wav'],
  ])('keeps its row where another differs from it %s, whatever the owner has said', async (_, named, is) => {
    await addRecordings(telecom, 2, 0);
    await telecom.database('recordings').where({ id: 1 }).update({ filename: named });
    rmSync(fileOf(1));
    telecom.write(`audio/${is}`, 'voice');
    mapRecordings({ missing: 'purge-record' });
    const found = await finding('file-alike');
    expect(found?.count).toBe(1);
    expect(found?.samples[0]).toContain(JSON.stringify(named));
    await run(4);
    expect(await rows()).toEqual([1]);
    expect((await told()).find(line => line.startsWith('["1"]'))).toContain(
      'file-kept: what is there differs',
    );
    expect(readFileSync(at(is), 'utf8')).toBe('voice');
    // Once it has its name, both go.
    mkdirSync(join(at(named), '..'), { recursive: true });
    renameSync(at(is), at(named));
    await run(0);
    expect(await rows()).toEqual([]);
  });

  test('keeps its row where a name that is no UTF-8 may be its own', async () => {
    await addRecordings(telecom, 1, 0);
    await telecom.database('recordings').where({ id: 1 }).update({ filename: 'gr\u00fcn.wav' });
    writeFileSync(Buffer.concat([Buffer.from(at('gr')), Buffer.from([0xfc]), Buffer.from('n.wav')]), 'voice');
    mapRecordings({ missing: 'purge-record' });
    await run(4);
    expect(await rows()).toEqual([1]);
  });

  test.each(['file', 'link'] as const)('keeps its row where a %s is in the place of its folder', async by => {
    await addRecordings(telecom, 2, 0);
    mapRecordings({ missing: 'purge-record' });
    renameSync(at('0'), at('moved'));
    if (by === 'file') telecom.write('audio/0', '');
    else (await import('node:fs')).symlinkSync('nowhere', at('0'));
    await run(4);
    expect(await rows()).toEqual([1]);
    expect(existsSync(at('moved/call-0.wav'))).toBe(true);
  });

  test('keeps its row under an empty root that no canary says is mounted', async () => {
    await addRecordings(telecom, 2, 0);
    mapRecordings({ missing: 'purge-record' });
    const root = join(telecom.folder, 'audio');
    telecom.write('jobs/stores/audio.yaml', { store: 'audio', kind: 'filesystem', root, datasets: [] });
    renameSync(root, `${root}-away`);
    mkdirSync(root);
    await run(4);
    expect(await rows()).toEqual([1, 2]);
  });
});

describe('a second name', () => {
  test('keeps the row and the file, and is told', async () => {
    await addRecordings(telecom, 3, 0);
    linkSync(fileOf(2), at('copy.wav'));
    expect((await finding('hard-link'))?.count).toBe(1);
    await run(4);
    expect(await rows()).toEqual([2]);
    expect(existsSync(fileOf(2))).toBe(true);
    expect(await told()).toContain('["2"] spared file-kept: it has a second name (a hard link)');
  });

  test('stays, and this one goes, where somebody has said why', async () => {
    await addRecordings(telecom, 3, 0);
    linkSync(fileOf(2), at('copy.wav'));
    mapRecordings({
      hardLinks: { do: 'remove-this-name', reason: 'The backup drops its own after 30 days' },
    });
    await run(0);
    expect(await rows()).toEqual([]);
    expect(readdirSync(at(''))).toContain('copy.wav');
  });

  test.each(['remove-this-name', { do: 'remove-this-name' }, { do: 'remove-this-name', reason: '' }])(
    'is not allowed without a reason: %j',
    async hardLinks => {
      mapRecordings({ hardLinks });
      const { code, stderr, stdout } = await telecom.cli('validate');
      expect(code).toBe(2);
      expect(stdout + stderr).toContain('hardLinks');
    },
  );

  test('keeps a file that is a record itself', async () => {
    for (const name of ['a', 'b']) telecom.write(`voice/2020-01-01-${name}.wav`, name);
    const dataset = {
      dataset: 'voice',
      folder: '',
      pattern: '(?<start>[0-9]{4}-[0-9]{2}-[0-9]{2})-.*',
      class: 'call-recording',
      start: { event: 'recorded', column: 'start', unit: 'text', format: 'yyyy-MM-dd', zone: 'UTC' },
    };
    const map = (more: object): void => {
      const root = join(telecom.folder, 'voice');
      telecom.write('jobs/stores/audio.yaml', {
        store: 'audio',
        kind: 'filesystem',
        root,
        datasets: [{ ...dataset, ...more }],
      });
      telecom.map([]);
    };
    telecom.write('jobs/nightly.yaml', { ...nightly, stores: ['audio'] });
    rmSync(join(telecom.folder, 'jobs/stores/telecom.yaml'));
    map({});
    rmSync(join(telecom.folder, 'jobs/stores/telecom.yaml'));
    linkSync(join(telecom.folder, 'voice/2020-01-01-a.wav'), join(telecom.folder, 'other-name'));
    const planned = await telecom.cli('plan', 'nightly', '--quiet');
    expect(planned.stderr + planned.stdout).toContain('1 record: the file has a second name');
    await run(0);
    expect(readdirSync(join(telecom.folder, 'voice'))).toEqual(['2020-01-01-a.wav']);
    map({ hardLinks: { do: 'remove-this-name', reason: 'Its other name is an index' } });
    rmSync(join(telecom.folder, 'jobs/stores/telecom.yaml'));
    await run(0);
    expect(readdirSync(join(telecom.folder, 'voice'))).toEqual([]);
    expect(existsSync(join(telecom.folder, 'other-name'))).toBe(true);
  });
});

const nightly = {
  job: 'nightly',
  title: 'Every night',
  policies: 'all',
  schedule: '15 2 * * *',
  zone: 'UTC',
  mode: 'enforce',
  batch: 100,
  limits: { records: 1_000_000, percent: 100, reason: 'A test disposes of everything' },
};

describe('a file that this program removed', () => {
  test('is known after a kill between the files and the commit; one that was missing before stays missing', async () => {
    await addRecordings(telecom, 400, 2);
    for (const id of [399, 400]) rmSync(fileOf(id));
    const plan = await plannedNightly(telecom);
    await signalWhen(telecom, ['enforce', plan], 'SIGKILL', async () => !existsSync(fileOf(1)));
    // The rows of the write in hand are back, and some of their files are gone.
    const left = await rows();
    const bare = left.filter(id => id < 399 && !existsSync(fileOf(id)));
    expect(bare.length).toBeGreaterThan(0);
    await lapseLease(telecom);
    await telecom.cli('enforce', plan, '--quiet');
    await run(4);
    await run(4);
    expect(await rows()).toEqual([399, 400, 401, 402]);
    const lines = await told();
    expect(
      lines
        .filter(line => line.includes('missing'))
        .every(line => /^\["(399|400)"\] spared missing$/.test(line)),
    ).toBe(true);
    expect(lines.some(line => line.endsWith('interrupted: its file has gone'))).toBe(true);
    expect((await telecom.cli('audit', 'verify')).code).toBe(0);
  }, 60_000);

  test('is none that was missing when the plan was made, though the run was killed before its row', async () => {
    await addRecordings(telecom, 2, 1);
    for (const id of [1, 2]) rmSync(fileOf(id));
    mapRecordings({ missing: 'keep-record' });
    const plan = await plannedNightly(telecom);
    // Somebody writes to the store: the run has said what it is about to do, and waits.
    const writer = spyOn(telecom.env.TELECOM_AT ?? '');
    await writer.raw('BEGIN IMMEDIATE');
    await signalWhen(telecom, ['enforce', plan], 'SIGKILL', async seen => (await openIntents(seen)) > 0);
    await writer.raw('ROLLBACK');
    await writer.destroy();
    await lapseLease(telecom);
    for (const _night of [1, 2]) await run(4);
    expect(await rows()).toEqual([1, 2, 3]);
    expect(new Set(await told())).toEqual(new Set(['["1"] spared missing', '["2"] spared missing']));
  });

  test('is known after a commit that was refused', async () => {
    await addRecordings(telecom, 3, 1);
    await telecom.database.raw(
      'CREATE TABLE disputes (id INTEGER PRIMARY KEY, recording INTEGER REFERENCES recordings (id) DEFERRABLE INITIALLY DEFERRED)',
    );
    await telecom.database('disputes').insert({ recording: 2 });
    await run(4);
    const [line] = (await told()).filter(one => one.startsWith('["2"]'));
    expect(line).toContain('its file has gone');
    expect(await rows()).toContain(2);
    await telecom.database('disputes').delete();
    await run(0);
    expect(await rows()).toEqual([4]);
    expect((await told()).filter(one => one.includes('missing'))).toEqual([]);
  });

  test('is not told of a root that went away in the middle of a run', async () => {
    await addRecordings(telecom, 400, 2);
    const plan = await plannedNightly(telecom);
    const root = join(telecom.folder, 'audio');
    let moved = false;
    const ended = telecom.cli('enforce', plan, '--quiet');
    while (!moved) {
      await new Promise(resolve => setTimeout(resolve, 2));
      if (existsSync(fileOf(1))) continue;
      renameSync(root, `${root}-away`);
      moved = true;
    }
    const { code } = await ended;
    expect([1, 4]).toContain(code);
    renameSync(`${root}-away`, root);
    const left = await rows();
    const removed = new Set(
      (await told()).filter(line => line.includes('its file has gone')).map(line => line.split(' ')[0]),
    );
    // What went has no file, and what stayed has one, unless it is told that its file has gone.
    for (let id = 1; id <= 402; id += 1)
      expect([id, existsSync(fileOf(id))]).toEqual([id, left.includes(id) && !removed.has(`["${id}"]`)]);
    expect((await told()).filter(line => /missing|gone$/.test(line) && !line.includes('its file'))).toEqual(
      [],
    );
    const again = await telecom.cli('plan', 'nightly', '--quiet');
    await telecom.cli('enforce', idIn(again.stdout, 'plan'), '--quiet');
    expect(await rows()).toEqual([401, 402]);
  }, 60_000);
});
