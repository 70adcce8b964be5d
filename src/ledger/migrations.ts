// The ledger's tables. A migration that has been released is never edited; a change is a new one at the end.
import type { Knex } from 'knex';
import type { AuditEntry } from './audit-entry.ts';
import { nameLedger } from './identity.ts';

interface Migration {
  readonly name: string;
  readonly up: (database: Knex) => Promise<void>;
}

const all: readonly Migration[] = [
  { name: '001-ledger', up: createLedger },
  { name: '002-pauses', up: createPauses },
  { name: '003-identity', up: nameIt },
];

async function createLedger(database: Knex): Promise<void> {
  await database.schema.createTable('audit_log', table => {
    table.bigInteger('seq').primary();
    table.string('run', 64).nullable().index();
    table.string('kind', 32).notNullable();
    // The exact text that was hashed: canonical JSON.
    table.text('body', 'longtext').notNullable();
    table.string('hash', 64).notNullable();
  });
  // One row: the last entry. Updating it first is also what makes two writers take turns.
  await database.schema.createTable('audit_head', table => {
    table.integer('id').primary();
    table.bigInteger('seq').notNullable();
    table.string('hash', 64).notNullable();
  });
  await database('audit_head').insert({ id: 1, seq: 0, hash: '' });
  await database.schema.createTable('audit_evidence', table => {
    table.bigInteger('seq').primary();
    table.string('store', 128).notNullable();
    table.string('dataset', 128).notNullable();
    table.specificType('batch_keys', 'longblob').notNullable();
    table.text('outcomes', 'longtext').notNullable();
    table.index(['store', 'dataset']);
  });
  await database.schema.createTable('plans', table => {
    table.string('id', 64).primary();
    table.string('job', 128).notNullable().index();
    table.string('state', 16).notNullable();
    table.bigInteger('expires_at').notNullable();
    table.text('body', 'longtext').notNullable();
  });
  await database.schema.createTable('plan_batches', table => {
    table.string('plan', 64).notNullable();
    table.integer('seq').notNullable();
    table.integer('part').notNullable();
    table.integer('records').notNullable();
    table.string('keys_digest', 64).notNullable();
    table.string('state', 16).notNullable();
    table.string('run', 64).nullable();
    // Where the keys were found, as JSON; null for keys that came one by one.
    table.text('stretch').nullable();
    // Emptied once the outcome is written: from then on the evidence speaks.
    table.specificType('batch_keys', 'longblob').nullable();
    table.primary(['plan', 'seq']);
    table.index(['state']);
  });
  await database.schema.createTable('runs', table => {
    table.string('id', 64).primary();
    table.string('plan', 64).notNullable().index();
    table.string('job', 128).notNullable().index();
    table.string('state', 16).notNullable();
    table.bigInteger('started_at').notNullable();
    table.bigInteger('ended_at').nullable();
  });
  await database.schema.createTable('holds', table => {
    table.string('id', 64).primary();
    table.text('body', 'longtext').notNullable();
  });
  await database.schema.createTable('leases', table => {
    table.string('name', 64).primary();
    table.string('holder', 255).notNullable();
    table.bigInteger('expires_at').notNullable();
  });
}

async function createPauses(database: Knex): Promise<void> {
  // One row while enforcement is paused, none while it is not.
  await database.schema.createTable('pauses', table => {
    table.integer('id').primary();
    table.string('paused_by', 255).notNullable();
    table.bigInteger('paused_at').notNullable();
    table.text('reason').nullable();
  });
}

/** Each step may be there already: MySQL undoes no change of a table when a later one fails. */
async function nameIt(database: Knex): Promise<void> {
  if (!(await database.schema.hasTable('ledger_identity')))
    await database.schema.createTable('ledger_identity', table => {
      table.integer('id').primary();
      table.string('name', 64).notNullable();
      table.string('origin', 16).notNullable();
      table.bigInteger('known_since').nullable();
      table.integer('no_holds').notNullable();
    });
  // The latest time that the log knows of, in ms.
  if (!(await database.schema.hasColumn('audit_head', 'latest_at')))
    await database.schema.alterTable('audit_head', table => {
      table.bigInteger('latest_at').nullable();
    });
  const latestMs = await latestOf(database);
  await database('audit_head').where({ id: 1 }).update({ latest_at: latestMs });
  await nameLedger(database, latestMs === null ? 'made' : 'upgraded');
}

/** The greatest time of all entries; null while there are none. */
async function latestOf(database: Knex): Promise<number | null> {
  let latestMs: number | null = null;
  for (let after = 0; ; ) {
    const rows: { seq: number; body: string }[] = await database('audit_log')
      .where('seq', '>', after)
      .orderBy('seq')
      .limit(500)
      .select('seq', 'body');
    for (const { body } of rows)
      latestMs = Math.max(latestMs ?? 0, Date.parse((JSON.parse(body) as AuditEntry).at));
    if (rows.length < 500) return latestMs;
    after = Number(rows.at(-1)?.seq);
  }
}

/** Migrations that a ledger has had and this program does not know: it was used by a newer one. */
export async function unknownMigrations(database: Knex): Promise<readonly string[]> {
  if (!(await database.schema.hasTable('ledger_migrations'))) return [];
  const had: string[] = await database('ledger_migrations').orderBy('id').pluck('name');
  return had.filter(name => !all.some(one => one.name === name));
}

/** The migrations in the form that knex asks for. */
export const migrations: Knex.MigrationSource<Migration> = {
  getMigrations: async () => [...all],
  getMigrationName: migration => migration.name,
  getMigration: async migration => ({ up: migration.up, down: async () => undefined }),
};
