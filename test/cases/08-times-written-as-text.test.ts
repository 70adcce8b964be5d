// Trap 8: times kept as text (NGCP voicemail_spool.origtime, A2Billing cc_paypal.payment_date, FusionPBX log_date): they are
// read by the format that is declared, to the letter, and what does not read so stays. A server would compare letters.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mysqlFixture, type SqlFixture } from '../support/sql-fixture.ts';
import { expectOnlyDueGo, HELD, rowsOfEachAge, type TrapRow } from '../support/trap-table.ts';

let fixture: SqlFixture;

beforeAll(async () => {
  fixture = await mysqlFixture();
});
afterAll(() => fixture.drop());

const days = (at: string): string => `${at.slice(8, 10)}/${at.slice(5, 7)}/${at.slice(0, 4)} ${at.slice(11)}`;

test.each([
  ['day first', 'dd/MM/yyyy HH:mm:ss', days],
  ['as ISO 8601', "yyyy-MM-dd'T'HH:mm:ss", (at: string) => at.replace(' ', 'T')],
  ['without marks', 'yyyyMMddHHmmss', (at: string) => at.replace(/\D/g, '')],
] as const)('%s', async (_, format, write) => {
  await fixture.knex.raw(
    'CREATE OR REPLACE TABLE spool (id INT AUTO_INCREMENT PRIMARY KEY, origtime VARCHAR(40), mailbox VARCHAR(20), label VARCHAR(60), KEY (origtime))',
  );
  const unreadable = (is: string, origtime: string | null, mailbox = 'any'): TrapRow => ({
    is,
    goes: false,
    row: { origtime, mailbox },
  });
  const { counts, findings } = await expectOnlyDueGo(fixture, {
    table: 'spool',
    dataset: {
      key: ['id'],
      customer: 'mailbox',
      start: { event: 'recorded', column: 'origtime', unit: 'text', format, zone: 'UTC' },
    },
    rows: [
      ...rowsOfEachAge('origtime', 'mailbox', write),
      unreadable('empty', ''),
      unreadable('blank', ' '),
      unreadable('without a value', null),
      unreadable('a word', 'unknown'),
      unreadable('another format', 'Sat, 10 Jan 2026 12:00:00 +0000'),
      unreadable('cut off', write('2026-01-10 12:00:00').slice(0, 9)),
      unreadable('with something behind it', `${write('2026-01-10 12:00:00')} x`),
      unreadable('a day that never was', write('2026-02-30 12:00:00')),
      unreadable('zeros', write('0000-00-00 00:00:00'), HELD),
    ],
  });
  // The one of 2037 besides.
  expect(counts).toMatchObject({ stored: 17, due: 3, held: 1, undated: 10, keptByInstruction: 1 });
  expect(findings).toContain('the start is not readable in the declared unit');
});
