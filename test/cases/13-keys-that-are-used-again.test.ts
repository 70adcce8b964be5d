// Trap 13: keys that are used again. Asterisk keeps voicemails as (dir, msgnum) and numbers the rest anew when one is
// deleted; A2Billing's archive gives new ids. Between plan and enforcement a listed key may come to mean another message.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type CaseRun, DAY_MS, HELD, openCase } from '../support/case-rows.ts';

let run: CaseRun;
afterEach(() => run.drop());

const DIR = '/var/spool/asterisk/voicemail/default/1001/INBOX';
const seconds = (days: number): number => Math.floor((Date.now() - days * DAY_MS) / 1000);
const message = (msgnum: number, days: number, msg_id: string, mailboxuser = '1001') => ({
  ...{ dir: DIR, msgnum, origtime: seconds(days), msg_id, mailboxuser },
});

beforeEach(async () => {
  run = await openCase({
    ddl: [
      'CREATE TABLE voicemail_messages (dir VARCHAR(80) NOT NULL, msgnum INT NOT NULL, origtime INT UNSIGNED, msg_id VARCHAR(40), mailboxuser VARCHAR(20), PRIMARY KEY (dir, msgnum), KEY (origtime))',
    ],
    datasets: [
      {
        dataset: 'voicemails',
        table: 'voicemail_messages',
        key: ['dir', 'msgnum'],
        class: 'call',
        customer: 'mailboxuser',
        start: { event: 'recorded', column: 'origtime', unit: 'epoch-s' },
      },
    ],
  });
});

const key = (msgnum: number): string => JSON.stringify([DIR, String(msgnum)]);
const left = async (): Promise<string[]> => run.knex('voicemail_messages').orderBy('msgnum').pluck('msg_id');

test('a message that moved up to a listed number is fresh, and stays', async () => {
  const rows = [
    message(0, 90, 'old'),
    message(1, 80, 'older'),
    message(2, 3, 'new'),
    message(3, 2, 'newest'),
  ];
  await run.knex('voicemail_messages').insert(rows);
  const { plan, part } = await run.plan();
  expect(part.counts.due).toBe(2);
  expect((await run.small.keysOf(plan, 'voicemails')).length).toBe(2);
  // The owner deletes the first: Asterisk numbers the others anew.
  await run.knex('voicemail_messages').where({ msgnum: 0 }).delete();
  await run.knex.raw('UPDATE voicemail_messages SET msgnum = msgnum - 1 ORDER BY msgnum');
  expect(await run.enforce(plan)).toEqual({ 'changed: policy call': 1 });
  expect(await left()).toEqual(['new', 'newest']);
  expect(await run.disposed()).toEqual([key(0)]);
});

test('all numbers are taken by fresh messages: none goes', async () => {
  await run.knex('voicemail_messages').insert([0, 1, 2].map(msgnum => message(msgnum, 90, `old-${msgnum}`)));
  const { plan } = await run.plan();
  await run.knex('voicemail_messages').delete();
  await run.knex('voicemail_messages').insert([0, 1, 2].map(msgnum => message(msgnum, 1, `new-${msgnum}`)));
  expect(await run.enforce(plan)).toEqual({ 'changed: policy call': 3 });
  expect(await left()).toEqual(['new-0', 'new-1', 'new-2']);
  expect(await run.disposed()).toEqual([]);
});

test('a number is taken by a message that is held: it stays', async () => {
  await run.knex('voicemail_messages').insert([message(0, 90, 'old'), message(1, 90, 'other')]);
  const { plan } = await run.plan();
  await run.knex('voicemail_messages').where({ msgnum: 0 }).delete();
  await run.knex('voicemail_messages').insert(message(0, 95, 'evidence', HELD));
  expect(await run.enforce(plan)).toEqual({ 'held: case-17': 1 });
  expect(await left()).toEqual(['evidence']);
});

test('a number that nobody has any more is gone, and no neighbour is taken for it', async () => {
  await run
    .knex('voicemail_messages')
    .insert([message(0, 90, 'old'), message(1, 90, 'other'), message(2, 1, 'new')]);
  const { plan } = await run.plan();
  await run.knex('voicemail_messages').where({ msgnum: 0 }).delete();
  expect(await run.enforce(plan)).toEqual({ gone: 1 });
  expect(await left()).toEqual(['new']);
});
