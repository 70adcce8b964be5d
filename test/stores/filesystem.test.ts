// Files keep the contract of a store; and links, paths out of the root, roots that are not mounted and strange names
// do no harm.
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OtherFiles } from '../../src/stores/file-place.ts';
import { kinds } from '../../src/stores/kinds.ts';
import type { Store, StoreMap } from '../../src/stores/store.ts';
import { type FreshFolder, freshFolder } from '../support/databases.ts';
import { type DatasetFile, datasetNamed, filesystemMap } from '../support/store-maps.ts';
import { EVERYTHING, letAllGo, namesOf, scanned } from '../support/store-use.ts';
import { describeStore } from './store-contract.ts';

const byMtime = { event: 'recorded', column: 'mtime', unit: 'epoch-ms' } as const;

describeStore('filesystem', async () => {
  const folder = await freshFolder();
  return {
    map: filesystemMap([
      { dataset: 'records', folder: '', class: 'thing', start: byMtime },
      { dataset: 'absent', folder: 'no_such_place', class: 'thing', start: byMtime },
    ]),
    at: folder.path,
    nowhere: join(folder.path, 'not', 'mounted'),
    put: async records => {
      for (const { name, startMs } of records) await put(folder.path, name, startMs);
    },
    absentAs: 'missing',
    names: () => filesBelow(folder.path),
    drop: folder.remove,
  };
});

async function put(root: string, path: string, startMs = Date.UTC(2015, 5, 1)): Promise<void> {
  const at = join(root, path);
  await mkdir(dirname(at), { recursive: true });
  await writeFile(at, 'sound');
  await utimes(at, startMs / 1000, startMs / 1000);
}

async function filesBelow(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter(entry => !entry.isDirectory())
    .map(entry => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();
}

describe('a filesystem store', () => {
  let root: FreshFolder;
  let outside: FreshFolder;

  beforeEach(async () => {
    root = await freshFolder();
    outside = await freshFolder();
    await put(outside.path, 'private.wav');
  });

  afterEach(async () => {
    await root.remove();
    await outside.remove();
  });

  const open = (dataset: Partial<DatasetFile> = {}, canary?: string): { map: StoreMap; store: Store } => {
    const written = { dataset: 'calls', folder: 'calls', class: 'recording', start: byMtime, ...dataset };
    const map = filesystemMap([written], canary);
    return { map, store: kinds.filesystem.open(map, root.path, 'a key for tests') };
  };
  const order = (map: StoreMap, ...paths: string[]) => ({
    dataset: datasetNamed(map, 'calls'),
    disposition: 'purge' as const,
    keys: paths.map(path => [path]),
    children: [],
  });
  const spared = (why: string) => (path: string) => ({ key: [path], did: 'spared', why, by: null });
  const [changed, missing] = [spared('changed'), spared('missing')];

  it('reads the start, the tag, the customer and the size from the name and the file', async () => {
    const { map, store } = open({
      pattern: '(?<tenant>\\w+)/(?<type>\\w+)/(?<start>\\d{4}/\\d{2}/\\d{2})/.+\\.wav',
      class: { column: 'type', values: { call: 'recording' } },
      customer: 'tenant',
      start: { event: 'recorded', column: 'start', unit: 'text', format: 'yyyy/MM/dd', zone: 'UTC' },
    });
    await put(root.path, 'calls/acme/call/2015/06/01/x.wav');
    await put(root.path, 'calls/acme/call/2015/06/01/x.txt');
    await put(root.path, 'calls/acme/fax/2015/06/02/y.wav');
    const dataset = datasetNamed(map, 'calls');
    const [record, ...others] = await scanned(store, dataset, { tags: ['call'], which: { kind: 'all' } });
    expect(others).toEqual([]);
    expect(record).toMatchObject({
      key: ['calls/acme/call/2015/06/01/x.wav'],
      tag: 'call',
      customer: 'acme',
      bytes: 5,
      start: { value: '2015/06/01', status: null, sourceFound: true },
    });
    expect(await store.unclassified(dataset)).toEqual({
      count: 1,
      samples: [['calls/acme/fax/2015/06/02/y.wav']],
    });
  });

  it('takes the time of the last change for the start, in whole milliseconds', async () => {
    const { map, store } = open();
    await put(root.path, 'calls/a.wav', Date.UTC(2016, 0, 2, 3, 4, 5));
    const [record] = await scanned(store, datasetNamed(map, 'calls'));
    expect(record?.start.value).toBe(String(Date.UTC(2016, 0, 2, 3, 4, 5)));
  });

  it('neither follows nor deletes links that lead out of the root', async () => {
    const { map, store } = open();
    await put(root.path, 'calls/own.wav');
    await symlink(join(outside.path, 'private.wav'), join(root.path, 'calls', 'file-link.wav'));
    await symlink(outside.path, join(root.path, 'calls', 'folder-link'));
    expect(namesOf(await scanned(store, datasetNamed(map, 'calls')))).toEqual(['calls/own.wav']);
    const paths = ['calls/file-link.wav', 'calls/folder-link/private.wav', 'calls/folder-link'];
    expect(await store.dispose(order(map, ...paths), letAllGo)).toEqual(paths.map(changed));
    expect(await filesBelow(outside.path)).toEqual(['private.wav']);
    expect(await filesBelow(root.path)).toEqual([
      'calls/file-link.wav',
      'calls/folder-link',
      'calls/own.wav',
    ]);
  });

  it('reads nothing through a dataset folder that is a link', async () => {
    await symlink(outside.path, join(root.path, 'calls'));
    const { map, store } = open();
    expect((await store.check(datasetNamed(map, 'calls'), ['purge']))[0]?.message).toContain('calls');
    expect(await scanned(store, datasetNamed(map, 'calls'))).toEqual([]);
    expect(await store.dispose(order(map, 'calls/private.wav'), letAllGo)).toEqual([
      changed('calls/private.wav'),
    ]);
    expect(await filesBelow(outside.path)).toEqual(['private.wav']);
  });

  it('touches nothing outside the dataset folder or the pattern', async () => {
    const { map, store } = open({ pattern: '[^/]+\\.wav' });
    for (const path of ['calls/a.wav', 'calls/a.txt', 'calls-old/a.wav', 'other/a.wav'])
      await put(root.path, path);
    const up = `calls/../../${outside.path.split('/').at(-1)}/private.wav`;
    const paths = ['calls/a.txt', 'calls-old/a.wav', 'calls/../other/a.wav', 'other/a.wav', up];
    paths.push(join(outside.path, 'private.wav'), 'calls//a.wav', './calls/a.wav', 'calls', '');
    expect(await store.dispose(order(map, ...paths), letAllGo)).toEqual(paths.map(changed));
    expect(await filesBelow(root.path)).toEqual([
      'calls-old/a.wav',
      'calls/a.txt',
      'calls/a.wav',
      'other/a.wav',
    ]);
    expect(await filesBelow(outside.path)).toEqual(['private.wav']);
  });

  it.each(['..dots.wav', 'call-2015-06-01T10:00:00.wav', 'rec:1.wav', '...'])(
    'lists and purges %j',
    async name => {
      const { map, store } = open({ folder: '' });
      await put(root.path, name);
      expect(namesOf(await scanned(store, datasetNamed(map, 'calls')))).toEqual([name]);
      expect(await store.dispose(order(map, name), letAllGo)).toEqual([{ key: [name], did: 'purged' }]);
      expect(await filesBelow(root.path)).toEqual([]);
    },
  );

  it('says store-unreachable when the canary is missing, and deletes nothing', async () => {
    const { map, store } = open({}, '.mounted');
    await put(root.path, 'calls/a.wav');
    const refusal = { code: 'store-unreachable', hint: expect.stringContaining('mounted') };
    const dataset = datasetNamed(map, 'calls');
    await expect(store.check(dataset, ['purge'])).rejects.toMatchObject(refusal);
    await expect(scanned(store, dataset)).rejects.toMatchObject(refusal);
    await expect(store.find(dataset, [['calls/a.wav']])).rejects.toMatchObject(refusal);
    await expect(store.dispose(order(map, 'calls/a.wav'), letAllGo)).rejects.toMatchObject(refusal);
    expect(await store.fileAt?.('calls/a.wav')).toMatchObject({ is: 'unreachable' });
    await expect(store.removeFile?.('calls/a.wav')).rejects.toThrow('canary');
    expect(await filesBelow(root.path)).toEqual(['calls/a.wav']);
    await put(root.path, '.mounted');
    expect(await store.check(dataset, ['purge'])).toEqual([]);
  });

  it('never takes the canary for a record or for the file of one', async () => {
    const { map, store } = open({ folder: '' }, '.mounted');
    await put(root.path, '.mounted');
    await put(root.path, 'a.wav');
    expect(namesOf(await scanned(store, datasetNamed(map, 'calls')))).toEqual(['a.wav']);
    expect(await store.dispose(order(map, '.mounted'), letAllGo)).toEqual([changed('.mounted')]);
    await expect(store.removeFile?.('.mounted')).rejects.toThrow('canary');
    expect(await filesBelow(root.path)).toEqual(['.mounted', 'a.wav']);
  });

  it('removes the file of a record once, and then says that it is gone', async () => {
    const { store } = open();
    await put(root.path, 'calls/a.wav');
    expect(await store.fileAt?.('calls/a.wav')).toEqual({ is: 'file', bytes: 5, links: 1 });
    expect(await store.removeFile?.('calls/a.wav')).toBe('removed');
    expect(await store.removeFile?.('calls/a.wav')).toBe('already-gone');
    expect(await store.fileAt?.('calls/a.wav')).toEqual({ is: 'missing' });
  });

  it('removes neither folders nor links nor what is outside', async () => {
    const { store } = open();
    await put(root.path, 'calls/a.wav');
    await symlink(join(outside.path, 'private.wav'), join(root.path, 'link.wav'));
    await symlink(outside.path, join(root.path, 'folder-link'));
    const outward = ['../private.wav', join(outside.path, 'private.wav'), 'calls/../../private.wav', ''];
    for (const path of ['calls', 'link.wav', 'folder-link', 'folder-link/private.wav', ...outward]) {
      expect(await store.fileAt?.(path), path).toMatchObject({ is: 'unsafe' });
      await expect(store.removeFile?.(path), path).rejects.toThrow();
    }
    expect(await filesBelow(root.path)).toEqual(['calls/a.wav', 'folder-link', 'link.wav']);
    expect(await filesBelow(outside.path)).toEqual(['private.wav']);
  });

  it('counts names that are no UTF-8, gives no record of them and touches none', async () => {
    const { map, store } = open({ folder: '' });
    const dataset = datasetNamed(map, 'calls');
    const raw = (...parts: (string | number)[]): Buffer =>
      Buffer.concat(parts.map(part => (typeof part === 'number' ? Buffer.from([part]) : Buffer.from(part))));
    await writeFile(raw(`${root.path}/gr`, 0xfc, 'n.wav'), 'sound');
    await mkdir(raw(`${root.path}/f`, 0xfc, 'r'));
    await writeFile(raw(`${root.path}/f`, 0xfc, 'r/a.wav'), 'sound');
    await put(root.path, 'own.wav');
    expect(store.passedOver?.(dataset)).toBeNull();
    expect(namesOf(await scanned(store, dataset))).toEqual(['own.wav']);
    expect(store.passedOver?.(dataset)).toEqual({ links: 0, otherKinds: 0, misnamed: 2, otherNames: 0 });
    const paths = ['gr\uFFFDn.wav', 'f\uFFFDr/a.wav'];
    expect(await store.dispose(order(map, ...paths), letAllGo)).toEqual(paths.map(missing));
    // A file that really has the mark in its name is one like any other, and is not taken for its neighbour.
    await put(root.path, 'gr\uFFFDn.wav');
    expect(await store.dispose(order(map, 'gr\uFFFDn.wav'), letAllGo)).toEqual([
      { key: ['gr\uFFFDn.wav'], did: 'purged' },
    ]);
    expect(await readdir(root.path, 'buffer')).toHaveLength(3);
  });

  it('counts what else it passes over', async () => {
    const { map, store } = open({ pattern: '.+\\.wav' });
    await put(root.path, 'calls/a.wav');
    await put(root.path, 'calls/a.txt');
    await symlink(outside.path, join(root.path, 'calls/folder-link'));
    const socket = createServer().listen(join(root.path, 'calls/socket.wav'));
    await once(socket, 'listening');
    const dataset = datasetNamed(map, 'calls');
    expect(namesOf(await scanned(store, dataset))).toEqual(['calls/a.wav']);
    socket.close();
    expect(store.passedOver?.(dataset)).toEqual({ links: 1, otherKinds: 1, misnamed: 0, otherNames: 1 });
  });

  it('walks the files that no dataset maps, a page at a time, and never through a link', async () => {
    const { store } = open({ folder: 'calls', pattern: '.+\\.wav' }, '.mounted');
    const others = ['a.wav', 'calls/a.txt', 'calls.wav', 'other/deep/b.wav', "other/it's\n.wav", '.hidden'];
    for (const path of ['.mounted', 'calls/a.wav', 'calls/deep/b.wav', ...others]) await put(root.path, path);
    await symlink(join(outside.path, 'private.wav'), join(root.path, 'link.wav'));
    await symlink(outside.path, join(root.path, 'other/folder-link'));
    const pages: OtherFiles[] = [];
    for await (const page of store.otherFiles?.(2) ?? []) pages.push(page);
    expect(pages.filter(({ files }) => files.length > 2)).toEqual([]);
    const files = pages.flatMap(page => page.files).sort((a, b) => (a.path < b.path ? -1 : 1));
    expect(files).toEqual(others.sort().map(path => ({ path, bytes: 5, changedMs: Date.UTC(2015, 5, 1) })));
    expect(pages.at(-1)?.passed).toEqual({ links: 2, otherKinds: 0, misnamed: 0 });
  });

  it('reads a folder as it goes, and never as a whole', async () => {
    const { map, store } = open();
    const COUNT = 20_000;
    const folder = join(root.path, 'calls');
    await mkdir(folder);
    for (let index = 0; index < COUNT; index += 1) writeFileSync(join(folder, `${index}.wav`), '');
    let seen = 0;
    for await (const page of store.scan(datasetNamed(map, 'calls'), EVERYTHING, 500)) {
      expect(page.length).toBeLessThanOrEqual(500);
      // Whatever it has not yet listed by now is gone when it comes to it.
      if (seen === 0) rmSync(folder, { recursive: true });
      seen += page.length;
    }
    expect(seen).toBeGreaterThanOrEqual(500);
    expect(seen).toBeLessThan(COUNT / 2);
  });

  it('says missing, neither gone nor failed, when a file vanishes between the ruling and the act', async () => {
    const { map, store } = open();
    await put(root.path, 'calls/a');
    const other = open();
    const outcomes = await store.dispose(order(map, 'calls/a'), async () => {
      await other.store.removeFile?.('calls/a');
      return [{ go: true }];
    });
    expect(outcomes).toEqual([missing('calls/a')]);
  });
});
