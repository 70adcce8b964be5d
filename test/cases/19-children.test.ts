// Trap 19: rows that belong to a record and stand elsewhere, with foreign keys and without, polymorphic or shared (osTicket
// thread, attachment and file; FusionPBX xml_cdr_flow; SuiteCRM emails_beans and _cstm). They go with their record, the
// deepest first, in its transaction; what several share goes with the last of them; nobody else's row is touched.
import { afterEach, describe, expect, test } from 'vitest';
import {
  type CaseRun,
  cutoffMs,
  DAY_MS,
  expectFates,
  openCase,
  usualRows,
  wallUtc,
} from '../support/case-rows.ts';
import { type SmallTelecom, smallTelecom } from '../support/small-telecom.ts';
import type { DatasetFile } from '../support/store-maps.ts';

let run: CaseRun | null = null;
let telecom: SmallTelecom | null = null;
afterEach(async () => {
  await run?.drop();
  await telecom?.drop();
  run = telecom = null;
});

const DDL = [
  'CREATE TABLE ticket (id INT PRIMARY KEY, created DATETIME, owner VARCHAR(20))',
  'CREATE TABLE ticket_cdata (ticket INT PRIMARY KEY, subject VARCHAR(20))',
  'CREATE TABLE thread (id INT PRIMARY KEY, object_id INT, object_type VARCHAR(1))',
  'CREATE TABLE thread_entry (id INT PRIMARY KEY, thread_id INT, body VARCHAR(20))',
  'CREATE TABLE attachment (id INT PRIMARY KEY, object_id INT, type VARCHAR(1), file_id BIGINT)',
  'CREATE TABLE canned (id INT PRIMARY KEY, file BIGINT)',
  'CREATE TABLE file (id BIGINT PRIMARY KEY, name VARCHAR(20))',
  'CREATE TABLE file_chunk (file_id BIGINT, chunk INT, data VARCHAR(20), PRIMARY KEY (file_id, chunk))',
];
const FILE = {
  table: 'file',
  on: { id: 'file_id' },
  shared: { canned: 'file' },
  children: [{ table: 'file_chunk', on: { file_id: 'id' } }],
};
const CHILDREN = [
  { table: 'ticket_cdata', on: { ticket: 'id' } },
  {
    table: 'thread',
    on: { object_id: 'id' },
    where: { object_type: 'T' },
    children: [
      {
        table: 'thread_entry',
        on: { thread_id: 'id' },
        children: [{ table: 'attachment', on: { object_id: 'id' }, where: { type: 'H' }, children: [FILE] }],
      },
    ],
  },
];
const tickets = (more: Partial<DatasetFile> = {}): DatasetFile => ({
  dataset: 'tickets',
  table: 'ticket',
  key: ['id'],
  class: 'call',
  customer: 'owner',
  start: { event: 'recorded', column: 'created', unit: 'datetime', zone: 'UTC' },
  children: CHILDREN,
  ...more,
});

const usual = usualRows(ms => ({ created: wallUtc(ms) }), 'owner');
const ids = usual.map((_, index) => index + 1);
const isGone = (id: number): boolean => usual[id - 1]?.fate === 'goes';
const gone = ids.filter(isGone);
const stay = ids.filter(id => !isGone(id));
/** A file beyond what a double can tell from its neighbour. */
const BIG = '9007199254740993';
const NEXT = '9007199254740992';

/** Below each ticket a thread, two entries and an attachment of a file of its own; beside them what looks the same and is not. */
async function fill({ knex }: CaseRun): Promise<void> {
  await knex('ticket_cdata').insert(ids.map(ticket => ({ ticket, subject: 'x' })));
  await knex('thread').insert([
    ...ids.map(id => ({ id, object_id: id, object_type: 'T' })),
    // A task of the same number.
    ...ids.map(id => ({ id: 100 + id, object_id: id, object_type: 'A' })),
  ]);
  await knex('thread_entry').insert([
    ...ids.flatMap(id => [1, 2].map(n => ({ id: id * 10 + n, thread_id: id, body: 'x' }))),
    ...ids.map(id => ({ id: 1000 + id, thread_id: 100 + id, body: 'x' })),
  ]);
  await knex('attachment').insert([
    ...ids.map(id => ({ id, object_id: id * 10 + 1, type: 'H', file_id: id })),
    // An article of the knowledge base, of the number of an entry.
    ...ids.map(id => ({ id: 100 + id, object_id: id * 10 + 1, type: 'F', file_id: 100 + id })),
  ]);
  const files = [...ids, ...ids.map(id => 100 + id)];
  await knex('file').insert(files.map(id => ({ id, name: 'x' })));
  await knex('file_chunk').insert(
    files.flatMap(file_id => [0, 1].map(chunk => ({ file_id, chunk, data: 'x' }))),
  );
}

const left = async ({ knex }: CaseRun, table: string, column: string): Promise<number[]> =>
  (await knex(table).orderBy(column).pluck(column)).map(Number);

async function expectOnlyTheirs(of: CaseRun): Promise<void> {
  expect(await left(of, 'ticket_cdata', 'ticket')).toEqual(stay);
  expect(await left(of, 'thread', 'id')).toEqual([...stay, ...ids.map(id => 100 + id)]);
  expect(await left(of, 'thread_entry', 'id')).toEqual([
    ...stay.flatMap(id => [id * 10 + 1, id * 10 + 2]),
    ...ids.map(id => 1000 + id),
  ]);
  expect(await left(of, 'attachment', 'id')).toEqual([...stay, ...ids.map(id => 100 + id)]);
  expect(await left(of, 'file', 'id')).toEqual([...stay, ...ids.map(id => 100 + id)]);
  expect([...new Set(await left(of, 'file_chunk', 'file_id'))]).toEqual([
    ...stay,
    ...ids.map(id => 100 + id),
  ]);
}

const EACH = {
  ticket_cdata: gone.length,
  thread: gone.length,
  thread_entry: 2 * gone.length,
  attachment: gone.length,
  file: gone.length,
};

const KEYED = [
  'ALTER TABLE thread_entry ADD FOREIGN KEY (thread_id) REFERENCES thread (id) ON DELETE RESTRICT',
  'ALTER TABLE attachment ADD FOREIGN KEY (file_id) REFERENCES file (id) ON DELETE RESTRICT',
  'ALTER TABLE file_chunk ADD FOREIGN KEY (file_id) REFERENCES file (id) ON DELETE CASCADE',
];

describe.each([
  ['mysql', 'without foreign keys', []],
  ['mysql', 'with foreign keys that restrict and cascade', KEYED],
  ['sqlite', 'without foreign keys', []],
] as const)('%s, %s', (kind, _, keyed) => {
  test('all that belongs to a ticket goes with it, and nothing else', async () => {
    run = await openCase({ kind, ddl: DDL, datasets: [tickets()] });
    await fill(run);
    for (const statement of keyed) await run.knex.raw(statement);
    const part = await expectFates(run, 'ticket', usual);
    expect(part.children).toEqual({ ...EACH, file_chunk: 2 * gone.length });
    await expectOnlyTheirs(run);
    expect(await run.wentAlong()).toEqual({ ...EACH, file_chunk: 2 * gone.length });
  });

  test('a file that several refer to goes with the last of them', async () => {
    run = await openCase({ kind, ddl: DDL, datasets: [tickets()] });
    await fill(run);
    for (const statement of keyed) await run.knex.raw(statement);
    const [one, other] = gone as [number, number];
    const [kept] = stay as [number];
    await run.knex('file').insert([500, 501, 502, BIG, NEXT].map(id => ({ id, name: 'x' })));
    await run
      .knex('file_chunk')
      .insert([500, 501, 502, BIG].map(file_id => ({ file_id, chunk: 0, data: 'x' })));
    const attach = (id: number, ticket: number, file_id: number | string) => ({
      ...{ id, object_id: ticket * 10 + 2, type: 'H', file_id },
    });
    await run
      .knex('attachment')
      .insert([
        attach(700, one, 500),
        attach(701, other, 500),
        attach(702, one, 501),
        attach(703, kept, 501),
        attach(704, one, 502),
        attach(705, one, BIG),
      ]);
    await run.knex('canned').insert({ id: 1, file: 502 });
    await expectFates(run, 'ticket', usual);
    // 500 was of two that are gone, 501 is of one that stays, 502 is a template's, and 9007199254740992 was nobody's.
    const files = (
      await run
        .knex('file')
        .where('id', '>', 200)
        .orderBy('id')
        .select(run.knex.raw('CAST(id AS CHAR) AS id'))
    ).map(({ id }: { id: string }) => String(id));
    expect(files).toEqual(['501', '502', NEXT]);
    expect(
      await left(run, 'file_chunk', 'file_id').then(all => [...new Set(all)].filter(id => id > 200)),
    ).toEqual([501, 502]);
  });
});

test('what holds a ticket back puts its children back, and the others go', async () => {
  run = await openCase({
    ddl: [
      ...DDL,
      'CREATE TABLE invoice_line (id INT PRIMARY KEY, ticket INT, FOREIGN KEY (ticket) REFERENCES ticket (id) ON DELETE RESTRICT)',
    ],
    datasets: [tickets()],
  });
  await fill(run);
  await run.knex('ticket').insert(usual.map(({ values }, index) => ({ id: index + 1, ...values })));
  const [held, ...others] = gone as [number, ...number[]];
  await run.knex('invoice_line').insert({ id: 1, ticket: held });
  const { plan } = await run.plan();
  expect(await run.enforce(plan)).toEqual({ 'blocked: invoice_line (invoice_line_ibfk_1)': 1 });
  expect(await left(run, 'ticket', 'id')).toEqual([held, ...stay].sort((a, b) => a - b));
  expect(await left(run, 'ticket_cdata', 'ticket')).toEqual([held, ...stay].sort((a, b) => a - b));
  expect(await left(run, 'file', 'id')).toContain(held);
  expect((await run.wentAlong()).ticket_cdata).toBe(others.length);
});

test('a ticket that is not due any more keeps its children', async () => {
  run = await openCase({ ddl: DDL, datasets: [tickets()] });
  await fill(run);
  await run.knex('ticket').insert(usual.map(({ values }, index) => ({ id: index + 1, ...values })));
  const { plan } = await run.plan();
  const [reopened] = gone as [number];
  await run
    .knex('ticket')
    .where({ id: reopened })
    .update({ created: wallUtc(cutoffMs() + DAY_MS) });
  await run.enforce(plan);
  expect(await left(run, 'ticket_cdata', 'ticket')).toEqual([reopened, ...stay].sort((a, b) => a - b));
  expect(await left(run, 'thread_entry', 'id')).toContain(reopened * 10 + 1);
});

test.each<[string, string[], Partial<DatasetFile>, RegExp]>([
  ['no such table', [], { children: [{ table: 'nothing', on: { id: 'id' } }] }, /has no table "nothing"/],
  [
    'no such column',
    [],
    { children: [{ table: 'thread', on: { ticket_id: 'id' } }] },
    /table "thread" has no column "ticket_id". It has id, object_id, object_type/,
  ],
  [
    'no such column above',
    [],
    { children: [{ table: 'thread', on: { object_id: 'ticket_id' } }] },
    /table "ticket" has no column "ticket_id"/,
  ],
  [
    'no such column to tell its rows by',
    [],
    { children: [{ table: 'thread', on: { object_id: 'id' }, where: { kind: 'T' } }] },
    /table "thread" has no column "kind"/,
  ],
  [
    'columns of two types',
    [],
    { children: [{ table: 'thread', on: { object_type: 'id' } }] },
    /"object_type" of "thread" is a varchar\(1\) and "id" of "ticket" a int(\(11\))?: the server would pair strangers/,
  ],
  [
    'an engine that undoes nothing',
    ['ALTER TABLE thread ENGINE=MyISAM'],
    {},
    /child "thread" is kept by MyISAM, which cannot undo a write/,
  ],
  [
    'a view',
    ['CREATE VIEW threads AS SELECT * FROM thread'],
    { children: [{ table: 'threads', on: { object_id: 'id' } }] },
    /child "threads" is a view/,
  ],
  [
    'a trigger',
    ['CREATE TRIGGER counting AFTER DELETE ON thread FOR EACH ROW SET @gone = 1'],
    {},
    /deleting from child "thread" sets off the trigger "counting". See what it does/,
  ],
  [
    'a cascade that goes further',
    [
      'CREATE TABLE votes (id INT PRIMARY KEY, entry INT, FOREIGN KEY (entry) REFERENCES thread_entry (id) ON DELETE CASCADE)',
    ],
    {},
    /deleting from child "thread_entry" reaches into "votes" by foreign key \(thread_entry > votes\)/,
  ],
])('%s: refused, and nothing goes', async (_, ddl, more, why) => {
  run = await openCase({ ddl: [...DDL, ...ddl], datasets: [tickets(more)] });
  await fill(run);
  await run.knex('ticket').insert(usual.map(({ values }, index) => ({ id: index + 1, ...values })));
  const { plan, part } = await run.plan();
  expect(part.findings.map(({ severity, message }) => `${severity} ${message}`)).toContainEqual(
    expect.stringMatching(why),
  );
  expect(part.findings.some(({ severity }) => severity === 'refused')).toBe(true);
  await run.enforce(plan);
  expect(await left(run, 'ticket', 'id')).toEqual(ids);
  expect(await left(run, 'thread', 'id')).toEqual([...ids, ...ids.map(id => 100 + id)]);
});

test('children that are records themselves, or are joined by nothing, are no valid data map', async () => {
  telecom = await smallTelecom({ kind: 'mysql' });
  const dataset = (name: string, table: string, more: object = {}) => ({
    ...{ dataset: name, table, key: ['id'], class: 'call-detail-record' },
    start: { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' },
    ...more,
  });
  telecom.map([
    dataset('calls', 'cdr', {
      children: [
        { table: 'recordings', on: { id: 'id' } },
        { table: 'costs', on: {} },
        { table: 'audio', on: { a: 'id', b: 'account' }, shared: true },
      ],
    }),
    dataset('recordings', 'recordings', {
      class: { column: 'account', values: { a: 'prospect' } },
      start: { event: 'collected', column: 'at', unit: 'datetime', zone: 'UTC' },
      anonymise: { fields: [{ column: 'filename', mask: null }] },
      children: [{ table: 'transcripts', on: { recording: 'id' } }],
    }),
  ]);
  const { code, stdout, stderr } = await telecom.cli('validate');
  const said = `${stdout}${stderr}`;
  expect(code).toBe(2);
  for (const mistake of [
    'table "recordings" is mapped by "recordings": its rows have a period of their own',
    'how the two are joined is not said',
    'rows that are shared are told by one column',
    'class prospect ends in "anonymise", and children go with a record that is purged',
  ])
    expect(said).toContain(mistake);
  expect(said).toMatch(/telecom\.yaml:\d+/);
});

test('where a file cannot be removed its row is put back, with its children', async () => {
  telecom = await smallTelecom({ kind: 'mysql' });
  await telecom.database.raw(
    'CREATE TABLE transcripts (id INT PRIMARY KEY, recording BIGINT UNSIGNED, words TEXT)',
  );
  telecom.map([
    {
      ...{ dataset: 'recordings', table: 'recordings', key: ['id'], class: 'call-recording' },
      start: { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' },
      files: [{ store: 'audio', path: '{filename}' }],
      children: [{ table: 'transcripts', on: { recording: 'id' } }],
    },
  ]);
  const at = wallUtc(Date.now() - 90 * DAY_MS);
  await telecom
    .database('recordings')
    .insert(['a.wav', 'folder/b', 'c.wav'].map((filename, index) => ({ id: index + 1, at, filename })));
  for (const file of ['a.wav', 'folder/b/c', 'c.wav']) telecom.write(`audio/${file}`, 'RIFF');
  await telecom.database('transcripts').insert([1, 2, 3].map(id => ({ id, recording: id, words: 'x' })));
  const ran = await telecom.cli('run', 'nightly', '--format', 'json');
  expect(ran.code).toBe(4);
  expect(JSON.parse(ran.stdout).parts[0]).toMatchObject({
    counts: { purged: 2, spared: 1 },
    children: { transcripts: 2 },
  });
  expect((await telecom.database('recordings').pluck('id')).map(Number)).toEqual([2]);
  expect(await telecom.database('transcripts').pluck('id')).toEqual([2]);
});
