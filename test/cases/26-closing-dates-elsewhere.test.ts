// Trap 26, where no column holds a closing date: A2Billing and Kill Bill keep a history of status changes (cc_status_log),
// others only orders or subscriptions with an end each. The latest row of an account decides, or the last end; a row that
// cannot be relied on, rows that contradict each other and a status that disagrees keep the account, and are told.
import { afterEach, describe, expect, test } from 'vitest';
import { misfitsOf } from '../../src/plan/misfits.ts';
import type { PlanPart } from '../../src/plan/plan.ts';
import {
  CALLS,
  type CaseRow,
  type CaseRun,
  DAY_MS,
  expectFates,
  type Fate,
  HELD,
  openCase,
  usualRows,
  wallUtc,
} from '../support/case-rows.ts';
import { mysqlFixture } from '../support/sql-fixture.ts';
import type { DatasetFile } from '../support/store-maps.ts';
import { letAllGo } from '../support/store-use.ts';

let run: CaseRun;
afterEach(() => run.drop());

const ago = (days: number): string => wallUtc(Date.now() - days * DAY_MS);
const closing = { ...CALLS, start: 'account-closed' } as const;
const [ACTIVE, CANCELLED, EXPIRED] = ['1', '2', '5'] as const;
const status = { column: 'status', closed: [CANCELLED, EXPIRED] };
const event = 'account-closed' as const;
const closedUndated = 'undated: not there although the status says closed';
const contradictory = 'undated: told by rows that contradict each other';

const cards = (start: DatasetFile['start']): DatasetFile => ({
  dataset: 'cards',
  table: 'cards',
  key: ['id'],
  class: 'call',
  customer: 'owner',
  start,
});
const CARDS = (type = 'INT'): string =>
  `CREATE TABLE cards (id INT PRIMARY KEY, status ${type}, made DATETIME NULL, owner VARCHAR(20))`;

const history = { table: 'status_log', on: { id_card: 'id' }, column: 'updated', status };
const byHistory: DatasetFile['start'] = { event, unit: 'datetime', zone: 'UTC', history };
const STATUS_LOG = (type = 'INT'): string =>
  `CREATE TABLE status_log (id INT AUTO_INCREMENT PRIMARY KEY, id_card INT, status ${type}, updated DATETIME NULL, KEY (id_card, updated))`;

const last = { table: 'orders', on: { account_id: 'id' }, column: 'ended' };
const byLast: DatasetFile['start'] = {
  ...{ event, unit: 'datetime', zone: 'UTC', last },
  sentinels: ['2038-01-01 00:00:00'],
};
const ORDERS =
  'CREATE TABLE orders (id INT AUTO_INCREMENT PRIMARY KEY, account_id INT, ended DATETIME NULL, KEY (account_id))';

type Change = readonly [status: string | null, when: string | null];
interface Account extends CaseRow {
  readonly changes?: readonly Change[];
  readonly ends?: readonly (string | null)[];
}

/** Inserts what belongs to the accounts, which get ids from 1 on, and sees to what becomes of them. */
async function expectAccounts(accounts: readonly Account[]): Promise<PlanPart> {
  const changes = accounts.flatMap(({ changes = [] }, index) =>
    changes.map(([status, updated]) => ({ id_card: index + 1, status, updated })),
  );
  const orders = accounts.flatMap(({ ends = [] }, index) =>
    ends.map(ended => ({ account_id: index + 1, ended })),
  );
  if (changes.length > 0) await run.knex('status_log').insert(changes);
  if (orders.length > 0) await run.knex('orders').insert(orders);
  return expectFates(run, 'cards', accounts);
}

/** The usual rows, whose `made` is the time at which the account was closed. */
const usual = (own: string | null, of: (closed: string) => Partial<Account>): Account[] =>
  usualRows(ms => ({ made: wallUtc(ms), status: own }), 'owner').map(row => ({
    ...row,
    ...of(String(row.values.made)),
  }));
const opened = ago(2000);
const byChanges = (closed: string): Partial<Account> => ({
  changes: [
    [ACTIVE, opened],
    [CANCELLED, closed],
  ],
});
const byEnds = (closed: string): Partial<Account> => ({ ends: [ago(1500), closed, ago(900)] });

const account = (what: string, own: string | null, changes: readonly Change[], fate: Fate): Account => ({
  what,
  fate,
  values: { status: own, owner: 'plain' },
  changes,
});
const ordering = (
  what: string,
  own: string | null,
  ends: readonly (string | null)[],
  fate: Fate,
): Account => ({ what, fate, values: { status: own, owner: 'plain' }, ends });

const told = (part: PlanPart, code: string): number[] =>
  part.findings.filter(finding => finding.code === code).map(({ count }) => count);

describe('a history of changes', () => {
  test.each(['INT', 'VARCHAR(20) COLLATE utf8mb4_general_ci'])('in which the status is %s', async type => {
    run = await openCase({
      ddl: [CARDS(), STATUS_LOG(type)],
      datasets: [cards(byHistory)],
      policies: [closing],
    });
    const part = await expectAccounts([
      ...usual(null, byChanges),
      account('no change at all', null, [], 'stays'),
      account('opened and never closed', null, [[ACTIVE, opened]], 'stays'),
      account('expired, which closes too', null, [[EXPIRED, ago(400)]], 'goes'),
      account(
        'closed and opened again',
        null,
        [
          [CANCELLED, ago(900)],
          [ACTIVE, ago(800)],
        ],
        'stays',
      ),
      account(
        'closed, opened again, and closed',
        null,
        [
          [CANCELLED, ago(400)],
          [ACTIVE, ago(800)],
          [CANCELLED, ago(900)],
        ],
        'goes',
      ),
      account(
        'closed twice, the last time yesterday',
        null,
        [
          [CANCELLED, ago(900)],
          [EXPIRED, ago(1)],
        ],
        'stays',
      ),
      account(
        'closed and opened at one time',
        null,
        [
          [CANCELLED, ago(400)],
          [ACTIVE, ago(400)],
        ],
        contradictory,
      ),
      account(
        'closed twice at one time',
        null,
        [
          [CANCELLED, ago(400)],
          [EXPIRED, ago(400)],
        ],
        'goes',
      ),
      account(
        'a contradiction that a later change has settled',
        null,
        [
          [CANCELLED, ago(400)],
          [ACTIVE, ago(500)],
          [EXPIRED, ago(500)],
        ],
        'goes',
      ),
      account(
        'a change without a time',
        null,
        [
          [CANCELLED, ago(400)],
          [ACTIVE, null],
        ],
        'undated: not there (NULL)',
      ),
      account(
        'a zero date',
        null,
        [
          [CANCELLED, ago(400)],
          [ACTIVE, '0000-00-00 00:00:00'],
        ],
        'undated: a zero date',
      ),
      account(
        'a time that stands for none',
        null,
        [
          [CANCELLED, ago(400)],
          [CANCELLED, '1971-01-01 00:00:00'],
        ],
        'undated: too early to be real',
      ),
      account(
        'opened again in the future',
        null,
        [
          [CANCELLED, ago(400)],
          [ACTIVE, ago(-5)],
        ],
        'undated: in the future',
      ),
      account(
        'the latest status is not said',
        null,
        [
          [CANCELLED, ago(400)],
          [null, ago(300)],
        ],
        'stays',
      ),
      ...(type === 'INT'
        ? []
        : [account('a status that is spelt otherwise', null, [['2 ', ago(400)]], 'stays')]),
    ]);
    expect(told(part, 'open-but-dated')).toEqual([]);
    expect(told(part, 'no-start-index')).toEqual([]);
  });

  test('beside the status of the account, which must agree', async () => {
    run = await openCase({
      ddl: [CARDS('VARCHAR(20) COLLATE utf8mb4_general_ci'), STATUS_LOG()],
      datasets: [cards({ ...byHistory, status })],
      policies: [closing],
    });
    const part = await expectAccounts([
      ...usual(CANCELLED, byChanges),
      account('closed by both, in other words', EXPIRED, [[CANCELLED, ago(400)]], 'goes'),
      account(
        'open by both',
        ACTIVE,
        [
          [CANCELLED, ago(900)],
          [ACTIVE, ago(800)],
        ],
        'stays',
      ),
      account('open without a change', ACTIVE, [], 'stays'),
      account('closed long ago, open by its status', ACTIVE, [[CANCELLED, ago(400)]], 'stays'),
      account('closed today, open by its status', ACTIVE, [[CANCELLED, ago(0)]], 'stays'),
      account('closed, and the status says nothing', null, [[CANCELLED, ago(400)]], 'stays'),
      account('closed, and the status is spelt otherwise', '2 ', [[CANCELLED, ago(400)]], 'stays'),
      account(
        'open again, closed by its status',
        CANCELLED,
        [
          [CANCELLED, ago(900)],
          [ACTIVE, ago(800)],
        ],
        closedUndated,
      ),
      account('closed without a change', CANCELLED, [], closedUndated),
      account('in doubt, whatever the status says', ACTIVE, [[CANCELLED, null]], 'undated: not there (NULL)'),
    ]);
    expect(told(part, 'open-but-dated')).toEqual([4]);
  });

  test('an hour that comes twice leaves it open which of two changes was the later', async () => {
    run = await openCase({
      ddl: [CARDS(), STATUS_LOG()],
      datasets: [cards({ ...byHistory, zone: 'Europe/London' })],
      policies: [closing],
    });
    // Clocks went back at two o'clock on 26 October 2025.
    const on = (time: string): string => `2025-10-26 ${time}`;
    await expectAccounts([
      account(
        'closed at 01:50 or 02:50, opened at 01:10 or 02:10',
        null,
        [
          [CANCELLED, on('01:50:00')],
          [ACTIVE, on('01:10:00')],
        ],
        contradictory,
      ),
      account(
        'opened at 01:50 or 02:50',
        null,
        [
          [ACTIVE, on('01:50:00')],
          [CANCELLED, on('01:10:00')],
        ],
        contradictory,
      ),
      account(
        'opened before, closed within',
        null,
        [
          [CANCELLED, on('01:50:00')],
          [ACTIVE, on('00:59:59')],
        ],
        'goes',
      ),
      account(
        'opened within, closed after',
        null,
        [
          [CANCELLED, on('02:00:00')],
          [ACTIVE, on('01:50:00')],
        ],
        'goes',
      ),
    ]);
  });
});

test('the last of the orders, beside the status or without one', async () => {
  for (const own of [null, CANCELLED]) {
    run = await openCase({
      ddl: [CARDS('VARCHAR(20)'), ORDERS],
      datasets: [cards(own === null ? byLast : { ...byLast, status })],
      policies: [closing],
    });
    const open = own === null ? 'stays' : closedUndated;
    const part = await expectAccounts([
      ...usual(own, byEnds),
      ordering('no order at all', own, [], open),
      ordering('one that lasts', own, [ago(400), null], open),
      ordering('a zero end: it lasts', own, [ago(400), '0000-00-00 00:00:00'], open),
      ordering('an end that stands for none: it lasts', own, ['2038-01-01 00:00:00', ago(400)], open),
      ordering('one that lasts, and one in doubt', own, [null, '1971-01-01 00:00:00'], open),
      ordering(
        'all in doubt but one',
        own,
        [ago(400), '1971-01-01 00:00:00'],
        'undated: too early to be real',
      ),
      ...(own === null
        ? []
        : [
            ordering('ended, open by its status', ACTIVE, [ago(400)], 'stays'),
            ordering('open by its status, without orders', ACTIVE, [], 'stays'),
          ]),
    ]);
    expect(told(part, 'open-but-dated')).toEqual(own === null ? [] : [1]);
    if (own === null) await run.drop();
  }
});

test('an account that is opened again between plan and enforcement stays', async () => {
  run = await openCase({
    ddl: [CARDS(), STATUS_LOG()],
    datasets: [cards(byHistory)],
    policies: [closing],
  });
  await run.knex('cards').insert([1, 2, 3, 4].map(id => ({ id, owner: id === 4 ? HELD : 'plain' })));
  await run
    .knex('status_log')
    .insert([1, 2, 3, 4].map(id_card => ({ id_card, status: 2, updated: ago(90) })));
  const { plan, part } = await run.plan();
  expect(part.counts).toMatchObject({ due: 3, held: 1 });
  await run.knex('status_log').insert([
    { id_card: 1, status: 1, updated: ago(1) },
    { id_card: 2, status: 1, updated: null },
  ]);
  expect(await run.enforce(plan)).toEqual({ 'changed: not-started open': 1, 'changed: doubt null': 1 });
  expect(await run.knex('cards').orderBy('id').pluck('id')).toEqual([1, 2, 4]);
});

test('an account is masked when its history closed it long enough ago, once', async () => {
  run = await openCase({
    ddl: [CARDS(), STATUS_LOG()],
    datasets: [{ ...cards(byHistory), anonymise: { fields: [{ column: 'made', mask: null }] } }],
    policies: [{ ...closing, disposition: 'anonymise' }],
  });
  await run.knex('cards').insert([1, 2, 3].map(id => ({ id, owner: 'plain', made: ago(1000) })));
  await run.knex('status_log').insert([
    { id_card: 1, status: 2, updated: ago(90) },
    { id_card: 2, status: 2, updated: ago(90) },
    { id_card: 3, status: 2, updated: ago(1) },
  ]);
  const { plan, part } = await run.plan();
  expect(part.counts.due).toBe(2);
  await run.knex('status_log').insert({ id_card: 2, status: 1, updated: ago(0) });
  expect(await run.enforce(plan)).toEqual({ 'changed: not-started open': 1 });
  expect(await run.knex('cards').whereNull('made').pluck('id')).toEqual([1]);
  expect((await run.plan()).part.counts).toMatchObject({ due: 0, alreadyDone: 1 });
});

test('letters follow their account through its history, and through its orders', async () => {
  for (const start of [byHistory, byLast]) {
    run = await openCase({
      ddl: [
        CARDS(),
        STATUS_LOG(),
        ORDERS,
        'CREATE TABLE letters (id INT PRIMARY KEY, card INT, owner VARCHAR(20))',
      ],
      datasets: [
        {
          ...{ dataset: 'letters', table: 'letters', key: ['id'], class: 'call', customer: 'owner' },
          start: { event, from: { dataset: 'cards', on: { card: 'id' } } },
        },
        { ...cards(start), class: 'kept' },
      ],
      policies: [closing],
    });
    await run.knex('cards').insert([1, 2, 3, 4].map(id => ({ id, owner: 'plain' })));
    await run.knex('status_log').insert([
      { id_card: 1, status: 2, updated: ago(90) },
      { id_card: 2, status: 2, updated: ago(90) },
      { id_card: 3, status: 2, updated: ago(90) },
      { id_card: 3, status: 1, updated: ago(80) },
    ]);
    await run.knex('orders').insert([
      { account_id: 1, ended: ago(90) },
      { account_id: 2, ended: ago(90) },
      { account_id: 3, ended: ago(90) },
      { account_id: 3, ended: null },
    ]);
    // Two letters of each account, and one of an account that is not there.
    const of = [1, 1, 2, 2, 3, 3, 4, 4, 5];
    await run.knex('letters').insert(of.map((card, index) => ({ id: index + 1, card, owner: 'plain' })));
    const { plan, part } = await run.plan('letters');
    expect(part.counts).toMatchObject({ due: 4, undated: 1, notStarted: 4 });
    expect(told(part, 'undated')).toEqual([1]);
    await run.knex('status_log').insert({ id_card: 2, status: 1, updated: ago(1) });
    await run.knex('orders').insert({ account_id: 2, ended: null });
    expect(await run.enforce(plan)).toEqual({ 'changed: not-started open': 2 });
    expect(await run.knex('letters').orderBy('id').pluck('id')).toEqual([3, 4, 5, 6, 7, 8, 9]);
    if (start === byHistory) await run.drop();
  }
});

test('rows that tell when an account was closed stay as long as it does', async () => {
  run = await openCase({
    ddl: [CARDS(), ORDERS],
    datasets: [
      {
        ...{ dataset: 'orders', table: 'orders', key: ['id'], class: 'order', customer: 'account_id' },
        start: { event: 'recorded', column: 'ended', unit: 'datetime', zone: 'UTC' },
      },
      cards(byLast),
    ],
    policies: [closing, { ...CALLS, id: 'order', class: 'order' }],
  });
  await run.knex('cards').insert([1, 2].map(id => ({ id, owner: 'plain' })));
  await run.knex('orders').insert([
    { account_id: 1, ended: ago(400) },
    { account_id: 2, ended: ago(400) },
    { account_id: 2, ended: ago(3) },
  ]);
  const { plan } = await run.plan('cards');
  expect(plan.parts.map(({ dataset, counts }) => [dataset, counts.due])).toEqual([
    ['cards', 1],
    ['orders', 2],
  ]);
  expect(await run.enforce(plan)).toEqual({ 'blocked: cards': 1 });
  expect(await run.knex('cards').pluck('id')).toEqual([2]);
  expect(await run.knex('orders').pluck('account_id')).toEqual([2, 2]);
});

test('a table of accounts that can undo nothing is locked, and its history with it', async () => {
  run = await openCase({
    ddl: [CARDS(), STATUS_LOG(), 'ALTER TABLE cards ENGINE=MyISAM', 'ALTER TABLE status_log ENGINE=MyISAM'],
    datasets: [cards(byHistory)],
    policies: [closing],
  });
  await expectAccounts([
    ...usual(null, byChanges),
    account(
      'closed and opened again',
      null,
      [
        [CANCELLED, ago(900)],
        [ACTIVE, ago(800)],
      ],
      'stays',
    ),
  ]);
});

describe('while a batch goes', () => {
  const open = async () => {
    const fixture = await mysqlFixture();
    for (const ddl of [CARDS(), STATUS_LOG()]) await fixture.knex.raw(ddl);
    await fixture.knex('cards').insert([1, 2, 3].map(id => ({ id, owner: 'plain' })));
    await fixture
      .knex('status_log')
      .insert([1, 3].map(id_card => ({ id_card, status: 2, updated: ago(90) })));
    // What the cases open and drop is not needed here.
    run = { drop: fixture.drop } as CaseRun;
    return { fixture, opened: fixture.open(cards(byHistory)) };
  };
  const reopening = (id_card: number) => ({ id_card, status: 1, updated: ago(0) });

  test('no row of one of its accounts comes in, and rows of others do', async () => {
    const { fixture, opened } = await open();
    const tried: string[] = [];
    const write = async (id_card: number): Promise<string> =>
      fixture.knex.transaction(async transaction => {
        await transaction.raw('SET SESSION innodb_lock_wait_timeout = 1');
        return transaction('status_log')
          .insert(reopening(id_card))
          .then(
            () => 'written',
            (error: { code: string }) => error.code,
          );
      });
    const outcomes = await opened.store.dispose(opened.order('purge', [['1']]), async records => {
      tried.push(await write(1), await write(3));
      return letAllGo(records);
    });
    expect(outcomes).toEqual([{ key: ['1'], did: 'purged' }]);
    expect(tried).toEqual(['ER_LOCK_WAIT_TIMEOUT', 'written']);
  });

  test('who writes a row and has not said that it is final is not waited for: the account is left', async () => {
    const { fixture, opened } = await open();
    await fixture.knex.transaction(async transaction => {
      await transaction('status_log').insert(reopening(1));
      const beganMs = performance.now();
      const outcomes = await opened.store.dispose(opened.order('purge', [['1']]), letAllGo);
      expect(outcomes).toEqual([{ key: ['1'], did: 'spared', why: 'locked', by: null }]);
      // Waiting would take a second, three times over.
      expect(performance.now() - beganMs).toBeLessThan(2500);
    });
    const [record] = await opened.reader.find(opened.dataset('cards'), [['1']]);
    expect(record?.start.rows?.say).toBe('open');
  });
});

describe('what does not fit is refused or told', () => {
  const check = async (start: DatasetFile['start'], ...ddl: string[]) => {
    const fixture = await mysqlFixture();
    run = { drop: fixture.drop } as CaseRun;
    for (const statement of ddl) await fixture.knex.raw(statement);
    const { reader, dataset } = fixture.open(cards(start));
    const mismatches = await reader.check(dataset('cards'), ['purge']);
    return { reader, dataset: dataset('cards'), said: mismatches.map(one => `${one.message}. ${one.hint}`) };
  };

  test('no such table', async () => {
    const { said } = await check(byHistory, CARDS());
    expect(said).toEqual([
      'tested has no table "status_log". Mend dataset cards in the data map, or grant SELECT on the table',
    ]);
  });

  test('no such columns, on either side', async () => {
    const { said } = await check(
      {
        ...byHistory,
        history: { ...history, on: { card: 'number' }, status: { ...status, column: 'state' } },
      },
      ...[CARDS(), STATUS_LOG()],
    );
    expect(said).toEqual([
      'table "cards" has no column "number". It has id, status, made, owner',
      'table "status_log" has no column "state". It has id, id_card, status, updated',
      'table "status_log" has no column "card". It has id, id_card, status, updated',
    ]);
  });

  test('a time in another unit, a join of two types, a default that reads as a time', async () => {
    const { said } = await check(
      byHistory,
      CARDS(),
      "CREATE TABLE status_log (id_card VARCHAR(20), status INT, updated TIMESTAMP DEFAULT '2000-01-01 00:00:00')",
    );
    expect(said).toEqual([
      expect.stringContaining('start column "updated" is "2000-01-01 00:00:00" where a row was given none'),
      expect.stringContaining('start column "updated" is declared as datetime and is a timestamp'),
      expect.stringMatching(/"id" is a int(\(11\))? and "id_card" in "status_log" is a varchar\(20\)/),
    ]);
  });

  test('a history without an index, and one whose engine cannot lock a row', async () => {
    const { said, reader, dataset } = await check(
      byHistory,
      CARDS(),
      'CREATE TABLE status_log (id_card INT, status INT, updated DATETIME, KEY (updated, id_card)) ENGINE=MyISAM',
    );
    expect(said).toEqual([]);
    expect(await reader.indexAdvice(dataset)).toBe(
      'no index of "status_log" begins with id_card: each write reads and locks all of it, and would only what belongs to its records with CREATE INDEX retention_start ON status_log (id_card, updated)',
    );
    expect((await reader.caveats(dataset)).map(({ message }) => message)).toEqual([
      '"status_log" is kept by MyISAM, which cannot lock a row: a row that is written while records of "cards" go is not waited for. ALTER TABLE status_log ENGINE=InnoDB',
    ]);
  });

  test('times that cannot be in their unit', async () => {
    const { reader, dataset } = await check(
      { event, unit: 'epoch-s', history },
      CARDS(),
      'CREATE TABLE status_log (id_card INT, status INT, updated BIGINT, KEY (id_card))',
      `INSERT INTO status_log VALUES (1, 2, ${Date.now() - 90 * DAY_MS})`,
    );
    const found = await misfitsOf(reader, dataset, ['purge'], Date.now());
    expect(found.map(({ hint }) => hint)).toEqual(['They would be in unit: epoch-ms']);
  });
});
