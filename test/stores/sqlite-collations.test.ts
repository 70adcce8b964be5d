// Children on SQLite, where each column has a collation of its own: the record's column says which rows belong to it, as it
// says it for foreign keys, and neither a stranger's child goes nor one that nobody counted.
import { expect, test } from 'vitest';
import { idIn } from '../support/cli.ts';
import { daysAgo, type SmallTelecom, smallTelecom } from '../support/small-telecom.ts';

const calls = {
  dataset: 'calls',
  table: 'tickets',
  key: ['id'],
  class: 'call-detail-record',
  start: { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' },
  children: [{ table: 'notes', on: { ticket: 'id' }, children: [{ table: 'lines', on: { note: 'name' } }] }],
};

interface Case {
  readonly ticket: string;
  readonly note: string;
  readonly tickets: readonly (readonly [id: string, daysOld: number])[];
  readonly notes: readonly string[];
  readonly left: readonly string[];
  readonly counted: number;
}

const cases: readonly (readonly [string, Case])[] = [
  [
    'capitals count for the record and not for its children: no child of another record goes',
    {
      ticket: 'TEXT NOT NULL PRIMARY KEY',
      note: 'TEXT COLLATE NOCASE',
      tickets: [
        ['A', 90],
        ['a', 2],
      ],
      notes: ['A', 'a'],
      left: ['a'],
      counted: 1,
    },
  ],
  [
    'capitals count for the children and not for the record: what the foreign key takes is counted',
    {
      ticket: 'TEXT COLLATE NOCASE NOT NULL PRIMARY KEY',
      note: 'TEXT REFERENCES tickets (id) ON DELETE CASCADE',
      tickets: [
        ['A', 90],
        ['b', 2],
      ],
      notes: ['A', 'a', 'B'],
      left: ['B'],
      counted: 2,
    },
  ],
];

test.each(cases)('%s', async (_, one) => {
  const telecom = await smallTelecom({ kind: 'sqlite' });
  try {
    await fill(telecom, one);
    telecom.map([calls]);
    const plan = await telecom.cli('plan', 'nightly');
    expect(plan.stdout).toContain(`${one.counted} of notes go along, ${one.counted} of lines go along`);
    const run = await telecom.cli('enforce', idIn(plan.stdout, 'plan'));
    expect([run.code, run.stdout]).toEqual([
      0,
      expect.stringContaining(`with those of telecom/calls: lines ${one.counted}, notes ${one.counted}`),
    ]);
    expect((await telecom.database('notes').select()).map(row => row.ticket)).toEqual(one.left);
    expect(await telecom.database('lines').select()).toHaveLength(one.left.length);
  } finally {
    await telecom.drop();
  }
});

test('what goes along by an acknowledged foreign key is counted as the record compares, two tables deep', async () => {
  const telecom = await smallTelecom({ kind: 'sqlite' });
  try {
    const { database } = telecom;
    for (const ddl of [
      'CREATE TABLE tickets (id TEXT COLLATE NOCASE NOT NULL PRIMARY KEY, at TEXT NOT NULL)',
      'CREATE TABLE notes (name TEXT COLLATE NOCASE UNIQUE, ticket TEXT REFERENCES tickets (id) ON DELETE CASCADE)',
      'CREATE TABLE lines (note TEXT REFERENCES notes (name) ON DELETE CASCADE)',
      'CREATE TABLE marks (ticket TEXT COLLATE NOCASE REFERENCES tickets (id) ON DELETE SET NULL)',
    ])
      await database.raw(ddl);
    await database('tickets').insert([
      { id: 'A', at: daysAgo(90) },
      { id: 'b', at: daysAgo(2) },
    ]);
    await database('notes').insert(['A', 'a', 'B'].map((ticket, at) => ({ name: `N${at}`, ticket })));
    await database('lines').insert(['n0', 'N0', 'n1', 'n2'].map(note => ({ note })));
    await database('marks').insert(['a', 'A', 'b'].map(ticket => ({ ticket })));
    const { children: _, ...alone } = calls;
    telecom.map([{ ...alone, acknowledged: { cascades: ['notes', 'lines'], changes: ['marks'] } }]);
    const rehearsed = await telecom.cli('rehearse', 'nightly', '--this-is-a-copy');
    expect([rehearsed.code, rehearsed.stdout]).toEqual([
      0,
      expect.stringContaining('Nothing changed that the plan did not name.'),
    ]);
    expect(await database('notes').pluck('name')).toEqual(['N2']);
    expect(await database('lines').pluck('note')).toEqual(['n2']);
    expect(await database('marks').whereNull('ticket')).toHaveLength(2);
  } finally {
    await telecom.drop();
  }
});

/** Notes have no key that is never NULL and a column of the name that rows have by themselves; lines have no such name. */
async function fill({ database }: SmallTelecom, { ticket, note, tickets, notes }: Case): Promise<void> {
  await database.raw(`CREATE TABLE tickets (id ${ticket}, at TEXT NOT NULL)`);
  await database.raw(`CREATE TABLE notes (name TEXT, ticket ${note}, "RowId" TEXT)`);
  await database.raw('CREATE TABLE lines (note TEXT, n INTEGER, PRIMARY KEY (note, n)) WITHOUT ROWID');
  await database('tickets').insert(tickets.map(([id, daysOld]) => ({ id, at: daysAgo(daysOld) })));
  for (const [at, name] of notes.entries()) {
    await database('notes').insert({ name: `n${at}`, ticket: name });
    await database('lines').insert({ note: `n${at}`, n: 1 });
  }
}
