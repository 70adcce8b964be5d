// Trap 8: starts as text (Sipwise voicemail_spool.origtime VARCHAR(16) '', A2Billing cc_paypal.payment_date VARCHAR(30),
// FusionPBX v_xml_cdr_logs.log_date TEXT, Magnus next_due_date). The order of texts is no order of times: they are read by
// their format, strictly, and what does not read stays and is told.
import { DateTime } from 'luxon';
import { afterEach, expect, test } from 'vitest';
import { type CaseRow, type CaseRun, expectFates, openCase, usualRows } from '../support/case-rows.ts';

let run: CaseRun;
afterEach(() => run.drop());

const open = async (type: string, format: string): Promise<void> => {
  run = await openCase({
    ddl: [
      `CREATE TABLE payments (id INT PRIMARY KEY, payment_date ${type}, payer VARCHAR(20), KEY (payment_date(10)))`,
    ],
    datasets: [
      {
        dataset: 'payments',
        table: 'payments',
        key: ['id'],
        class: 'call',
        customer: 'payer',
        start: { event: 'recorded', column: 'payment_date', unit: 'text', zone: 'UTC', format },
      },
    ],
  });
};

const written = (format: string) => (ms: number) => ({
  payment_date: DateTime.fromMillis(ms, { zone: 'UTC', locale: 'en' }).toFormat(format),
});

const unreadable = (...texts: (string | null)[]): CaseRow[] =>
  texts.map(text => ({
    what: `${text}`,
    fate: text === null ? 'undated: not there (NULL)' : 'undated: not readable in the declared unit',
    values: { payment_date: text, payer: 'plain' },
  }));

test.each([
  ['VARCHAR(30)', 'HH:mm:ss MMM dd, yyyy'],
  ['TEXT', 'dd/MM/yyyy HH:mm:ss'],
  ['VARCHAR(30)', 'yyyy-MM-dd HH:mm:ss'],
])('%s in the format %s: read and not compared', async (type, format) => {
  await open(type, format);
  await expectFates(run, 'payments', [
    ...usualRows(written(format), 'payer'),
    ...unreadable(null, '', ' ', 'never', '0', '2024', '0000-00-00 00:00:00', '31/02/2024 10:00:00'),
    ...unreadable('2024-02-30 10:00:00', '2024-01-01', '2024-01-01 10:00:00 PST', '1704103200'),
  ]);
});

test('seconds as text, as voicemails have them', async () => {
  await open('VARCHAR(16)', 'X');
  await expectFates(run, 'payments', [
    ...usualRows(ms => ({ payment_date: String(Math.floor(ms / 1000)) }), 'payer'),
    ...unreadable('', 'now', '12 May'),
  ]);
});

test('a text is not taken for a column that the server could compare', async () => {
  await open('VARCHAR(30)', 'yyyy-MM-dd');
  await run.knex.raw('ALTER TABLE payments DROP KEY payment_date, MODIFY payment_date DATETIME');
  await run.knex('payments').insert({ id: 1, payment_date: '2024-01-01', payer: 'plain' });
  const { plan, part } = await run.plan();
  expect(part.findings.map(({ severity, message }) => `${severity}: ${message}`)).toEqual([
    'refused: start column "payment_date" is declared as text and is a datetime. Declare the unit that the column really has: compared in the wrong one, every row would look due, or none',
  ]);
  await run.enforce(plan);
  expect(await run.knex('payments').pluck('id')).toEqual([1]);
});
