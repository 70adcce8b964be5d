// Trap 20: MyISAM, MEMORY and MERGE tables (ViciDial's 324, A2Billing's 95): ROLLBACK restores nothing and no row can be
// locked. Purged from with the table locked, a thousand rows at a time, with the intent written before and what became of
// it told by looking; a report says so plainly. What would need an undo is refused.
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Knex } from 'knex';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Ruling } from '../../src/stores/order.ts';
import { expectSettled, lapseLease, plannedNightly, signalWhen } from '../enforce/killing.ts';
import { countKind, disposedKeys, spyOn } from '../support/small-ledger.ts';
import {
  addCalls,
  addRecordings,
  countOf,
  daysAgo,
  type SmallTelecom,
  smallTelecom,
} from '../support/small-telecom.ts';
import { mysqlFixture, type SqlFixture } from '../support/sql-fixture.ts';
import { replaceTable } from '../support/sql-spelling.ts';
import type { DatasetFile } from '../support/store-maps.ts';
import { testOn } from '../support/test-on.ts';

const log = (table: string): DatasetFile => ({
  dataset: 'recordings',
  table,
  key: ['recording_id'],
  class: 'call-recording',
  start: { event: 'recorded', column: 'start_time', unit: 'datetime', zone: 'UTC' },
});
const columns = '(recording_id INT NOT NULL PRIMARY KEY, start_time DATETIME)';
const go = async (records: readonly unknown[]): Promise<Ruling[]> => records.map(() => ({ go: true }));

describe('as a store', () => {
  let fixture: SqlFixture;
  beforeAll(async () => {
    fixture = await mysqlFixture();
  });
  afterAll(() => fixture.drop());

  const opened = (table: string) => fixture.open(log(table));

  /** The table with rows 1 to `rows`, all of one day. */
  async function filled(engine: string, rows: number): Promise<void> {
    await replaceTable(fixture.knex, 'recording_log', `${columns} ENGINE=${engine}`);
    await fixture.knex.batchInsert(
      'recording_log',
      Array.from({ length: rows }, (_, at) => ({ recording_id: at + 1, start_time: '2024-01-01 00:00:00' })),
    );
  }

  const keysUpTo = (last: number): string[][] => Array.from({ length: last }, (_, at) => [String(at + 1)]);
  const left = async (): Promise<number[]> =>
    fixture.knex('recording_log').orderBy('recording_id').pluck('recording_id');

  const purgedFrom = async (engine: string): Promise<void> => {
    await filled(engine, 5);
    const { reader, store, dataset, order } = opened('recording_log');
    const recordings = dataset('recordings');
    expect(await reader.check(recordings, ['purge'])).toEqual([]);
    expect((await reader.caveats(recordings))[0]?.message).toContain(
      `kept by ${engine}, which can neither lock a row nor undo a write`,
    );
    for (const disposition of ['flag', 'anonymise'] as const)
      expect(await reader.check(recordings, [disposition])).toMatchObject([
        {
          message: `"recording_log" is kept by ${engine}, which cannot undo a write: a row could be left half masked`,
          hint: 'ALTER TABLE recording_log ENGINE=InnoDB, or purge',
        },
      ]);
    const outcomes = await store.dispose(order('purge', [['2'], ['9'], ['4']]), async records =>
      records.map(({ key }) => (key[0] === '4' ? { go: false, why: 'held', by: 'case-1' } : { go: true })),
    );
    expect(outcomes).toEqual([
      { key: ['2'], did: 'purged' },
      { key: ['9'], did: 'spared', why: 'gone', by: null },
      { key: ['4'], did: 'spared', why: 'held', by: 'case-1' },
    ]);
    expect(await left()).toEqual([1, 3, 4, 5]);
  };

  test.each(['MyISAM', 'MEMORY'])('%s is purged from, and masks and flags are refused', purgedFrom);
  testOn('the engine Aria', 'Aria is purged from, and masks and flags are refused', () => purgedFrom('Aria'));

  test('no write is larger than a thousand rows, and others have their turn between two', async () => {
    await filled('MyISAM', 2500);
    const { store, order } = opened('recording_log');
    const sizes: number[] = [];
    const outcomes = await store.dispose(order('purge', keysUpTo(2500)), async records => {
      sizes.push(records.length);
      return go(records);
    });
    expect(sizes).toEqual([1000, 1000, 500]);
    expect(outcomes.filter(({ did }) => did === 'purged')).toHaveLength(2500);
    expect(await left()).toEqual([]);
  });

  test('between the look and the delete nobody else writes', async () => {
    await filled('MyISAM', 3);
    const { store, order } = opened('recording_log');
    let written: Promise<unknown> = Promise.resolve();
    let isWritten = false;
    const outcomes = await store.dispose(order('purge', keysUpTo(3)), async records => {
      written = fixture
        .knex('recording_log')
        .insert({ recording_id: 4, start_time: '2026-01-01' })
        .then(() => {
          isWritten = true;
        });
      await wait(100);
      expect(isWritten).toBe(false);
      return go(records);
    });
    expect(outcomes.map(({ did }) => did)).toEqual(['purged', 'purged', 'purged']);
    await written;
    expect(await left()).toEqual([4]);
  });

  test('a table that others keep locked is left for the next run', async () => {
    await filled('MyISAM', 3);
    const { store, order } = opened('recording_log');
    await fixture.knex.transaction(async other => {
      await other.raw('lock tables recording_log read');
      const outcomes = await store.dispose(order('purge', keysUpTo(3)), go);
      expect(outcomes).toMatchObject([{ why: 'locked' }, { why: 'locked' }, { why: 'locked' }]);
      await other.raw('unlock tables');
    });
    expect(await left()).toEqual([1, 2, 3]);
  });

  test('a trigger that refuses some rows stops those alone, and what went before it is told as gone', async () => {
    await filled('MyISAM', 9);
    await fixture.knex.raw(
      "CREATE TRIGGER keep BEFORE DELETE ON recording_log FOR EACH ROW IF OLD.recording_id IN (4, 5) THEN SIGNAL SQLSTATE '45000'; END IF",
    );
    const { store, order } = opened('recording_log');
    const outcomes = await store.dispose(order('purge', keysUpTo(8)), go);
    expect(outcomes.map(outcome => (outcome.did === 'spared' ? outcome.why : outcome.did))).toEqual([
      ...['purged', 'purged', 'purged', 'blocked', 'blocked', 'purged', 'purged', 'purged'],
    ]);
    expect(await left()).toEqual([4, 5, 9]);
  });

  test('a MERGE table is refused: the rows stand in others', async () => {
    await fixture.knex.raw(`CREATE TABLE log_2025 ${columns} ENGINE=MyISAM`);
    await fixture.knex.raw(
      'CREATE TABLE log_all (recording_id INT NOT NULL, start_time DATETIME, UNIQUE (recording_id)) ENGINE=MERGE UNION=(log_2025) INSERT_METHOD=NO',
    );
    const { reader, dataset } = opened('log_all');
    expect((await reader.check(dataset('recordings'), ['purge'])).map(({ message }) => message)).toContain(
      '"log_all" is a MERGE table, whose rows stand in other tables',
    );
  });
});

describe('through the command line', () => {
  let telecom: SmallTelecom;
  let ledger: Knex;
  const open = async (batch: number, ...tables: string[]): Promise<void> => {
    telecom = await smallTelecom({ kind: 'mysql', job: { batch } });
    ledger = spyOn(telecom.ledger);
    for (const table of tables) await telecom.database.raw('ALTER TABLE ?? ENGINE=MyISAM', [table]);
  };
  afterEach(async () => {
    await ledger.destroy();
    await telecom.drop();
  });

  test('doctor and plan say what the engine cannot do; what is due goes, and nothing else', async () => {
    await open(100, 'cdr');
    await addCalls(telecom, 30, 10);
    await telecom.database('cdr').insert([
      { at: null, account: '2000' },
      { at: daysAgo(-3), account: '2000' },
      { at: daysAgo(90), account: '3000' },
    ]);
    await telecom.cli('hold', 'place', '--matter', 'Case 1', '--reason', 'Court', '--customer', '3000');
    const doctor = await telecom.cli('doctor', 'nightly');
    expect(doctor.stdout).toContain('"cdr" is kept by MyISAM');
    // What is listed without a look at each may have to be put back, and here it cannot.
    expect(doctor.stdout).toContain('call-detail-record: read one by one, those only that may be due');
    expect(doctor.stdout).toMatch(/GRANT LOCK TABLES ON `[^`]+`\.\* TO 'retention_enforce'/);
    const planned = await telecom.cli('plan', 'nightly');
    expect(planned.stdout.replace(/\s+/g, ' ')).toContain('which can neither lock a row nor undo a write');
    const run = await telecom.cli('run', 'nightly', '--verify');
    expect(run.code, run.stderr).toBe(0);
    expect(await disposedKeys(ledger, 'calls')).toHaveLength(30);
    const left = await telecom.database('cdr').select('at', 'account').orderBy('id');
    expect(left).toHaveLength(13);
    expect(left.slice(10).map(({ account }) => account)).toEqual(['2000', '2000', '3000']);
  });

  test('a file goes before its row, and a row whose file cannot go stays', async () => {
    await open(100, 'recordings');
    await addRecordings(telecom, 6, 2);
    const file = join(telecom.folder, 'audio/2/call-2.wav');
    await rm(file);
    await mkdir(file);
    const run = await telecom.cli('run', 'nightly');
    expect(run.code, run.stdout).toBe(4);
    expect(run.stdout).toContain('it is not a plain file');
    expect(await telecom.database('recordings').orderBy('id').pluck('id')).toEqual(['3', '7', '8']);
    expect(telecom.files()).toEqual(['2/call-2.wav', '6/call-6.wav', '7/call-7.wav']);
  });

  test('rows without a key, as often as they were planned', async () => {
    await open(100);
    await telecom.database.raw(
      'CREATE TABLE did_log (uniqueid VARCHAR(20), call_date DATETIME, KEY (call_date)) ENGINE=MyISAM',
    );
    telecom.map([
      {
        dataset: 'dids',
        table: 'did_log',
        keyless: true,
        class: 'call-detail-record',
        start: { event: 'recorded', column: 'call_date', unit: 'datetime', zone: 'UTC' },
      },
    ]);
    const [old, fresh] = [daysAgo(90), daysAgo(5)];
    const rows = (uniqueid: string, call_date: string, copies: number) =>
      telecom.database('did_log').insert(Array.from({ length: copies }, () => ({ uniqueid, call_date })));
    await rows('due, three times', old, 3);
    await rows('due, once', old, 1);
    await rows('fresh, twice', fresh, 2);
    const plan = await plannedNightly(telecom);
    await rows('due, three times', old, 1);
    const { code, stderr } = await telecom.cli('enforce', plan);
    expect(code, stderr).toBe(0);
    expect(await telecom.database('did_log').orderBy('uniqueid').pluck('uniqueid')).toEqual([
      'due, three times',
      'fresh, twice',
      'fresh, twice',
    ]);
  });

  test('killed over and over, at moments of chance: the next run finds out what had gone', async () => {
    const [due, kept] = [20_000, 500];
    await open(500, 'cdr');
    await addCalls(telecom, due, kept);
    const before = await telecom.database('cdr').where('id', '>', due).orderBy('id');
    const plan = await plannedNightly(telecom);
    let done = 0;
    for (const more of [0, 3, 8]) {
      await signalWhen(telecom, ['enforce', plan], 'SIGKILL', async () => {
        const now = await countKind(ledger, 'done');
        if ((await countKind(ledger, 'run-started')) === 0 || now < done + more) return false;
        await wait(Math.random() * 8);
        return true;
      });
      done = await countKind(ledger, 'done');
      const gone = due + kept - (await countOf(telecom.database, 'cdr'));
      const told = (await disposedKeys(ledger, 'calls')).length;
      expect(gone - told).toBeGreaterThanOrEqual(0);
      expect(gone - told).toBeLessThanOrEqual(1000);
      await lapseLease(telecom);
    }
    const last = await telecom.cli('enforce', plan, '--quiet');
    expect([0, 4], last.stderr).toContain(last.code);
    await expectSettled(telecom, ledger, 'calls', due);
    expect(await telecom.database('cdr').orderBy('id')).toEqual(before);
  }, 240_000);
});
