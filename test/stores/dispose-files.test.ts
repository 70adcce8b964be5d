// What happens to files between the look and the act: folders swapped for links, files that change, a root that goes, a
// judge that fails half-way; and what becomes of folders that are empty then.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, renameSync, symlinkSync, unlinkSync } from 'node:fs';
import { mkdir, readdir, rename, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RetentionError } from '../../src/errors.ts';
import { holdFolders } from '../../src/stores/files/disk-places.js';
import { kinds } from '../../src/stores/kinds.ts';
import type { Judge, Outcome } from '../../src/stores/order.ts';
import type { Store, StoreMap } from '../../src/stores/store.ts';
import { type FreshFolder, freshFolder } from '../support/databases.ts';
import { type DatasetFile, datasetNamed, filesystemMap } from '../support/store-maps.ts';
import { letAllGo, namesOf } from '../support/store-use.ts';

const byMtime = { event: 'recorded', column: 'mtime', unit: 'epoch-ms' } as const;
/** More than the slices of one turn hold. */
const MANY = Array.from({ length: 300 }, (_, index) => `calls/${String(index).padStart(3, '0')}.wav`);

describe('disposing of files', () => {
  let root: FreshFolder;
  let outside: FreshFolder;

  beforeEach(async () => {
    root = await freshFolder();
    outside = await freshFolder();
    await writeFile(join(outside.path, 'a.wav'), 'private');
  });

  afterEach(async () => {
    await root.remove();
    await outside.remove();
  });

  const put = async (...paths: string[]): Promise<void> => {
    for (const path of paths) {
      await mkdir(dirname(join(root.path, path)), { recursive: true });
      await writeFile(join(root.path, path), 'sound');
    }
  };
  const open = (dataset: Partial<DatasetFile> = {}, canary?: string): { map: StoreMap; store: Store } => {
    const written = { dataset: 'calls', folder: 'calls', class: 'recording', start: byMtime, ...dataset };
    const map = filesystemMap([written], canary);
    return { map, store: kinds.filesystem.open(map, root.path, 'a key for tests') };
  };
  const dispose = (
    { map, store }: { map: StoreMap; store: Store },
    paths: readonly string[],
    judge: Judge = letAllGo,
  ): Promise<readonly Outcome[]> =>
    store.dispose(
      {
        dataset: datasetNamed(map, 'calls'),
        disposition: 'purge',
        keys: paths.map(path => [path]),
        children: [],
      },
      judge,
    );
  const spared = (path: string, why: string) => ({ key: [path], did: 'spared', why, by: null });
  const below = async (folder: string): Promise<string[]> =>
    (await readdir(join(root.path, folder), { recursive: true })).sort();

  it('does not follow a folder that is swapped for a link after the look', async () => {
    await put('calls/a.wav');
    const swap: Judge = async records => {
      await rename(join(root.path, 'calls'), join(root.path, 'moved'));
      await symlink(outside.path, join(root.path, 'calls'));
      return records.map(() => ({ go: true }));
    };
    expect(await dispose(open(), ['calls/a.wav'], swap)).toEqual([spared('calls/a.wav', 'changed')]);
    expect(await readdir(outside.path)).toEqual(['a.wav']);
    expect(await below('moved')).toEqual(['a.wav']);
  });

  it('does not follow one that is swapped in the middle of an act', async () => {
    await put('calls/a.wav');
    const { within, release } = holdFolders(root.path);
    within('calls/a.wav', at => {
      renameSync(join(root.path, 'calls'), join(root.path, 'moved'));
      symlinkSync(outside.path, join(root.path, 'calls'));
      unlinkSync(at);
    });
    release();
    expect(await readdir(outside.path)).toEqual(['a.wav']);
    expect(await below('moved')).toEqual([]);
  });

  it('spares a file that is written to, replaced or swapped for a link after the look', async () => {
    const paths = ['calls/grown.wav', 'calls/other.wav', 'calls/link.wav', 'calls/same.wav'];
    await put(...paths, 'new.wav');
    const change: Judge = async records => {
      await writeFile(join(root.path, 'calls/grown.wav'), 'more sound');
      await rename(join(root.path, 'new.wav'), join(root.path, 'calls/other.wav'));
      unlinkSync(join(root.path, 'calls/link.wav'));
      await symlink(join(outside.path, 'a.wav'), join(root.path, 'calls/link.wav'));
      return records.map(() => ({ go: true }));
    };
    expect(await dispose(open(), paths, change)).toEqual([
      ...paths.slice(0, 3).map(path => spared(path, 'changed')),
      { key: ['calls/same.wav'], did: 'purged' },
    ]);
    expect(await below('calls')).toEqual(['grown.wav', 'link.wav', 'other.wav']);
    expect(readFileSync(join(outside.path, 'a.wav'), 'utf8')).toBe('private');
  });

  it('says that a file which cannot be looked at failed, and never that it is gone', async () => {
    await put('calls/a.wav');
    const long = `calls/${'x'.repeat(300)}`;
    const { map, store } = open();
    expect(await dispose({ map, store }, [long, 'calls/a.wav'])).toEqual([
      { key: [long], did: 'failed', by: 'ENAMETOOLONG' },
      { key: ['calls/a.wav'], did: 'purged' },
    ]);
    await expect(store.find(datasetNamed(map, 'calls'), [[long]])).rejects.toMatchObject({
      code: 'ENAMETOOLONG',
    });
  });

  it.each([undefined, 'calls/.mounted'])(
    'says store-unreachable, and not gone, when the root goes after the look (canary: %s)',
    async canary => {
      await put('calls/a.wav', 'calls/.mounted');
      const away = `${root.path}.away`;
      const unmount: Judge = async records => {
        await rename(root.path, away);
        if (canary !== undefined) await mkdir(root.path);
        return records.map(() => ({ go: true }));
      };
      await expect(dispose(open({}, canary), ['calls/a.wav'], unmount)).rejects.toMatchObject({
        code: 'store-unreachable',
      });
      expect(await readdir(join(away, 'calls'))).toEqual(['.mounted', 'a.wav']);
      if (canary !== undefined) await root.remove();
      await rename(away, root.path);
    },
  );

  it('asks the judge about few files at a time, while all of them are there', async () => {
    await put(...MANY);
    const asked: string[] = [];
    const outcomes = await dispose(open(), MANY, async records => {
      expect(records.length).toBeLessThanOrEqual(64);
      for (const name of namesOf(records)) expect(existsSync(join(root.path, name))).toBe(true);
      asked.push(...namesOf(records));
      return records.map(({ key }) =>
        key[0] === 'calls/007.wav' ? { go: false, why: 'held', by: 'hold 1' } : { go: true },
      );
    });
    expect(asked.sort()).toEqual(MANY);
    expect(outcomes.map(({ key }) => key[0])).toEqual(MANY);
    expect(outcomes[7]).toEqual({ key: ['calls/007.wav'], did: 'spared', why: 'held', by: 'hold 1' });
    expect(await below('calls')).toEqual(['007.wav']);
  });

  /** Lets the files go that it is asked about first, and throws when asked about others once those are gone. */
  const failAfterFirst = (error: Error): { judge: Judge; first: string[] } => {
    const first: string[] = [];
    const judge: Judge = async records => {
      if (first.length === 0) {
        first.push(...namesOf(records));
        return records.map(() => ({ go: true }));
      }
      while (first.some(path => existsSync(join(root.path, path))))
        await new Promise(resolve => setTimeout(resolve, 5));
      throw error;
    };
    return { judge, first };
  };

  it('tells the truth of what went before the judge failed', async () => {
    await put(...MANY);
    const { judge, first } = failAfterFirst(new Error('the disk of the ledger is full'));
    const outcomes = await dispose(open(), MANY, judge);
    expect(outcomes).toEqual(
      MANY.map(path =>
        first.includes(path)
          ? { key: [path], did: 'purged' }
          : { key: [path], did: 'failed', by: 'the disk of the ledger is full' },
      ),
    );
    expect((await below('calls')).map(name => `calls/${name}`)).toEqual(
      MANY.filter(path => !first.includes(path)),
    );
  });

  it('leaves it to recovery where the run must stop', async () => {
    await put(...MANY);
    const stop = new RetentionError('lease-lost', 'another run has taken over', 'Look at it');
    await expect(dispose(open(), MANY, failAfterFirst(stop).judge)).rejects.toBe(stop);
    expect((await below('calls')).length).toBeLessThan(MANY.length);
  });

  describe('folders', () => {
    const days = ['calls/2015/06/01/a.wav', 'calls/2015/06/02/b.wav', 'calls/2015/07/01/c.wav'];

    it('stay where it is not asked for', async () => {
      await put(...days);
      await dispose(open(), days);
      expect(await below('calls')).toEqual(
        ['2015', '2015/06', '2015/06/01', '2015/06/02', '2015/07', '2015/07/01'].sort(),
      );
    });

    it('that a run empties are removed where it is, up to the one of the dataset', async () => {
      await put(...days, 'calls/2015/07/01/notes.txt', 'calls/2014/kept.txt');
      await mkdir(join(root.path, 'calls/2013/01'), { recursive: true });
      await dispose(open({ removeEmptyFolders: true }), days);
      expect(await below('calls')).toEqual(
        [
          '2013',
          '2013/01',
          '2014',
          '2014/kept.txt',
          '2015',
          '2015/07',
          '2015/07/01',
          '2015/07/01/notes.txt',
        ].sort(),
      );
      await put('calls/d.wav');
      unlinkSync(join(root.path, 'calls/2015/07/01/notes.txt'));
      await dispose(open({ removeEmptyFolders: true }), ['calls/d.wav', 'calls/2015/07/01/c.wav']);
      expect(await below('')).toContain('calls/2015/07/01');
    });
  });

  it('leaves no thread behind that keeps a process alive', async () => {
    const disk = new URL('../../src/stores/files/disk.ts', import.meta.url).href;
    const look = `await openDisk()('look', '/', null, []);`;
    const code = `const { openDisk } = await import(${JSON.stringify(disk)}); ${look} ${look} console.log('done');`;
    const args = ['--import', 'tsx', '--input-type=module', '-e', code];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 10_000 });
    expect(stdout).toBe('done\n');
  });
});
