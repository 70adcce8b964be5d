// Files that others rename, remove, link or move while this program works, at random and with a kill in between: no row goes
// whose voice is still there, none goes unasked whose file somebody else took, and nothing is told as gone that is there.
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { readEvidence } from '../../src/ledger/evidence.ts';
import { spyOn } from '../support/small-ledger.ts';
import { daysAgo, type SmallTelecom, smallTelecom } from '../support/small-telecom.ts';
import { lapseLease, plannedNightly, signalWhen } from './killing.ts';

let telecom: SmallTelecom;
afterEach(() => telecom.drop());

/** Seeded, so that what fails once fails again (mulberry32). */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return below => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const FILES = 60;
const pathOf = (id: number): string => join(telecom.folder, 'audio', `${id % 6}/call ${id}.wav`);
const renamed = (path: string, by: (name: string) => string): void =>
  renameSync(path, join(dirname(path), by(basename(path))));

/** What others do to a file. */
const DISTURBANCES: readonly ((id: number) => void)[] = [
  id => renamed(pathOf(id), name => name.toUpperCase()),
  id => renamed(pathOf(id), name => name.replace(' ', '\u00a0')),
  id => renamed(pathOf(id), name => ` ${name}`),
  id => linkSync(pathOf(id), join(telecom.folder, `other-${id}`)),
  id => rmSync(pathOf(id)),
];
const REMOVES = DISTURBANCES.length - 1;

/** Voices that can still be heard, wherever they lie, by the id that they hold. */
function voices(): Set<number> {
  const names = readdirSync(telecom.folder, { recursive: true, withFileTypes: true });
  const files = names.filter(one => one.isFile() && /\.wav$|^other-/i.test(one.name));
  const heard = new Set<number>();
  for (const one of files) {
    try {
      heard.add(Number(readFileSync(join(one.parentPath, one.name), 'utf8')));
    } catch {
      // It has gone since the folder was read.
    }
  }
  return heard;
}

test.each([
  [1, true],
  [2, false],
  [3, true],
])(
  'seed %i, rows of missing files go: %s',
  async (seed, purgesMissing) => {
    telecom = await smallTelecom({ kind: 'sqlite' });
    const random = randomOf(seed);
    const start = { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' };
    const files = [
      { store: 'audio', path: '{filename}', missing: purgesMissing ? 'purge-record' : 'keep-record' },
    ];
    telecom.map([
      { dataset: 'recordings', table: 'recordings', key: ['id'], class: 'call-recording', start, files },
    ]);
    const rows = Array.from({ length: FILES }, (_, index) => ({
      id: index + 1,
      at: daysAgo(90),
      filename: `${(index + 1) % 6}/call ${index + 1}.wav`,
    }));
    await telecom.database.batchInsert('recordings', rows, 300);
    for (const { id, filename } of rows) telecom.write(`audio/${filename}`, String(id));

    const taken = new Set<number>();
    for (let some = 0; some < 20; some += 1) {
      const id = 1 + random(FILES);
      const which = random(DISTURBANCES.length);
      if (!existsSync(pathOf(id)) || existsSync(join(telecom.folder, `other-${id}`))) continue;
      DISTURBANCES[which]?.(id);
      if (which === REMOVES) taken.add(id);
    }
    // A folder is moved out of the root, and a link put in its place.
    const folder = random(6);
    const swapped = join(telecom.folder, 'audio', String(folder));
    mkdirSync(join(telecom.folder, 'elsewhere'));
    renameSync(swapped, join(telecom.folder, 'elsewhere/moved'));
    symlinkSync(join(telecom.folder, 'elsewhere/moved'), swapped);

    const before = voices();
    const plan = await plannedNightly(telecom);
    await signalWhen(
      telecom,
      ['enforce', plan],
      'SIGKILL',
      async () => voices().size < before.size - random(10),
    ).catch(
      // It may have been done before the moment came.
      (error: unknown) => expect(String(error)).toContain('it ended before'),
    );
    await lapseLease(telecom);
    for (let night = 0; night < 2; night += 1) {
      const run = await telecom.cli('run', 'nightly', '--quiet');
      expect([0, 4], run.stderr).toContain(run.code);
    }

    const left = new Set<number>(await telecom.database('recordings').pluck('id'));
    const heard = voices();
    const ledger = spyOn(telecom.ledger);
    const stored = await ledger('audit_evidence').where({ dataset: 'recordings' });
    await ledger.destroy();
    const lines = stored.flatMap((row: { batch_keys: Uint8Array; outcomes: string }) =>
      readEvidence({ packedKeys: row.batch_keys, outcomes: row.outcomes }),
    );
    for (let id = 1; id <= FILES; id += 1) {
      const own = lines.filter(line => line.keyText === `["${id}"]`);
      const purged = own.find(line => line.did === 'purged');
      // What is there has its row, whatever it is called now; and what was nobody's to keep has gone whole.
      if (heard.has(id)) expect([id, left.has(id), purged]).toEqual([id, true, undefined]);
      else if (taken.has(id)) expect([id, left.has(id)]).toEqual([id, !purgesMissing || id % 6 === folder]);
      else expect([id, left.has(id)]).toEqual([id, false]);
      if (!left.has(id)) expect([id, purged?.why]).toEqual([id, taken.has(id) ? 'missing' : '']);
      expect(
        own.filter(line => line.why.startsWith('gone') || (line.why === 'missing' && !taken.has(id))),
      ).toEqual([]);
    }
    expect(taken.size).toBeGreaterThan(0);
    expect(left.size).toBeGreaterThan(0);
    expect((await telecom.cli('audit', 'verify')).code).toBe(0);
  },
  120_000,
);
