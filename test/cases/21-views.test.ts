// Trap 21: views beside tables (FusionPBX view_call_recordings, view_invoices, Magnus pkg_voicemail_users). A delete through
// one takes rows of its table that the view's own rows say nothing about. Refused, and the tables that it reads are named.
import { afterEach, expect, test } from 'vitest';
import { type CaseRun, DAY_MS, openCase, wallUtc } from '../support/case-rows.ts';

let run: CaseRun;
afterEach(() => run.drop());

async function open(view: string, name = 'view_call_recordings'): Promise<void> {
  const mapped = (dataset: string, table: string) => ({
    ...{ dataset, table, key: ['id'], class: 'call', customer: 'owner' },
    start: { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' } as const,
  });
  run = await openCase({
    ddl: [
      'CREATE TABLE v_recordings (id INT PRIMARY KEY, at DATETIME, owner VARCHAR(20), domain INT)',
      'CREATE TABLE v_domains (id INT PRIMARY KEY, name VARCHAR(20))',
      'CREATE TABLE calls (id INT PRIMARY KEY, at DATETIME, owner VARCHAR(20))',
      ...view.split(';'),
    ],
    datasets: [mapped('recordings', name), mapped('calls', 'calls')],
  });
  const row = { at: wallUtc(Date.now() - 90 * DAY_MS), owner: 'plain' };
  await run.knex('v_recordings').insert([1, 2].map(id => ({ id, domain: 1, ...row })));
  await run.knex('v_domains').insert({ id: 1, name: 'example' });
  await run.knex('calls').insert({ id: 1, ...row });
}

const VIEW = 'CREATE VIEW view_call_recordings AS SELECT';

test.each([
  ['of one table', `${VIEW} id, at, owner FROM v_recordings`, 'v_recordings'],
  [
    'that joins two',
    `${VIEW} r.id, r.at, r.owner, d.name FROM v_recordings r LEFT JOIN v_domains d ON d.id = r.domain`,
    'v_recordings, v_domains',
  ],
  [
    'of another view',
    `CREATE VIEW inner_view AS SELECT * FROM v_recordings;${VIEW} id, at, owner FROM inner_view WHERE domain IN (SELECT id FROM v_domains)`,
    'v_recordings, v_domains',
  ],
  [
    'that puts two together',
    `${VIEW} id, at, owner FROM v_recordings UNION ALL SELECT id, at, owner FROM calls`,
    'v_recordings, calls',
  ],
])('a view %s is refused with the tables that it reads; other datasets go on', async (_, view, tables) => {
  await open(view);
  const { plan, part } = await run.plan();
  expect(part.counts.due).toBe(0);
  expect(part.findings.map(({ severity, message }) => `${severity}: ${message}`)).toEqual([
    `refused: "view_call_recordings" is a view, and views are not disposed of. Map what it reads: ${tables}`,
  ]);
  await run.enforce(plan);
  expect(await run.knex('v_recordings').pluck('id')).toEqual([1, 2]);
  expect(await run.knex('calls').pluck('id')).toEqual([]);
});

test('a table that became a view after the plan was made: nothing goes through it', async () => {
  await open('SELECT 1', 'v_recordings');
  const { plan, part } = await run.plan();
  expect(part.counts.due).toBe(2);
  await run.knex.raw('RENAME TABLE v_recordings TO v_moved');
  await run.knex.raw('CREATE VIEW v_recordings AS SELECT * FROM v_moved');
  await expect(run.enforce(plan)).rejects.toThrow(/"v_recordings" is a view/);
  expect(await run.knex('v_moved').pluck('id')).toEqual([1, 2]);
});
