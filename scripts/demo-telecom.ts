// Makes the small telecom of the demo: accounts, calls, recordings as real .wav files, invoices, correspondence; most
// of it in order, and one of everything that goes wrong in real databases.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import knex, { type Knex } from 'knex';
import type { DateTime } from 'luxon';
import { toneWav } from './wav.ts';

const ZONE = 'Europe/London';
const ACCOUNTS = [1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008] as const;
/** Wanted by a court: nothing of it goes. */
export const HELD_ACCOUNT = 1003;
/** Has asked for its call records to be kept ninety days and no longer. */
export const INSTRUCTED_ACCOUNT = 1004;

/** Fills `folder` with `telecom.db` and `recordings/`, dated so that some of each kind is past its period at `now`. */
export async function makeTelecom(folder: string, now: DateTime): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const database = knex({
    client: 'better-sqlite3',
    connection: { filename: join(folder, 'telecom.db') },
    useNullAsDefault: true,
  });
  try {
    await makeTables(database);
    await database.transaction(async transaction => {
      await fillAccounts(transaction, now);
      await fillCalls(transaction, now);
      await fillRecordings(transaction, folder, now);
      await fillBilling(transaction, now);
    });
    makeMonitoring(folder, now);
    writeFileSync(join(folder, 'recordings', '.retention-canary'), '');
  } finally {
    await database.destroy();
  }
}

async function makeTables(database: Knex): Promise<void> {
  await database.schema.createTable('accounts', table => {
    table.integer('id').primary();
    table.text('contact_name');
    table.text('email');
    table.text('phone');
    table.text('status').notNullable();
    table.text('closed_at');
    table.text('retention_state');
  });
  await database.schema.createTable('correspondence', table => {
    table.increments('id');
    table.integer('account_id').notNullable().references('accounts.id');
    table.text('subject');
    table.text('body');
  });
  await database.schema.createTable('cdr', table => {
    table.bigIncrements('id');
    table.text('calldate').index();
    table.text('src');
    table.text('dst');
    table.integer('duration');
    table.text('accountcode');
    table.text('uniqueid');
  });
  await database.schema.createTable('recordings', table => {
    table.bigIncrements('id');
    table.text('recorded_at').index();
    table.text('account_number');
    table.text('caller');
    table.text('callee');
    table.text('filename');
  });
  await database.schema.createTable('billing_records', table => {
    table.increments('id');
    table.text('recorded_at');
    table.text('account_number');
    table.text('caller');
    table.text('call_lines');
    table.integer('amount_pence');
    table.text('retention_state');
  });
  await database.schema.createTable('invoices', table => {
    table.increments('id');
    table.text('issued_on');
    table.text('account_number');
    table.text('contact');
    table.integer('total_pence');
  });
}

async function fillAccounts(database: Knex, now: DateTime): Promise<void> {
  for (const id of ACCOUNTS) {
    // 1006 and 1003 left long ago, 1007 a year ago; 1008 left, and came back without anyone clearing the date.
    const closedAt = {
      1003: now.minus({ years: 4 }),
      1006: now.minus({ years: 3 }),
      1007: now.minus({ years: 1 }),
      1008: now.minus({ years: 3 }),
    }[id as 1003 | 1006 | 1007 | 1008];
    await database('accounts').insert({
      id,
      contact_name: `Contact of ${id}`,
      email: `contact@account-${id}.example`,
      phone: `+44 20 7946 0${id - 1000}00`,
      status: id === 1003 || id === 1006 || id === 1007 ? 'closed' : 'active',
      closed_at: closedAt === undefined ? null : written(closedAt),
    });
    for (let letter = 1; letter <= 5; letter += 1) {
      await database('correspondence').insert({
        account_id: id,
        subject: `Letter ${letter}`,
        body: 'Dear customer, ...',
      });
    }
  }
  await database('accounts').insert({
    id: 1009,
    contact_name: 'Closed without a date',
    status: 'closed',
    closed_at: null,
  });
}

async function fillCalls(database: Knex, now: DateTime): Promise<void> {
  const rows: {
    calldate: string | null;
    src: string;
    dst: string;
    duration: number;
    accountcode: string;
    uniqueid: string;
  }[] = [];
  for (let days = 5; days <= 1100; days += 2) {
    for (const id of ACCOUNTS) {
      const at = now.minus({ days, minutes: (id * 37 + days * 11) % 720 });
      rows.push({
        calldate: written(at),
        src: numberOf(id, days),
        dst: '+442079460999',
        duration: days % 300,
        accountcode: String(id),
        uniqueid: `${days}.${id}`,
      });
    }
  }
  // What a switch writes when it does not know the time.
  const unknown = { src: numberOf(1001, 0), dst: '+442079460999', duration: 0, accountcode: '1001' };
  rows.push(
    { ...unknown, calldate: null, uniqueid: 'null' },
    { ...unknown, calldate: '0000-00-00 00:00:00', uniqueid: 'zero' },
    { ...unknown, calldate: written(now.plus({ years: 20 })), uniqueid: 'future' },
  );
  await database.batchInsert('cdr', rows, 100);
}

async function fillRecordings(database: Knex, folder: string, now: DateTime): Promise<void> {
  for (let days = 1; days <= 60; days += 3) {
    for (const id of ACCOUNTS) {
      const at = now.minus({ days, minutes: id % 60 });
      const filename = `call-${id}-${days}.wav`;
      save(
        join(folder, 'recordings', at.setZone(ZONE).toFormat('yyyy/MM/dd'), filename),
        toneWav(300 + (id % 10) * 40, 200),
      );
      await database('recordings').insert({
        recorded_at: written(at),
        account_number: String(id),
        caller: numberOf(id, days),
        callee: '+442079460999',
        filename,
      });
    }
  }
  await database('recordings').insert({
    recorded_at: written(now.minus({ days: 50 })),
    account_number: '1001',
    caller: numberOf(1001, 1),
    callee: '+442079460999',
    filename: '',
  });
}

async function fillBilling(database: Knex, now: DateTime): Promise<void> {
  for (let months = 1; months <= 100; months += 3) {
    for (const id of ACCOUNTS) {
      const at = now.minus({ months });
      await database('invoices').insert({
        issued_on: at.setZone(ZONE).toISODate(),
        account_number: String(id),
        contact: `Contact of ${id}`,
        total_pence: 1200 + id,
      });
      if (months > 40) continue;
      await database('billing_records').insert({
        recorded_at: written(at),
        account_number: String(id),
        caller: numberOf(id, months),
        call_lines: `10:00 ${numberOf(id, months)} 3 min; 11:30 ${numberOf(id, months)} 7 min`,
        amount_pence: 1200 + id,
      });
    }
  }
}

/** Call monitoring files that no row names: what they are is in their path. */
function makeMonitoring(folder: string, now: DateTime): void {
  for (let days = 2; days <= 50; days += 6) {
    const at = now.minus({ days }).setZone(ZONE);
    save(
      join(folder, 'recordings', 'monitoring', '1002', `${at.toISODate() ?? ''}-quality-check.wav`),
      toneWav(660, 150),
    );
  }
}

function save(file: string, bytes: Buffer): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, bytes);
}

/** Numbers from the range that Ofcom keeps free for drama, so that none is anybody's. */
function numberOf(account: number, salt: number): string {
  return `+4420794600${String((account + salt) % 100).padStart(2, '0')}`;
}

function written(at: DateTime): string {
  return at.setZone(ZONE).toFormat('yyyy-MM-dd HH:mm:ss');
}
