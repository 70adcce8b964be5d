// The worker for places without cron: it runs every job at its time, one job's failure is that job's alone, and it
// stops when it is asked to, with nothing left half done.
import { spawn } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import type { Knex } from 'knex';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openIntents } from '../enforce/killing.ts';
import { auditEvents, countKind, spyOn } from '../support/small-ledger.ts';
import { addCalls, countOf, type SmallTelecom, smallTelecom } from '../support/small-telecom.ts';

let telecom: SmallTelecom;
let ledger: Knex;

beforeEach(async () => {
  telecom = await smallTelecom({ kind: 'sqlite', job: { schedule: '* * * * *' } });
  telecom.write('jobs/failing.yaml', {
    job: 'failing',
    title: 'Fails every minute',
    policies: 'all',
    stores: ['lost'],
    schedule: '* * * * *',
    zone: 'UTC',
    mode: 'enforce',
  });
  telecom.write('jobs/stores/lost.yaml', {
    store: 'lost',
    kind: 'sqlite',
    path: `${telecom.folder}/not-there.db`,
    datasets: [
      {
        dataset: 'lost-calls',
        table: 'cdr',
        key: ['id'],
        class: 'call-detail-record',
        start: { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' },
      },
    ],
  });
  await addCalls(telecom, 250, 10);
  ledger = spyOn(telecom.ledger);
});

afterEach(async () => {
  await ledger.destroy();
  await telecom.drop();
});

test('runs its jobs at their time, outlives one that fails, and stops cleanly', async () => {
  const worker = spawn(process.execPath, ['dist/main.js', 'worker'], {
    env: { PATH: process.env.PATH ?? '', NO_COLOR: '1', ...telecom.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  worker.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  worker.stdout.resume();
  const ended = new Promise<number | null>(resolve => {
    worker.on('close', resolve);
  });
  const until = Date.now() + 80_000;
  while (Date.now() < until && !((await countKind(ledger, 'run-ended')) > 0 && said.includes('job failed'))) {
    await wait(100);
  }
  // Asked twice would end it at once; asked once, it finishes what it has begun.
  worker.kill('SIGTERM');
  expect(await ended).toBe(0);
  const messages = said
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as { message: string; job?: string; reason?: string });
  expect(messages.filter(one => one.message === 'scheduled').map(one => one.job)).toEqual([
    'failing',
    'nightly',
  ]);
  expect(messages.find(one => one.message === 'job failed')).toMatchObject({ job: 'failing' });
  expect(messages.find(one => one.message === 'job failed')?.reason).toContain(
    'store lost cannot be reached',
  );
  expect(messages.at(-1)?.message).toBe('stopping');
  expect((await auditEvents(ledger, 'run-ended')).at(0)).toMatchObject({
    state: 'done',
    counts: { purged: 250 },
  });
  expect(await countOf(telecom.database, 'cdr')).toBe(10);
  expect(await openIntents(ledger)).toBe(0);
}, 100_000);
