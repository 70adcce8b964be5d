// Faults in pairs: the ledger cannot be written before the act (nothing is deleted) and after it (the next run finds
// out); the store fails and nothing happened, and the store is cut off and nobody knows yet.
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Knex } from 'knex';
import { afterEach, describe, expect, test } from 'vitest';
import { idIn, retention } from '../support/cli.ts';
import { freshMysql } from '../support/databases.ts';
import { auditEvents, countKind, spyOn } from '../support/small-ledger.ts';
import { addCalls, countOf, type SmallTelecom, smallTelecom } from '../support/small-telecom.ts';
import { openIntents } from './killing.ts';

const drops: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const drop of drops.splice(0).reverse()) await drop();
});

async function open(
  kind: 'sqlite' | 'mysql',
  due: number,
): Promise<{ telecom: SmallTelecom; ledger: Knex; plan: string }> {
  const telecom = await smallTelecom({ kind });
  drops.push(telecom.drop);
  await addCalls(telecom, due, 50);
  const made = await telecom.cli('plan', 'nightly', '--quiet');
  expect(made.code, made.stderr).toBe(0);
  const ledger = spyOn(telecom.ledger);
  drops.push(() => ledger.destroy());
  return { telecom, ledger, plan: idIn(made.stdout, 'plan') };
}

async function expectAllGone(telecom: SmallTelecom, due: number): Promise<void> {
  const run = await telecom.cli('run', 'nightly', '--quiet');
  expect(run.code, run.stderr).toBe(0);
  expect(await countOf(telecom.database, 'cdr')).toBe(50);
  const verified = await telecom.cli('audit', 'verify', '--format', 'json');
  expect(JSON.parse(verified.stdout)).toMatchObject({ verified: true, open: 0, records: due });
}

/** From the given entry of a kind on, the ledger refuses to take entries, as a full disk does. */
async function refuseEntries(ledger: Knex, kind: string, from: number): Promise<void> {
  await ledger.raw(
    `CREATE TRIGGER full BEFORE INSERT ON audit_log WHEN NEW.kind = '${kind}' AND (SELECT COUNT(*) FROM audit_log WHERE kind = '${kind}') >= ${from} BEGIN SELECT RAISE(ABORT, 'the disk is full'); END`,
  );
}

describe('the ledger cannot be written', () => {
  test('before the act: nothing at all is deleted', async () => {
    const { telecom, ledger, plan } = await open('sqlite', 500);
    await refuseEntries(ledger, 'intended', 0);
    const failed = await telecom.cli('enforce', plan);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain('the audit log cannot be written');
    expect(failed.stderr).not.toContain('mistake in the program');
    expect(await countOf(telecom.database, 'cdr')).toBe(550);
    await ledger.raw('DROP TRIGGER full');
    await expectAllGone(telecom, 500);
  });

  test('after the act: no further batch is begun, and the next run settles what was', async () => {
    const { telecom, ledger, plan } = await open('sqlite', 500);
    await refuseEntries(ledger, 'done', 2);
    const failed = await telecom.cli('enforce', plan);
    expect(failed.code).toBe(1);
    // The third batch cannot be told of. The fourth may have been intended by then, and even have gone.
    const left = await countOf(telecom.database, 'cdr');
    expect([150, 250]).toContain(left);
    const begun = await openIntents(ledger);
    expect(begun).toBeLessThanOrEqual(2);
    await ledger.raw('DROP TRIGGER full');
    await expectAllGone(telecom, 500);
    const settled = (await auditEvents(ledger, 'done')).filter(event => event.settled);
    expect(settled).toHaveLength(begun);
    expect(settled.reduce((sum, event) => sum + event.counts.purged, 0)).toBe(350 - left);
  });

  test('a server whose user may no longer insert: nothing at all is deleted', async () => {
    const server = await freshMysql();
    const telecom = await smallTelecom({ kind: 'sqlite' });
    drops.push(server.drop, telecom.drop);
    await addCalls(telecom, 500, 50);
    const env = { ...telecom.env, RETENTION_LEDGER: server.url, RETENTION_STATE: `${telecom.folder}/state` };
    const known = await retention(['ledger', 'new', '--no-holds', '--reason', 'A test'], env);
    expect(known.code, known.stderr).toBe(0);
    const made = await retention(['plan', 'nightly', '--quiet'], env);
    expect(made.code, made.stderr).toBe(0);
    const readOnly = await server.readOnlyUrl();
    const failed = await retention(['enforce', idIn(made.stdout, 'plan')], {
      ...env,
      RETENTION_LEDGER: readOnly,
    });
    expect(failed.code, failed.stderr).toBe(1);
    expect(failed.stderr).not.toContain('mistake in the program');
    expect(await countOf(telecom.database, 'cdr')).toBe(550);
  });
});

describe('the store fails in the middle of a run', () => {
  test('its connection is killed: the log says only what is true', async () => {
    const { telecom, ledger, plan } = await open('mysql', 1000);
    const [row] = await telecom.database('cdr').orderBy('id').offset(250).limit(1);
    const lock = await telecom.database.transaction();
    await lock('cdr').where({ id: row.id }).forUpdate();
    const running = telecom.cli('enforce', plan);
    while ((await countKind(ledger, 'intended')) < 3) await new Promise(resolve => setTimeout(resolve, 10));
    const killed = await killWaiting(telecom.database);
    await lock.rollback();
    expect(killed).toBe(1);
    const finished = await running;
    expect([1, 4], finished.stderr).toContain(finished.code);
    expect(finished.stderr).not.toContain('mistake in the program');
    const told = async (): Promise<number> =>
      (await auditEvents(ledger, 'done')).reduce((sum, event) => sum + event.counts.purged, 0);
    const gone = async (): Promise<number> => 1050 - (await countOf(telecom.database, 'cdr'));
    // A batch that the kill came into has no outcome before the next run has looked at it.
    if ((await openIntents(ledger)) === 0) expect(await told()).toBe(await gone());
    else expect(await told()).toBeLessThanOrEqual(await gone());
    await expectAllGone(telecom, 1000);
    expect(await openIntents(ledger)).toBe(0);
    expect(await told()).toBe(await gone());
  });

  test('it cannot be reached any more: the run stops, and the next one settles what was begun', async () => {
    const { telecom, ledger } = await open('mysql', 1000);
    const proxy = await proxyTo(new URL(telecom.env.TELECOM_AT ?? ''));
    drops.push(proxy.close);
    const env = { ...telecom.env, TELECOM_AT: proxy.url };
    const made = await retention(['plan', 'nightly', '--quiet'], env);
    const [row] = await telecom.database('cdr').orderBy('id').offset(250).limit(1);
    const lock = await telecom.database.transaction();
    await lock('cdr').where({ id: row.id }).forUpdate();
    const running = retention(['enforce', idIn(made.stdout, 'plan')], env);
    while ((await countKind(ledger, 'intended')) < 4) await new Promise(resolve => setTimeout(resolve, 10));
    await proxy.close();
    await lock.rollback();
    const failed = await running;
    expect(failed.code, failed.stderr).toBe(1);
    expect(failed.stderr).toMatch(/error: store telecom cannot be reached/);
    expect(await openIntents(ledger)).toBe(2);
    expect((await auditEvents(ledger, 'run-ended')).at(-1)?.state).toBe('failed');
    await expectAllGone(telecom, 1000);
    expect((await auditEvents(ledger, 'done')).filter(event => event.settled)).toHaveLength(2);
  });
});

/** Kills the connections that wait for a row lock; gives how many there were. */
async function killWaiting(database: Knex): Promise<number> {
  // The server renews this table only when nobody has read it for a tenth of a second: asked more often, it never changes.
  for (let tries = 0; tries < 25; tries += 1) {
    const [rows] = await database.raw(
      "SELECT trx_mysql_thread_id AS id FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'",
    );
    for (const { id } of rows) await database.raw(`KILL CONNECTION ${Number(id)}`);
    if (rows.length > 0) return rows.length;
    await new Promise(resolve => setTimeout(resolve, 150));
  }
  return 0;
}

/** A way to a server that can be cut. */
async function proxyTo(target: URL): Promise<{ url: string; close: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer(client => {
    const upstream = connect(Number(target.port || 3306), target.hostname);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    }
  });
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const url = new URL(target);
  url.hostname = '127.0.0.1';
  url.port = String(typeof address === 'object' ? address?.port : 0);
  return {
    url: url.href,
    close: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
