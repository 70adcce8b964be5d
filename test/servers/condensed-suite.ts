// What a server must not change: a small telecom is planned for, enforced, replayed and verified by a user without special
// rights, with its ledger on the same server, and all that came of it is said as facts, to be compared with a plain server's.
import { randomBytes } from 'node:crypto';
import type { Knex } from 'knex';
import { RetentionError } from '../../src/errors.ts';
import { verifyAudit } from '../../src/ledger/verify-audit.ts';
import { policyOf } from '../ledger/sample-log.ts';
import type { Family } from '../support/flavours.ts';
import { holdOn, policySetOf, smallRun } from '../support/small-run.ts';
import { sqlMap } from '../support/store-maps.ts';
import { askAll, askOfChanged, askSlowly } from './session-questions.ts';
import { mapOn, tablesFor } from './small-tables.ts';

export type Facts = Readonly<Record<string, unknown>>;

export interface SuitePlace {
  /** Does everything; its session is not touched by what the server is set to. */
  readonly admin: Knex;
  /** The same; has a transaction open while the suite runs. */
  readonly bystander: Knex;
  readonly url: string;
  readonly family: Family;
  /** Whether what takes seconds is asked too: what waits, and what pauses. */
  readonly isSlow: boolean;
}

export interface Prepared {
  readonly database: string;
  readonly family: Family;
  /** Runs it as it is set now. Never throws: an error is a fact. */
  readonly run: () => Promise<Facts>;
  readonly drop: () => Promise<void>;
}

const HELD = ['Müller', 'Żółć', 'Z😁', "O'Neil \\ Söhne"];

/** Makes the tables, under a user of their own. */
export async function prepareSuite({ admin, bystander, url, family, isSlow }: SuitePlace): Promise<Prepared> {
  const id = randomBytes(4).toString('hex');
  const [database, ledger, user] = [`hostile_${id}`, `hostile_${id}_ledger`, `hostile_${id}`];
  for (const one of [database, ledger]) await admin.raw('CREATE DATABASE ??', [one]);
  await admin.raw('ALTER DATABASE ?? CHARACTER SET utf8mb4', [database]);
  await admin.raw(`CREATE USER ?@'%' IDENTIFIED BY 'hostile'`, [user]);
  for (const one of [database, ledger]) await admin.raw(`GRANT ALL ON ??.* TO ?@'%'`, [one, user]);
  await admin.raw(`GRANT REFERENCES ON *.* TO ?@'%'`, [user]);
  for (const statement of tablesFor(database, family, HELD)) await admin.raw(statement);
  const at = (name: string): string => {
    const own = new URL(url);
    own.username = user;
    own.password = 'hostile';
    own.pathname = `/${name}`;
    return own.href;
  };
  return {
    database,
    family,
    run: async () => {
      const facts: Record<string, unknown> = {};
      try {
        const open = await bystander.transaction();
        try {
          // A server that nobody may write to takes this as little.
          await open
            .raw("INSERT INTO ??.people VALUES (99, '2020-01-01', 'open')", [database])
            .catch(() => undefined);
          await runAll(facts, { family, store: at(database), ledgerAt: at(ledger) }, async () => {
            await admin.raw('INSERT INTO ??.tagged VALUES (1, ?, ?)', [database, '2020-01-01', 'a call']);
          });
          Object.assign(facts, await askAll(at(database), family));
        } finally {
          await open.rollback();
        }
        Object.assign(facts, await askOfChanged(at(database), bystander, database));
        if (isSlow) Object.assign(facts, await askSlowly(at(database), bystander, database));
      } catch (error) {
        const named =
          error instanceof RetentionError ? `${error.code}: ${error.message}. ${error.hint}` : String(error);
        facts.error = named.replaceAll(id, '');
      }
      return facts;
    },
    drop: async () => {
      const [open] = await admin.raw('SELECT ID AS id FROM information_schema.PROCESSLIST WHERE USER = ?', [
        user,
      ]);
      for (const one of open) await admin.raw(`KILL ${Number(one.id)}`).catch(() => undefined);
      for (const one of [database, ledger]) await admin.raw('DROP DATABASE ??', [one]);
      await admin.raw(`DROP USER ?@'%'`, [user]);
    },
  };
}

async function runAll(
  facts: Record<string, unknown>,
  { family, store, ledgerAt }: { readonly family: Family; readonly store: string; readonly ledgerAt: string },
  restore: () => Promise<void>,
): Promise<void> {
  const small = await smallRun({
    ledgerAt,
    maps: [sqlMap('mysql', mapOn(family))],
    at: { tested: store },
    policySet: policySetOf([
      policyOf('call', 'P30D', 'purge'),
      policyOf('cdr', 'P30D', 'purge'),
      policyOf('note', 'P30D', 'flag'),
      policyOf('person', 'P30D', 'anonymise'),
    ]),
    nowMs: Date.now(),
    batchKeys: 200,
  });
  try {
    await small.ledger.holds.place(holdOn('by-name', { classes: ['cdr'], customers: HELD }));
    await small.ledger.holds.place(holdOn('by-number', { classes: ['cdr'], numbers: ['+44 20 7946 0018'] }));
    facts.holds = (await small.ledger.holds.list()).map(one => one.scope);
    const plan = await small.plan();
    for (const { dataset, counts, findings } of plan.parts) {
      const { due, held, undated, stored } = counts;
      facts[`plan: ${dataset}`] = { due, held, undated, stored };
      const refused = findings.filter(({ severity }) => severity === 'refused').map(({ message }) => message);
      if (refused.length > 0) facts[`refused: ${dataset}`] = refused;
    }
    const { run, state } = await small.enforce(plan);
    facts.state = state;
    facts.planState = (await small.ledger.plans.find(plan.id))?.state;
    const reasons: Record<string, number> = {};
    for await (const { body } of small.ledger.audit.entries({ run, kind: 'done' }))
      for (const [why, count] of Object.entries(JSON.parse(body).event.reasons ?? {}))
        reasons[why] = (reasons[why] ?? 0) + Number(count);
    facts.reasons = Object.entries(reasons).sort();
    const { broken, records } = await verifyAudit(small.ledger);
    facts.verified = { broken, records };
    await restore();
    const replayed = await small.plan(run);
    facts.replayed = replayed.parts.reduce((sum, part) => sum + part.counts.due, 0);
  } finally {
    await small.close();
  }
}

/** What is left in the tables, and what the ledger's are kept by: looked at behind the product's back. */
export async function whatIsLeft(admin: Knex, { database, family }: Prepared): Promise<Facts> {
  const facts: Record<string, unknown> = {};
  for (const { dataset, table } of mapOn(family)) {
    const [rows] = await admin.raw('SELECT * FROM ??.??', [database, table]);
    facts[`left: ${dataset}`] = rows
      .map((row: object) => JSON.stringify(Object.values(row).slice(0, 6)))
      .sort();
  }
  const [engines] = await admin.raw(
    'SELECT DISTINCT ENGINE AS engine FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?',
    [`${database}_ledger`],
  );
  const [columns] = await admin.raw(
    'SELECT TABLE_NAME AS t, COLUMN_NAME AS c, COLUMN_TYPE AS y, IS_NULLABLE AS n, COLUMN_DEFAULT AS d, COLLATION_NAME AS o FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? ORDER BY 1, 2',
    [`${database}_ledger`],
  );
  facts['columns of the ledger'] = columns.map((row: object) => Object.values(row).join(' '));
  facts['engines of the ledger'] = engines.map((row: { engine: string }) => row.engine);
  return facts;
}

/** The first fact that differs, in words; null where none does. */
export function firstDifference(plain: Facts, other: Facts): string | null {
  for (const name of new Set(['error', ...Object.keys(plain), ...Object.keys(other)])) {
    const [a, b] = [JSON.stringify(plain[name]), JSON.stringify(other[name])];
    if (a !== b) return `${name}: ${short(a)} -> ${short(b)}`;
  }
  return null;
}

function short(text: string | undefined): string {
  const all = text ?? 'nothing';
  return all.length > 160 ? `${all.slice(0, 160)}...` : all;
}
