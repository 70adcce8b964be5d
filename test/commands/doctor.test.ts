// What `retention doctor` says of the stores of a job: it looks, changes nothing, and refuses what a plan refuses.
import { afterEach, expect, test } from 'vitest';
import { addCalls, type SmallTelecom, smallTelecom } from '../support/small-telecom.ts';

let telecom: SmallTelecom;

afterEach(() => telecom.drop());

interface Said {
  readonly datasets: readonly {
    readonly dataset: string;
    readonly notes: readonly { readonly verdict: string; readonly message: string; readonly hint: string }[];
    readonly classes: readonly { readonly class: string; readonly found: string }[];
  }[];
}

async function doctor(): Promise<{
  readonly code: number | null;
  readonly of: (dataset: string) => Said['datasets'][number];
}> {
  const { code, stdout, stderr } = await telecom.cli('doctor', 'nightly', '--format', 'json');
  expect(stderr).not.toMatch(/unexpected/);
  const said = JSON.parse(stdout) as Said;
  const of = (dataset: string): Said['datasets'][number] => {
    const one = said.datasets.find(candidate => candidate.dataset === dataset);
    if (one === undefined) throw new Error(`doctor said nothing of ${dataset}`);
    return one;
  };
  return { code, of };
}

test('the walk of a table is told with its reason, and follows the index that is there', async () => {
  telecom = await smallTelecom({ kind: 'mysql' });
  await addCalls(telecom, 300, 50);
  await telecom.database.raw('ANALYZE TABLE cdr');
  const { code, of } = await doctor();
  expect(code).toBe(0);
  expect(of('calls')).toMatchObject({
    notes: [],
    classes: [{ found: 'listed along the start by index cdr_at_index: the start rises with the key' }],
  });

  await telecom.database.raw('DROP INDEX cdr_at_index ON cdr');
  expect((await doctor()).of('calls').classes[0]?.found).toBe(
    'listed along the key by index PRIMARY: no index begins with at',
  );
});

test('what a plan refuses it refuses, with the way out, and goes on with the other datasets', async () => {
  telecom = await smallTelecom({ kind: 'mysql' });
  await telecom.database.raw('CREATE TABLE costs (id INT PRIMARY KEY)');
  await telecom.database.raw(
    'CREATE TRIGGER costing AFTER DELETE ON cdr FOR EACH ROW INSERT INTO costs VALUES (OLD.id)',
  );
  const { code, of } = await doctor();
  expect(code).toBe(3);
  expect(of('calls').notes).toEqual([
    {
      verdict: 'refuses',
      message: 'deleting from "cdr" sets off the trigger "costing"',
      hint: expect.stringContaining('SHOW CREATE TRIGGER costing'),
    },
  ]);
  expect(of('prospects').notes).toEqual([]);
  const planned = await telecom.cli('plan', 'nightly', '--format', 'json');
  expect(planned.stdout).toContain('sets off the trigger');
  const text = await telecom.cli('doctor', 'nightly');
  expect(text.stdout).toMatch(/refuses {2}deleting from "cdr"[\s\S]*1 of \d+ datasets are refused/);
});

test('records of SQLite and of folders are read one by one, and it says so', async () => {
  telecom = await smallTelecom({ kind: 'sqlite' });
  const { code, of } = await doctor();
  expect(code).toBe(0);
  expect(of('calls').classes).toEqual([
    { class: 'call-detail-record', found: 'read one by one, those only that may be due' },
  ]);
});

test('where the server cannot compare starts, it says that all records are read', async () => {
  telecom = await smallTelecom({ kind: 'mysql' });
  telecom.map([
    {
      dataset: 'calls',
      table: 'cdr',
      key: ['id'],
      class: 'call-detail-record',
      start: { event: 'recorded', column: 'account', unit: 'text', format: 'yyyy-MM-dd', zone: 'UTC' },
    },
  ]);
  const { code, of } = await doctor();
  expect(code).toBe(0);
  expect(of('calls').classes[0]?.found).toBe('read one by one, all there are');
});
