// The contract that every store kind keeps, as tests. A kind joins by saying how records get into its store and which
// are there, both behind the product's back. What only some kinds can do is tested with those kinds.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Disposition, Key } from '../../src/policy/policy.ts';
import { startBound } from '../../src/policy/start.ts';
import { kinds } from '../../src/stores/kinds.ts';
import type { Judge, Order } from '../../src/stores/order.ts';
import type { Dataset, Store, StoreMap, StoreReader } from '../../src/stores/store.ts';
import { datasetNamed } from '../support/store-maps.ts';
import { keysOf, letAllGo, namesOf, pagesOf, scanned, spareAll } from '../support/store-use.ts';

export interface StoreFixture {
  /** Has a dataset `records`, with one key column and a start `recorded`, and a dataset `absent` of no table or folder. */
  readonly map: StoreMap;
  readonly at: string;
  /** A place where no such store is. */
  readonly nowhere: string;
  readonly put: (records: readonly { readonly name: string; readonly startMs: number }[]) => Promise<void>;
  /** The keys that are there, sorted. */
  readonly names: () => Promise<string[]>;
  readonly drop: () => Promise<void>;
  /** What it says of a key at which nothing is: of a file nobody saw it go. */
  readonly absentAs: 'gone' | 'missing';
}

const OLD_MS = Date.UTC(2015, 5, 1, 12);
const DAY_MS = 86_400_000;

/** Names that break whatever builds queries, patterns or paths by hand. */
const NAMES = [
  '%',
  '_',
  '00123',
  '123',
  '1e3',
  "it's",
  'say "hello"',
  '`tick`',
  'back\\slash',
  'two\nlines',
  'tab\tbed',
  "'; DROP TABLE records; --",
  ' leading blank',
  'grün ☎ 電話',
  'a folder/b folder/deep.wav',
  'a folder/shallow.wav',
  '-rf',
  '*',
].sort();

export function describeStore(name: string, makeFixture: () => Promise<StoreFixture>): void {
  describe(`${name} keeps the contract of a store`, () => {
    let fixture: StoreFixture;
    let reader: StoreReader;
    let store: Store;
    let dataset: Dataset;

    beforeEach(async () => {
      fixture = await makeFixture();
      const kind = kinds[fixture.map.kind];
      reader = kind.openReader(fixture.map, fixture.at);
      store = kind.open(fixture.map, fixture.at, 'a key for tests');
      dataset = datasetNamed(fixture.map, 'records');
    });

    afterEach(async () => {
      await Promise.all([reader.close(), store.close()]);
      await fixture.drop();
    });

    const put = (names: readonly string[]): Promise<void> =>
      fixture.put(names.map(one => ({ name: one, startMs: OLD_MS })));
    const order = (keys: readonly Key[], disposition: Disposition = 'purge'): Order => ({
      dataset,
      disposition,
      keys,
      children: [],
    });

    it('names itself and its kind', () => {
      expect([reader.name, reader.kind]).toEqual(['tested', fixture.map.kind]);
      expect([store.name, store.kind]).toEqual(['tested', fixture.map.kind]);
    });

    it.each([1, 4, NAMES.length, NAMES.length + 1])('scans every record once, %i to a page', async size => {
      await put(NAMES);
      const pages = await pagesOf(reader, dataset, undefined, size);
      expect(namesOf(pages.flat())).toEqual(NAMES);
      expect(pages.map(page => page.length).filter(length => length < 1 || length > size)).toEqual([]);
      const inOnePage = await scanned(reader, dataset);
      expect(keysOf(pages.flat())).toEqual(keysOf(inOnePage));
    });

    it('scans nothing where nothing is', async () => {
      expect(await pagesOf(reader, dataset)).toEqual([]);
    });

    it('gives every record of a range of starts, to the millisecond', async () => {
      const beforeMs = Date.UTC(2020, 0, 1);
      const fromMs = beforeMs - DAY_MS;
      await fixture.put([
        { name: 'first', startMs: fromMs },
        { name: 'last', startMs: beforeMs - 1 },
        { name: 'between', startMs: fromMs + 3_600_000 },
        { name: 'long before', startMs: fromMs - 90 * DAY_MS },
        { name: 'long after', startMs: beforeMs + 90 * DAY_MS },
      ]);
      const bound = (ms: number) => startBound(ms, dataset.start) ?? '';
      const found = await scanned(reader, dataset, {
        tags: null,
        which: {
          kind: 'started',
          plausibleFrom: bound(Date.UTC(1995, 0, 1)),
          from: bound(fromMs),
          before: bound(beforeMs),
          customer: null,
          key: null,
        },
      });
      expect(namesOf(found)).toEqual(expect.arrayContaining(['between', 'first', 'last']));
      if (reader.facts.pushesDown) expect(namesOf(found)).not.toContain('long after');
    });

    it('finds records by their keys, and gives none that was not asked for', async () => {
      await put(NAMES);
      const wanted = NAMES.filter((_, index) => index % 2 === 0);
      const inCapitals = NAMES.map(one => one.toUpperCase()).filter(one => !NAMES.includes(one));
      const found = await reader.find(
        dataset,
        [...wanted, 'no such record', ...inCapitals].map(one => [one]),
      );
      expect(namesOf(found)).toEqual(wanted);
      expect(await reader.find(dataset, [])).toEqual([]);
    });

    it('counts what a scan would give, or says that it cannot', async () => {
      await put(NAMES);
      const counted = await reader.count(dataset, null, 'exact');
      if (counted !== null)
        expect(counted).toEqual({ stored: NAMES.length, isEstimate: false, notStarted: 0 });
    });

    it.each(NAMES.map(one => [one]))('purges the one record %j and no other', async one => {
      await put(NAMES);
      expect(await store.dispose(order([[one]]), letAllGo)).toEqual([{ key: [one], did: 'purged' }]);
      expect(await fixture.names()).toEqual(NAMES.filter(other => other !== one));
    });

    it('gives one outcome for each key, in the order of the keys, and touches only those let go', async () => {
      await put(['one', 'two', 'three', 'four', 'kept']);
      const keys = [['four'], ['missing'], ['two'], ['three'], ['one']];
      const shown: Key[] = [];
      const judge: Judge = async records => {
        shown.push(...keysOf(records));
        return records.map(({ key }) =>
          key[0] === 'two' ? { go: false, why: 'held', by: 'hold-7' } : { go: true },
        );
      };
      expect(await store.dispose(order(keys), judge)).toEqual([
        { key: ['four'], did: 'purged' },
        { key: ['missing'], did: 'spared', why: fixture.absentAs, by: null },
        { key: ['two'], did: 'spared', why: 'held', by: 'hold-7' },
        { key: ['three'], did: 'purged' },
        { key: ['one'], did: 'purged' },
      ]);
      expect(shown).toEqual([['four'], ['two'], ['three'], ['one']]);
      expect(await fixture.names()).toEqual(['kept', 'two']);
    });

    it('says that nothing is there when the same keys come again', async () => {
      await put(['one', 'two', 'kept']);
      await store.dispose(order([['one'], ['two']]), letAllGo);
      expect(await store.dispose(order([['one'], ['two']]), letAllGo)).toEqual([
        { key: ['one'], did: 'spared', why: fixture.absentAs, by: null },
        { key: ['two'], did: 'spared', why: fixture.absentAs, by: null },
      ]);
    });

    it('spares with the reason and the name that the judge gives', async () => {
      await put(['one']);
      expect(await store.dispose(order([['one']]), spareAll('changed', 'policy p-1'))).toEqual([
        { key: ['one'], did: 'spared', why: 'changed', by: 'policy p-1' },
      ]);
      expect(await fixture.names()).toEqual(['one']);
    });

    it('spares what the judge says nothing about', async () => {
      await put(['one', 'two']);
      const outcomes = await store.dispose(order([['one'], ['two']]), async () => []);
      expect(outcomes.map(outcome => outcome.did)).toEqual(['spared', 'spared']);
      expect(await fixture.names()).toEqual(['one', 'two']);
    });

    it('changes nothing when the judge throws', async () => {
      await put(['one', 'two']);
      const judge: Judge = async () => {
        throw new Error('the run must stop');
      };
      await expect(store.dispose(order([['one'], ['two']]), judge)).rejects.toThrow('the run must stop');
      expect(await fixture.names()).toEqual(['one', 'two']);
    });

    it('gives no outcome for no keys', async () => {
      await put(['one']);
      expect(await store.dispose(order([]), letAllGo)).toEqual([]);
      expect(await fixture.names()).toEqual(['one']);
    });

    it('refuses an order for what it cannot honour, and changes nothing', async () => {
      await put(['one']);
      for (const disposition of ['flag', 'anonymise'] as const) {
        await expect(store.dispose(order([['one']], disposition), letAllGo)).rejects.toThrow();
      }
      expect(await fixture.names()).toEqual(['one']);
    });

    it('has a reader that cannot write and that changes nothing by reading', async () => {
      await put(NAMES);
      expect(Object.keys(reader)).not.toContain('dispose');
      expect(Object.keys(reader)).not.toContain('removeFile');
      await reader.clockMs();
      await reader.check(dataset, ['purge']);
      await reader.count(dataset, null, 'exact');
      await reader.unclassified(dataset);
      await scanned(reader, dataset);
      await reader.find(
        dataset,
        NAMES.map(one => [one]),
      );
      expect(await fixture.names()).toEqual(NAMES);
    });

    it('finds nothing wrong with a dataset that fits', async () => {
      expect(await reader.check(dataset, ['purge'])).toEqual([]);
    });

    it('reports a dataset that is not there', async () => {
      const [mismatch, ...others] = await reader.check(datasetNamed(fixture.map, 'absent'), ['purge']);
      expect(others).toEqual([]);
      expect(mismatch?.dataset).toBe('absent');
      expect(mismatch?.message).toContain('no_such_place');
      expect(mismatch?.hint).not.toBe('');
    });

    it('has records that name files, or files that are no records, and says which it has not', async () => {
      await put(NAMES);
      expect(reader.namedBy === null).toBe(fixture.map.kind === 'filesystem');
      expect(reader.otherFiles === null).toBe(fixture.map.kind !== 'filesystem');
      for await (const page of reader.otherFiles?.(4) ?? []) expect(page.files).toEqual([]);
    });

    it('says store-unreachable, and what to do, when the store is not there', async () => {
      const refusal = { code: 'store-unreachable', hint: expect.stringMatching(/./) };
      const ask = async (question: (reader: StoreReader) => Promise<unknown>): Promise<unknown> => {
        const lost = kinds[fixture.map.kind].openReader(fixture.map, fixture.nowhere);
        return question(lost).finally(() => lost.close());
      };
      await expect(ask(lost => lost.check(dataset, ['purge']))).rejects.toMatchObject(refusal);
      await expect(ask(lost => lost.find(dataset, [['one']]))).rejects.toMatchObject(refusal);
      await expect(ask(lost => scanned(lost, dataset))).rejects.toMatchObject(refusal);
      const naming = { columns: { name: 'one' }, anyEnding: null, starts: null };
      const askFiles = async ({ namedBy, otherFiles }: StoreReader): Promise<void> => {
        for await (const _ of namedBy?.(dataset, [naming], 10) ?? otherFiles?.(10) ?? []);
      };
      await expect(ask(askFiles)).rejects.toMatchObject(refusal);
    });
  });
}
