// The ledger's tables. A migration that has been released is never edited; a change is a new one at the end.
import type { Knex } from 'knex';

interface Migration {
  readonly name: string;
  readonly up: (database: Knex) => Promise<void>;
}

const all: readonly Migration[] = [
  { name: '001-ledger', up: createLedger },
  { name: '002-pauses', up: createPauses },
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

/** The migrations in the form that knex asks for. */
export const migrations: Knex.MigrationSource<Migration> = {
  getMigrations: async () => [...all],
  getMigrationName: migration => migration.name,
  getMigration: async migration => ({ up: migration.up, down: async () => undefined }),
};
