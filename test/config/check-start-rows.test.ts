// A start that rows of another table tell: each mistake in how it is written is found at its place, with the way out.
import { afterEach, expect, test } from 'vitest';
import { type ConfigFolders, configFolders, mistakesOf, POLICY, RIGHT, STORE } from './config-folders.ts';

const made: ConfigFolders[] = [];
afterEach(() => {
  for (const one of made.splice(0)) one.remove();
});

const HISTORY =
  "history: { table: status_log, on: { id_card: id }, column: updated, status: { column: status, closed: ['2'] } }";
const LAST = 'last: { table: orders, on: { account_id: id }, column: ended_at }';

/** The one dataset, whose start says this, with more beside it. */
function said(start: string, more = '', kind = 'mysql'): { mistakes: string[]; hints: string[] } {
  const store = STORE.replace(/start: .*/, `start:\n      ${start.replaceAll('; ', '\n      ')}\n${more}`);
  const one = configFolders({
    ...RIGHT,
    'policies/cdr.yaml': POLICY.replace('recorded', 'account-closed'),
    'jobs/stores/telecom.yaml':
      kind === 'mysql' ? store : store.replace('mysql', kind).replace('url:', 'path:'),
  });
  made.push(one);
  return mistakesOf(one);
}

const start = (how: string, more = ''): string =>
  `event: account-closed; unit: datetime; zone: Europe/London; ${how}${more}`;
const shortly = ({ mistakes }: { mistakes: string[] }): string[] =>
  mistakes.map(one => one.replace('jobs/stores/telecom.yaml:', ''));

test.each([
  ['a history', HISTORY],
  ['the last order', LAST],
  ['a history beside a status', `${HISTORY}; status: { column: status, closed: ['2'] }`],
])('%s has none', (_, how) => {
  expect(said(start(how)).mistakes).toEqual([]);
  expect(said(start(how), '', 'sqlite').mistakes).toEqual([]);
});

test('each is found at its place, with a way out', () => {
  expect(shortly(said(start(`${HISTORY}; ${LAST}`)))).toEqual([
    '14:7 datasets[0].start.last: the start is told by "history" already',
  ]);
  expect(shortly(said(start(`${HISTORY}; column: closed_at`)))).toEqual([
    '14:7 datasets[0].start.column: the start stands in a column of its own, and "history" tells it too',
  ]);
  expect(shortly(said(start(HISTORY.replace('id_card: id', ''))))).toEqual([
    '13:37 datasets[0].start.history.on: how its rows and the accounts are joined is not said',
  ]);
  expect(shortly(said(start(LAST.replace('account_id: id', ''))))).toEqual([
    '13:30 datasets[0].start.last.on: how its rows and the accounts are joined is not said',
  ]);
  const text = said(`event: account-closed; unit: text; format: yyyy; zone: UTC; ${LAST}`);
  expect(shortly(text)).toEqual([
    '11:7 datasets[0].start.unit: the latest of several texts cannot be told: they are in no order of time',
  ]);
  expect(text.hints[0]).toContain('add a generated column');
});

test('the unit and the zone are said as for any start', () => {
  expect(shortly(said(`event: account-closed; ${LAST}`))).toEqual([
    '9:5 datasets[0].start: the unit of the start is not said',
  ]);
  expect(shortly(said(`event: account-closed; unit: datetime; ${LAST}`))).toEqual([
    '9:5 datasets[0].start: a datetime says nothing without a zone',
  ]);
});

test('a history says what the status became; the last of the orders has no status of its own', () => {
  expect(shortly(said(start(HISTORY.replace(/, status: \{.*?\} \}/, ' }'))))).toEqual([
    '13:7 datasets[0].start.history.status: "status" is missing',
  ]);
  expect(shortly(said(start(LAST.replace('ended_at', 'ended_at, status: state'))))).toEqual([
    '13:72 datasets[0].start.last.status: "status" is not a key here',
  ]);
});

test('it belongs to closed accounts, which have keys and are read one by one', () => {
  const other = configFolders({
    ...RIGHT,
    'jobs/stores/telecom.yaml': STORE.replace(
      /start: .*/,
      `start: { event: recorded, unit: datetime, zone: UTC, ${LAST} }`,
    ),
  });
  made.push(other);
  expect(shortly(mistakesOf(other))).toEqual([
    expect.stringMatching(/start\.last: "last" belongs to the event account-closed$/),
  ]);
  expect(shortly(said(start(HISTORY), '    partitions: drop\n'))).toEqual([
    '14:5 datasets[0].partitions: partitions are dropped by the start that stands in the table itself, and this one is told by another',
  ]);
  const keyless = STORE.replace('key: [id]', 'keyless: true').replace(
    /start: .*/,
    `start: { event: account-closed, unit: datetime, zone: UTC, ${HISTORY} }`,
  );
  const one = configFolders({
    ...RIGHT,
    'policies/cdr.yaml': POLICY.replace('recorded', 'account-closed'),
    'jobs/stores/telecom.yaml': keyless,
  });
  made.push(one);
  expect(shortly(mistakesOf(one))).toEqual([
    expect.stringMatching(/start\.history: the start of a row without a key stands in it$/),
  ]);
});

test('who takes the start of such accounts says nothing of it, and their rows do not go before them', () => {
  const letters = (more: string, table = 'letters'): string =>
    `  - { dataset: letters, table: ${table}, key: [id], class: cdr, start: { event: account-closed, from: { dataset: cdr, on: { account: id } }${more} } }\n`;
  expect(said(start(LAST), letters('')).mistakes).toEqual([]);
  expect(shortly(said(start(LAST), letters(`, ${HISTORY}`)))).toEqual([
    expect.stringMatching(
      /datasets\[1\]\.start\.history: "history" belongs to the dataset that holds the start$/,
    ),
  ]);
  const lost = said(start(LAST), letters('', 'orders'));
  expect(shortly(lost)).toEqual([
    '13:15 datasets[0].start.last.table: its rows are mapped as "letters", which goes before the accounts, and their closing date with it',
  ]);
  expect(lost.hints).toEqual([
    'Give "letters" a start of its own, so that it goes after them, or take it out',
  ]);
});
