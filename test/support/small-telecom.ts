// A telecom small enough to read: calls, recordings with files, prospects with personal keys, and accounts, in one
// database and one folder, with the policies, data maps and job that the command line needs to work on them.

import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Knex } from 'knex';
import { systemClock } from '../../src/clock.ts';
import { acknowledgeNew } from '../../src/ledger/acknowledge.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { type Env, type Finished, retention } from './cli.ts';
import { freshFolder, freshMysql, freshSqlite } from './databases.ts';

export interface SmallTelecom {
  readonly folder: string;
  readonly env: Env;
  /** The telecom's database, behind the product's back. */
  readonly database: Knex;
  /** The ledger's file, for those who want to look into it or spoil it. */
  readonly ledger: string;
  readonly cli: (...args: string[]) => Promise<Finished>;
  /** Writes a file of the configuration; a value that is no text is written as JSON, which is YAML too. */
  readonly write: (file: string, content: unknown) => void;
  /** Maps the database to these datasets, and no others. */
  readonly map: (datasets: readonly object[]) => void;
  /** Audio files that are there, relative to their root, sorted. */
  readonly files: () => string[];
  readonly drop: () => Promise<void>;
}

export interface SmallTelecomOptions {
  readonly kind: 'sqlite' | 'mysql';
  /** Another server than the one that the tests share, for what a server has only once. */
  readonly server?: { readonly url: string };
  /** Changes to the job `nightly`. */
  readonly job?: Readonly<Record<string, unknown>>;
  /** Planned through another way in, which TELECOM_READ_AT names. */
  readonly readsElsewhere?: boolean;
}

const HASH_SECRET = 'a secret that hashes keys in tests';
const DAY_MS = 86_400_000;
/** Taken once: rows that are made one after the other start at the same second. */
const NOW_MS = Date.now();

/** The configuration and empty tables; the ledger is a file beside them. */
export async function smallTelecom(options: SmallTelecomOptions): Promise<SmallTelecom> {
  const { kind, job = {}, server, readsElsewhere = false } = options;
  const folder = await freshFolder();
  const fresh = kind === 'mysql' ? await freshMysql(server?.url) : await freshSqlite();
  const write = (file: string, content: unknown): void => {
    const path = join(folder.path, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
  };
  write('policies/call-detail-record.yaml', policy('call-detail-record', 'P30D', {}));
  write('policies/call-recording.yaml', policy('call-recording', 'P30D', {}));
  write(
    'policies/prospect.yaml',
    policy('prospect', 'P30D', { disposition: 'anonymise', start: 'collected' }),
  );
  write(
    'policies/customer-account.yaml',
    policy('customer-account', 'P24M', { bound: 'at-least', start: 'account-closed' }),
  );
  write('jobs/nightly.yaml', nightlyJob(job));
  const map = (datasets: readonly object[]): void => {
    const more = readsElsewhere ? { readUrl: { env: 'TELECOM_READ_AT' } } : {};
    write('jobs/stores/telecom.yaml', { ...storeMap(kind, datasets), ...more });
  };
  map(DATASETS);
  write('jobs/stores/audio.yaml', {
    store: 'audio',
    kind: 'filesystem',
    root: join(folder.path, 'audio'),
    canary: '.canary',
    datasets: [],
  });
  write('audio/.canary', '');
  await makeTables(fresh.knex);
  const ledger = await openLedger(join(folder.path, 'ledger.db'), systemClock, 'tester');
  const said = { nowMs: Date.now(), stateFolder: folder.path, reason: 'A test', lostHolds: false };
  await acknowledgeNew(ledger, said);
  await ledger.close();
  const env: Env = {
    RETENTION_POLICIES: join(folder.path, 'policies'),
    RETENTION_JOBS: join(folder.path, 'jobs'),
    RETENTION_LEDGER: join(folder.path, 'ledger.db'),
    RETENTION_ACTOR: 'tester',
    RETENTION_HASH_KEY: HASH_SECRET,
    TELECOM_AT: 'url' in fresh ? fresh.url : fresh.path,
  };
  return {
    folder: folder.path,
    env,
    database: fresh.knex,
    ledger: join(folder.path, 'ledger.db'),
    cli: (...args) => retention(args, env),
    write,
    map,
    files: () =>
      readdirSync(join(folder.path, 'audio'), { recursive: true })
        .map(String)
        .filter(name => name.endsWith('.wav'))
        .sort(),
    drop: async () => {
      await fresh.drop();
      await folder.remove();
    },
  };
}

/** The job as its operator writes it; `changes` replaces keys of it. */
export function nightlyJob(changes: Readonly<Record<string, unknown>> = {}): unknown {
  return {
    job: 'nightly',
    title: 'Every night',
    policies: 'all',
    stores: ['telecom', 'audio'],
    schedule: '15 2 * * *',
    zone: 'UTC',
    mode: 'enforce',
    batch: 100,
    limits: { records: 1_000_000, percent: 100, reason: 'A test disposes of everything' },
    ...changes,
  };
}

/** A policy as its owner writes it; `changes` replaces keys of it. */
export function policy(name: string, period: string, changes: Readonly<Record<string, unknown>>): unknown {
  return {
    policy: name,
    class: name,
    title: name,
    period,
    start: 'recorded',
    bound: 'at-most',
    zone: 'UTC',
    disposition: 'purge',
    owner: 'DPO',
    authority: { document: 'Policy', passage: 'All of it' },
    ...changes,
  };
}

function storeMap(kind: 'sqlite' | 'mysql', datasets: readonly object[]): object {
  const at = kind === 'mysql' ? { url: { env: 'TELECOM_AT' } } : { path: { env: 'TELECOM_AT' } };
  return { store: 'telecom', kind, ...at, datasets };
}

const start = (column: string, event: string) => ({ event, column, unit: 'datetime', zone: 'UTC' });
const DATASETS: readonly object[] = [
  {
    dataset: 'calls',
    table: 'cdr',
    key: ['id'],
    class: 'call-detail-record',
    customer: 'account',
    start: start('at', 'recorded'),
  },
  {
    dataset: 'recordings',
    table: 'recordings',
    key: ['id'],
    class: 'call-recording',
    customer: 'account',
    start: start('at', 'recorded'),
    files: [{ store: 'audio', path: '{filename}' }],
  },
  {
    dataset: 'prospects',
    table: 'prospects',
    key: ['phone'],
    keysPersonal: true,
    class: 'prospect',
    start: start('at', 'collected'),
    anonymise: {
      fields: [{ column: 'name', mask: null }],
      marker: { column: 'state', value: 'anonymised' },
    },
  },
  {
    dataset: 'accounts',
    table: 'accounts',
    key: ['id'],
    class: 'customer-account',
    customer: 'id',
    start: { ...start('closed_at', 'account-closed'), status: { column: 'status', closed: ['closed'] } },
  },
];

async function makeTables(database: Knex): Promise<void> {
  await database.schema.createTable('cdr', table => {
    table.bigIncrements('id');
    table.dateTime('at').index();
    table.string('account', 20);
  });
  await database.schema.createTable('recordings', table => {
    table.bigIncrements('id');
    table.dateTime('at').index();
    table.string('account', 20);
    table.string('filename', 80);
  });
  await database.schema.createTable('prospects', table => {
    table.string('phone', 20).primary();
    table.dateTime('at');
    table.string('name', 80);
    table.string('state', 20);
  });
  await database.schema.createTable('accounts', table => {
    table.integer('id').primary();
    table.string('status', 20);
    table.dateTime('closed_at');
  });
}

/** Wall time in UTC, as a datetime column holds it, so many days before now. */
export function daysAgo(days: number): string {
  return new Date(NOW_MS - days * DAY_MS).toISOString().slice(0, 19).replace('T', ' ');
}

/** `due` calls that are past their period, and `kept` that are not. Due ones have the lower numbers. */
export async function addCalls({ database }: SmallTelecom, due: number, kept: number): Promise<void> {
  const rows = [...Array(due + kept).keys()].map(index => ({
    at: daysAgo(index < due ? 90 : 5),
    account: String(1000 + (index % 10)),
  }));
  await database.batchInsert('cdr', rows, 300);
}

/** The same of recordings, each with its file. */
export async function addRecordings(telecom: SmallTelecom, due: number, kept: number): Promise<void> {
  const rows = [...Array(due + kept).keys()].map(index => ({
    at: daysAgo(index < due ? 90 : 5),
    account: String(1000 + (index % 10)),
    filename: `${index % 10}/call-${index}.wav`,
  }));
  for (const { filename } of rows) telecom.write(`audio/${filename}`, 'RIFF');
  await telecom.database.batchInsert('recordings', rows, 300);
}

export async function countOf(database: Knex, table: string): Promise<number> {
  const [row] = await database(table).count({ n: '*' });
  return Number(row?.n ?? 0);
}
