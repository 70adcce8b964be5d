// Two processes that append to one audit log at the same time take turns: the chain never forks and loses nothing. And
// keys that identify people are nowhere in it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { inflateRawSync } from 'node:zlib';
import type { Knex } from 'knex';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { verifyAudit } from '../../src/ledger/verify-audit.ts';
import { freshMysql, freshSqlite } from '../support/databases.ts';
import { PERSON, sampleLog } from './sample-log.ts';

const EACH = 150;
const WRITERS = ['first', 'second', 'third'];

async function place(kind: string): Promise<{ at: string; knex: Knex; drop: () => Promise<void> }> {
  if (kind === 'mariadb') {
    const { url, knex, drop } = await freshMysql();
    return { at: url, knex, drop };
  }
  const { path, knex, drop } = await freshSqlite();
  return { at: path, knex, drop };
}

interface Writer {
  /** It has opened the ledger. */
  readonly ready: Promise<unknown>;
  readonly begin: () => void;
  readonly done: Promise<void>;
}

function writer(at: string, name: string): Writer {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', 'test/ledger/append-many.ts', at, name, String(EACH)],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const done = new Promise<void>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', code => (code === 0 ? resolve() : reject(new Error(errors))));
  });
  return {
    ready: Promise.race([once(child.stdout, 'data'), done]),
    begin: () => child.stdin.write('!'),
    done,
  };
}

describe.each(['sqlite', 'mariadb'])('a ledger in %s', kind => {
  test('takes entries of several processes at once, in one chain', async () => {
    const { at, knex, drop } = await place(kind);
    const ledger = await openLedger(at, systemClock, 'auditor');
    try {
      const begun = WRITERS.map(name => writer(at, name));
      await Promise.all(begun.map(({ ready }) => ready));
      for (const { begin } of begun) begin();
      await Promise.all(begun.map(({ done }) => done));
      const verification = await verifyAudit(ledger);
      expect(verification.broken).toBeNull();
      expect(verification.entries).toBe(WRITERS.length * EACH);
      const bodies = (await knex('audit_log').orderBy('seq').select('body')).map(row => String(row.body));
      const writers = bodies.map(body => (JSON.parse(body) as { actor: string }).actor);
      for (const name of WRITERS) expect(writers.filter(one => one === name)).toHaveLength(EACH);
      const turns = writers.filter((name, index) => name !== writers[index - 1]).length;
      expect(turns).toBeGreaterThan(WRITERS.length);
    } finally {
      await ledger.close();
      await drop();
    }
  });

  test('holds no key of a dataset whose keys are personal', async () => {
    const [{ at, knex, drop }, store] = [await place(kind), await freshSqlite()];
    try {
      const small = await sampleLog(store, at);
      await small.close();
      const texts: string[] = [];
      for (const table of ['audit_log', 'audit_evidence', 'audit_head', 'plans', 'plan_batches', 'runs']) {
        for (const row of await knex(table)) {
          for (const value of Object.values(row as Record<string, unknown>))
            texts.push(
              value instanceof Uint8Array || value instanceof ArrayBuffer
                ? inflateRawSync(value).toString('utf8')
                : String(value),
            );
        }
      }
      const all = texts.join('\n');
      expect(all).toMatch(/^\["3"\]$/m);
      expect(all).toMatch(/^\d+\tpurged\t$/m);
      expect(all).toMatch(/^#[0-9a-f]{64}$/m);
      expect(all).toMatch(/^\d+\tanonymised\t$/m);
      expect(all).not.toContain(PERSON.slice(1));
      expect(all).not.toContain('Person 3');
    } finally {
      await store.drop();
      await drop();
    }
  });
});
