// Trap 24: one row that is two records (FusionPBX v_xml_cdr: the call, its recording's path and its transcript; Magnus and
// Asterisk recordingfile). The columns of one class are masked at its end and the row stays; the row goes at its own, or
// where the columns go with it. Two datasets of a table would give its rows two periods, unless one is said to be a part of
// the other's rows (24-parts-of-a-row).
import { afterEach, expect, test } from 'vitest';
import { policyOf } from '../ledger/sample-log.ts';
import { type CaseRun, DAY_MS, HELD, openCase, usualRows, wallUtc } from '../support/case-rows.ts';
import { type SmallTelecom, smallTelecom } from '../support/small-telecom.ts';
import type { DatasetFile } from '../support/store-maps.ts';

let run: CaseRun | null = null;
let telecom: SmallTelecom | null = null;
afterEach(async () => {
  await run?.drop();
  await telecom?.drop();
  run = telecom = null;
});

const CDR =
  'CREATE TABLE xml_cdr (id INT PRIMARY KEY, start_stamp DATETIME, domain VARCHAR(20), duration INT, record_path VARCHAR(80) NULL, record_name VARCHAR(80) NOT NULL, record_transcription TEXT NULL, KEY (start_stamp))';

const calls = (more: Partial<DatasetFile> = {}): DatasetFile => ({
  dataset: 'calls',
  table: 'xml_cdr',
  key: ['id'],
  class: 'call',
  customer: 'domain',
  start: { event: 'recorded', column: 'start_stamp', unit: 'datetime', zone: 'UTC' },
  ...more,
});

const masks: Partial<DatasetFile> = {
  anonymise: {
    fields: [
      { column: 'record_path', mask: null },
      { column: 'record_name', mask: { text: '' } },
      { column: 'record_transcription', mask: null },
    ],
  },
};

const usual = usualRows(ms => ({ start_stamp: wallUtc(ms) }), 'domain');
const recording = { record_path: '/var/lib/rec', record_name: 'a.wav', record_transcription: 'hello' };
const insert = (open: CaseRun) =>
  open
    .knex('xml_cdr')
    .insert(usual.map(({ values }, index) => ({ id: index + 1, duration: 60, ...values, ...recording })));

test('the recording is over, the call is not: its columns are masked by their kind, and the row stays', async () => {
  run = await openCase({
    ddl: [CDR],
    datasets: [calls(masks)],
    policies: [policyOf('call', 'P30D', 'anonymise')],
  });
  await insert(run);
  const { plan, part } = await run.plan();
  const goes = usual.filter(({ fate }) => fate === 'goes').length;
  expect(part.disposition).toBe('anonymise');
  expect(part.counts).toMatchObject({ due: goes, held: 1, keptByInstruction: 1, undated: 1 });
  expect(await run.enforce(plan)).toEqual({});
  const left = await run.knex('xml_cdr').orderBy('id');
  expect(left).toEqual(
    usual.map(({ values, fate }, index) => ({
      ...{ id: index + 1, duration: 60, ...values },
      ...(fate === 'goes' ? { record_path: null, record_name: '', record_transcription: null } : recording),
    })),
  );
  // What is masked is done: the next run finds nothing, until a transcript comes back.
  const again = await run.plan();
  expect(again.part.counts).toMatchObject({ due: 0, alreadyDone: goes });
  await run.knex('xml_cdr').where({ id: 2 }).update({ record_transcription: 'late' });
  const late = await run.plan();
  expect(late.part.counts.due).toBe(1);
  await run.enforce(late.plan);
  expect(await run.knex('xml_cdr').where({ id: 2 }).pluck('record_transcription')).toEqual([null]);
});

test('a column that does not take NULL is refused with the mask that it takes', async () => {
  run = await openCase({
    ddl: [CDR],
    datasets: [calls({ anonymise: { fields: [{ column: 'record_name', mask: null }] } })],
    policies: [policyOf('call', 'P30D', 'anonymise')],
  });
  await insert(run);
  const { plan, part } = await run.plan();
  expect(part.findings.map(({ message }) => message)).toEqual([
    `column "record_name" does not take NULL. Mask it with a text: { column: record_name, mask: { text: '' } }`,
  ]);
  await run.enforce(plan);
  expect(new Set(await run.knex('xml_cdr').pluck('record_name'))).toEqual(new Set(['a.wav']));
});

test('the call is over: the row goes with all that is in it, and what is held keeps all of it', async () => {
  run = await openCase({ ddl: [CDR], datasets: [calls(masks)] });
  await insert(run);
  await run.enforce((await run.plan()).plan);
  const left = await run.knex('xml_cdr').orderBy('id');
  expect(left.map(({ id }: { id: number }) => usual[id - 1]?.what)).toEqual(
    usual.filter(({ fate }) => fate !== 'goes').map(({ what }) => what),
  );
  expect(left.find(({ domain }: { domain: string }) => domain === HELD)).toMatchObject(recording);
});

test('two datasets of one table are no valid data map', async () => {
  telecom = await smallTelecom({ kind: 'mysql' });
  const dataset = (name: string, of: string) => ({
    ...{ dataset: name, table: 'cdr', key: ['id'], class: of },
    start: { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' },
  });
  await telecom.database('cdr').insert({ at: wallUtc(Date.now() - 90 * DAY_MS), account: '1' });
  telecom.write('jobs/stores/telecom.yaml', {
    store: 'telecom',
    kind: 'mysql',
    url: { env: 'TELECOM_AT' },
    datasets: [dataset('calls', 'call-detail-record'), dataset('recordings', 'call-recording')],
  });
  const planned = await telecom.cli('plan', 'nightly');
  expect(planned.code).toBe(2);
  expect(planned.stdout + planned.stderr).toContain(
    'table "cdr" is mapped by "calls" already: its rows would have two periods',
  );
  expect(await telecom.database('cdr').pluck('account')).toEqual(['1']);
});
