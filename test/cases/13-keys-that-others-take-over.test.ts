// Trap 13: keys that are given anew. Asterisk's voicemail numbers the messages of a folder, and renumbers what is left when
// one is deleted: the key of a message that was due belongs to a fresh one by the time it is deleted.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mysqlFixture, type SqlFixture } from '../support/sql-fixture.ts';
import { expectOnlyDueGo, HELD, rowsOfEachAge } from '../support/trap-table.ts';

let fixture: SqlFixture;

beforeAll(async () => {
  fixture = await mysqlFixture();
});
afterAll(() => fixture.drop());

test('a fresh message that has taken the number of a due one stays', async () => {
  await fixture.knex.raw(
    'CREATE TABLE voicemessages (dir VARCHAR(80) NOT NULL, msgnum INT NOT NULL, origtime DATETIME, mailboxuser VARCHAR(20), label VARCHAR(60), PRIMARY KEY (dir, msgnum), KEY (origtime))',
  );
  const inbox = '/var/spool/voicemail/default/100/INBOX';
  const other = '/var/spool/voicemail/default/200/INBOX';
  const message = (is: string, goes: boolean, msgnum: number, origtime: string, whose = 'any') => ({
    is,
    goes,
    row: { dir: inbox, msgnum, origtime, mailboxuser: whose },
  });
  const { state } = await expectOnlyDueGo(fixture, {
    table: 'voicemessages',
    dataset: {
      key: ['dir', 'msgnum'],
      customer: 'mailboxuser',
      start: { event: 'recorded', column: 'origtime', unit: 'datetime', zone: 'UTC' },
    },
    rows: [
      ...rowsOfEachAge('origtime', 'mailboxuser').map((one, msgnum) => ({
        ...one,
        row: { ...one.row, dir: other, msgnum },
      })),
      message('heard and deleted meanwhile', true, 0, '2026-01-10 12:00:00'),
      message('due, and second', true, 1, '2026-01-11 12:00:00'),
      message('fresh, and third', false, 2, '2026-03-20 12:00:00'),
      message('held, and fourth', false, 3, '2026-01-12 12:00:00', HELD),
    ],
    // As app_voicemail does it: every message after the deleted one moves up.
    meanwhile: async knex => {
      await knex('voicemessages').where({ dir: inbox, msgnum: 0 }).delete();
      for (const msgnum of [1, 2, 3])
        await knex('voicemessages')
          .where({ dir: inbox, msgnum })
          .update({ msgnum: msgnum - 1 });
    },
  });
  expect(state).toBe('done');
});
