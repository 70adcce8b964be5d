// What a delete would set off beyond its table, and what would make the rules take one record for another, is refused
// before anything is planned: cascades, triggers, masks over columns that are needed, joins between types.
import { afterEach, describe, expect, test } from 'vitest';
import { kinds } from '../../src/stores/kinds.ts';
import type { Mismatch } from '../../src/stores/mismatch.ts';
import { freshMysql, freshSqlite } from '../support/databases.ts';
import { kindsHere } from '../support/first-server.ts';
import { type DatasetFile, datasetNamed, sqlMap } from '../support/store-maps.ts';

type Kind = 'mysql' | 'sqlite';
type Disposition = 'purge' | 'anonymise' | null;
interface Given {
  readonly ask: (dataset: DatasetFile, disposition: Disposition, ...more: DatasetFile[]) => Promise<string[]>;
  readonly askReadOnly: (dataset: DatasetFile) => Promise<string[]>;
}

const drops: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const drop of drops.splice(0)) await drop();
});

const PARENT = 'CREATE TABLE parent (id INTEGER NOT NULL PRIMARY KEY, at DATETIME)';
const CALLS: DatasetFile = {
  dataset: 'calls',
  table: 'parent',
  key: ['id'],
  class: 'cdr',
  start: { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' },
};

function child(name: string, to: string, rule: string): string {
  return `CREATE TABLE ${name} (id INTEGER NOT NULL PRIMARY KEY, up INTEGER, FOREIGN KEY (up) REFERENCES ${to} (id) ${rule})`;
}

/** A database with these tables, and a way to have a dataset checked against it. */
async function given(kind: Kind, ...tables: string[]): Promise<Given> {
  const fresh = kind === 'mysql' ? await freshMysql() : await freshSqlite();
  drops.push(fresh.drop);
  for (const table of tables) await fresh.knex.raw(table);
  const asked = async (at: string, datasets: DatasetFile[], disposition: Disposition): Promise<string[]> => {
    const map = sqlMap(kind, datasets);
    const reader = kinds[kind].openReader(map, at);
    try {
      const found = await reader.check(
        datasetNamed(map, datasets[0]?.dataset ?? ''),
        disposition === null ? [] : [disposition],
      );
      return found.map((mismatch: Mismatch) => mismatch.message);
    } finally {
      await reader.close();
    }
  };
  return {
    ask: (dataset, disposition, ...more) =>
      asked('url' in fresh ? fresh.url : fresh.path, [dataset, ...more], disposition),
    askReadOnly: async dataset =>
      asked('readOnlyUrl' in fresh ? await fresh.readOnlyUrl() : fresh.path, [dataset], 'purge'),
  };
}

describe.each(kindsHere)('a delete in %s', kind => {
  const TRIGGER =
    kind === 'mysql'
      ? 'CREATE TRIGGER on_call AFTER DELETE ON parent FOR EACH ROW INSERT INTO gone VALUES (OLD.id)'
      : 'CREATE TRIGGER on_call AFTER DELETE ON parent BEGIN INSERT INTO gone VALUES (OLD.id); END';

  test('that cascades is refused, two steps down too, with the way there', async () => {
    const { ask } = await given(
      kind,
      PARENT,
      child('legs', 'parent', 'ON DELETE CASCADE'),
      child('notes', 'legs', 'ON DELETE CASCADE'),
    );
    expect(await ask(CALLS, 'purge')).toEqual([
      'deleting from "parent" reaches into "legs" by foreign key (parent > legs)',
      'deleting from "parent" reaches into "notes" by foreign key (parent > legs > notes)',
    ]);
    expect(await ask({ ...CALLS, acknowledged: { cascades: ['legs'] } }, 'purge')).toEqual([
      'deleting from "parent" reaches into "notes" by foreign key (parent > legs > notes)',
    ]);
    expect(await ask({ ...CALLS, acknowledged: { cascades: ['legs', 'notes'] } }, 'purge')).toEqual([]);
    expect(await ask(CALLS, null)).toEqual([]);
  });

  test('that clears columns elsewhere is refused', async () => {
    const { ask } = await given(kind, PARENT, child('legs', 'parent', 'ON DELETE SET NULL'));
    expect(await ask(CALLS, 'purge')).toEqual([
      'deleting from "parent" changes "legs" by foreign key (parent > legs): its up is set to NULL',
    ]);
  });

  test.each(['ON DELETE RESTRICT', 'ON DELETE NO ACTION', ''])(
    'that a key holds back (%s) is not',
    async rule => {
      const { ask } = await given(
        kind,
        PARENT,
        child('legs', 'parent', rule),
        // Nothing of it is reached: what stands between holds the delete back.
        child('notes', 'legs', 'ON DELETE CASCADE'),
      );
      expect(await ask(CALLS, 'purge')).toEqual([]);
    },
  );

  test('that a table refers to itself by, or in a circle, is followed to its end', async () => {
    const { ask } = await given(
      kind,
      'CREATE TABLE parent (id INTEGER NOT NULL PRIMARY KEY, at DATETIME, up INTEGER, FOREIGN KEY (up) REFERENCES parent (id) ON DELETE RESTRICT)',
      child('legs', 'parent', 'ON DELETE CASCADE ON UPDATE CASCADE'),
      'CREATE TABLE notes (id INTEGER NOT NULL PRIMARY KEY, up INTEGER, FOREIGN KEY (up) REFERENCES legs (id) ON UPDATE CASCADE)',
    );
    expect(await ask(CALLS, 'purge')).toEqual([
      'deleting from "parent" reaches into "legs" by foreign key (parent > legs)',
    ]);
  });

  test('that sets off a trigger is refused', async () => {
    const { ask } = await given(kind, PARENT, 'CREATE TABLE gone (id INTEGER)', TRIGGER);
    expect(await ask(CALLS, 'purge')).toEqual(['deleting from "parent" sets off the trigger "on_call"']);
    expect(await ask({ ...CALLS, acknowledged: { triggers: ['on_call'] } }, 'purge')).toEqual([]);
    expect(await ask(CALLS, null)).toEqual([]);
  });

  test('and its triggers for other statements are no matter', async () => {
    const { ask } = await given(
      kind,
      PARENT,
      'CREATE TABLE gone (id INTEGER)',
      TRIGGER.replace('AFTER DELETE', 'AFTER INSERT').replace('OLD', 'NEW'),
    );
    expect(await ask(CALLS, 'purge')).toEqual([]);
  });
});

test('who may only SELECT sees the cascade in MySQL', async () => {
  const { askReadOnly } = await given(
    'mysql',
    PARENT,
    child('legs', 'parent', 'ON DELETE CASCADE'),
    child('notes', 'legs', 'ON DELETE SET NULL'),
  );
  expect(await askReadOnly(CALLS)).toEqual([
    'deleting from "parent" reaches into "legs" by foreign key (parent > legs)',
    'deleting from "parent" changes "notes" by foreign key (parent > legs > notes): its up is set to NULL',
  ]);
});

describe.each(kindsHere)('letters in %s', kind => {
  const tables = (join: string): string[] => [
    'CREATE TABLE accounts (id INTEGER NOT NULL PRIMARY KEY, closed_at DATETIME)',
    `CREATE TABLE letters (no INTEGER NOT NULL PRIMARY KEY, account ${join}, customer VARCHAR(20), body VARCHAR(80))`,
  ];
  const accounts: DatasetFile = {
    dataset: 'accounts',
    table: 'accounts',
    key: ['id'],
    class: 'account',
    start: { event: 'account-closed', column: 'closed_at', unit: 'datetime', zone: 'UTC' },
  };
  const letters = (column: string): DatasetFile => ({
    dataset: 'letters',
    table: 'letters',
    key: ['no'],
    class: 'letter',
    customer: 'customer',
    start: { event: 'account-closed', from: { dataset: 'accounts', on: { account: 'id' } } },
    anonymise: { fields: [{ column, mask: { text: '0' } }] },
  });
  const REFUSED = 'says what the record is, whose, or from when, and cannot be masked';

  test.each(['no', 'customer', 'account'])('mask over %s: refused', async column => {
    const { ask } = await given(kind, ...tables('INTEGER'));
    expect(await ask(letters(column), 'anonymise', accounts)).toEqual([`column "${column}" ${REFUSED}`]);
  });

  test('mask over the body: right', async () => {
    const { ask } = await given(kind, ...tables('INTEGER'));
    expect(await ask(letters('body'), 'anonymise', accounts)).toEqual([]);
  });

  test('mask over their own start: refused', async () => {
    const { ask } = await given(kind, ...tables('INTEGER'));
    const masked = { ...accounts, anonymise: { fields: [{ column: 'closed_at', mask: null }] } };
    expect(await ask(masked, 'anonymise')).toEqual([`column "closed_at" ${REFUSED}`]);
  });

  test('a join between a text and a number: refused', async () => {
    const { ask } = await given(kind, ...tables('VARCHAR(20)'));
    const [refused, ...more] = await ask(letters('body'), 'purge', accounts);
    expect(more).toEqual([]);
    expect(refused).toMatch(
      /^"account" is a varchar\(20\) and "id" in "accounts" is a int.*: the server would pair strangers$/i,
    );
  });
});
