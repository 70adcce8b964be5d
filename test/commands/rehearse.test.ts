// A rehearsal on a copy: it enforces for good, and says of every table, mapped or not, what changed and who named it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  addCalls,
  addRecordings,
  countOf,
  daysAgo,
  type SmallTelecom,
  smallTelecom,
} from '../support/small-telecom.ts';

interface Rehearsed {
  readonly asAnnounced: boolean;
  readonly tables: readonly {
    readonly table: string;
    readonly was: number;
    readonly gone: number;
    readonly changed: number;
    readonly added: number;
    readonly wrong: readonly string[];
  }[];
}

describe.each(['sqlite', 'mysql'] as const)('on %s', kind => {
  test('records, files and masks that went as announced', async () => {
    const telecom = await withTables(kind);
    try {
      await addCalls(telecom, 7, 5);
      await addRecordings(telecom, 6, 4);
      await telecom.database('prospects').insert([
        { phone: '+442079460123', at: daysAgo(90), name: 'A' },
        { phone: '+442079460124', at: daysAgo(2), name: 'B' },
      ]);
      await telecom.cli('hold', 'place', '--matter', 'M', '--reason', 'R', '--customer', '1003');
      const { code, stdout, stderr } = await telecom.cli(
        'rehearse',
        'nightly',
        '--this-is-a-copy',
        ...only(kind, telecom),
      );
      expect(code, stdout + stderr).toBe(0);
      expect(stdout).toContain('Nothing changed that the plan did not name.');
      expect(stdout).toContain('The audit log verifies');
      const found = await telecom.cli(
        'rehearse',
        'nightly',
        '--this-is-a-copy',
        '--format',
        'json',
        ...only(kind, telecom),
      );
      expect((JSON.parse(found.stdout) as Rehearsed).asAnnounced).toBe(true);
      // The hold of the real ledger was in force: customer 1003 has one due call, and one due recording with its file.
      expect([await countOf(telecom.database, 'cdr'), telecom.files().length]).toEqual([6, 5]);
      expect(await countOf(telecom.database, 'prospects')).toBe(2);
    } finally {
      await telecom.drop();
    }
  });

  test('what goes, changes and comes beside what was announced, each by its table and key', async () => {
    const telecom = await withTables(kind);
    try {
      await addCalls(telecom, 2, 3);
      await telecom.database('beside').insert([
        { id: 1, note: 'goes' },
        { id: 2, note: 'changes' },
      ]);
      // The program is handed a database in which somebody else works at the same time: the run itself sets it off.
      for (const statement of kind === 'sqlite' ? SQLITE_TRIGGER : MYSQL_TRIGGER)
        await telecom.database.raw(statement);
      telecom.map([{ ...calls, acknowledged: { triggers: ['busy'] } }]);
      const { code, stdout } = await telecom.cli(
        'rehearse',
        'nightly',
        '--this-is-a-copy',
        '--format',
        'json',
        ...only(kind, telecom),
      );
      expect(code).toBe(5);
      const tables = (JSON.parse(stdout) as Rehearsed).tables.filter(one => one.wrong.length > 0);
      expect(tables.map(one => [one.table.split('/').at(-1), one.gone, one.changed, one.added])).toEqual([
        ['beside', 1, 1, 1],
      ]);
      expect(tables[0]?.wrong.join('\n')).toMatch(/1 rows are new: \["3"\]/);
    } finally {
      await telecom.drop();
    }
  });
});

test('without saying that it is a copy, nothing is looked at', async () => {
  const telecom = await smallTelecom({ kind: 'sqlite' });
  try {
    await addCalls(telecom, 2, 0);
    const { code, stderr } = await telecom.cli('rehearse', 'nightly');
    expect([code, await countOf(telecom.database, 'cdr')]).toEqual([2, 2]);
    expect(stderr).toContain('--this-is-a-copy');
  } finally {
    await telecom.drop();
  }
});

test('a file that nobody announced, and one that is new', async () => {
  const telecom = await smallTelecom({ kind: 'sqlite' });
  try {
    await addRecordings(telecom, 3, 2);
    writeFileSync(join(telecom.folder, 'audio', 'other.txt'), 'x');
    const { code, stdout } = await telecom.cli('rehearse', 'nightly', '--this-is-a-copy', '--format', 'json');
    const files = (JSON.parse(stdout) as Rehearsed).tables.find(one => one.table === 'audio/');
    expect([code, files]).toEqual([0, { table: 'audio/', was: 7, gone: 3, changed: 0, added: 0, wrong: [] }]);
  } finally {
    await telecom.drop();
  }
});

const calls = {
  dataset: 'calls',
  table: 'cdr',
  key: ['id'],
  class: 'call-detail-record',
  start: { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' },
};

const ACTS = "DELETE FROM beside WHERE id = 1; UPDATE beside SET note = 'other' WHERE id = 2;";
const SQLITE_TRIGGER = [
  `CREATE TRIGGER busy AFTER DELETE ON cdr BEGIN ${ACTS} INSERT OR IGNORE INTO beside VALUES (3, 'new'); END`,
];
const MYSQL_TRIGGER = [
  `CREATE TRIGGER busy AFTER DELETE ON cdr FOR EACH ROW BEGIN ${ACTS} INSERT IGNORE INTO beside VALUES (3, 'new'); END`,
];

/** The small telecom with a table that no dataset maps. */
async function withTables(kind: 'sqlite' | 'mysql'): Promise<SmallTelecom> {
  const telecom = await smallTelecom({ kind });
  await telecom.database.schema.createTable('beside', table => {
    table.integer('id').primary();
    table.string('note', 20);
  });
  return telecom;
}

/** Of a server that other tests use too, the telecom's own database only. */
function only(kind: 'sqlite' | 'mysql', { env }: SmallTelecom): string[] {
  return kind === 'sqlite' ? [] : ['--databases', new URL(env.TELECOM_AT ?? '').pathname.slice(1)];
}
