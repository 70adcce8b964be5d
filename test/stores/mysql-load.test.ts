// How busy a server is, asked of real ones: a replica that follows, lags, is stopped, is gone, or is none; queries that
// give a number and all the others; servers that hang. And a run's pace, which waits for them.
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { toStoreMap } from '../../src/config/store-map.ts';
import { storeFile } from '../../src/config/store-schema.ts';
import { openPace, type PaceEvent } from '../../src/enforce/pace.ts';
import { DEFAULT_PACE, type PaceRules } from '../../src/plan/job.ts';
import { kinds } from '../../src/stores/kinds.ts';
import type { Load } from '../../src/stores/load.ts';
import type { Store } from '../../src/stores/store.ts';
import { type ReplicaPair, replicaPair } from '../support/replica-pair.ts';

let pair: ReplicaPair;
const opened: Store[] = [];

beforeAll(async () => {
  pair = await replicaPair();
});

afterAll(async () => {
  for (const store of opened) await store.close();
  await pair.stop();
});

const databaseOf = (server: { readonly url: string }): string => `${server.url}/beats`;

/** The store on the primary, or at another URL, with these replicas. */
function openStore(replicas: readonly string[], at = databaseOf(pair.primary)): Store {
  const map = toStoreMap(
    storeFile.parse({
      store: 'telecom',
      kind: 'mysql',
      url: { env: 'TELECOM' },
      ...(replicas.length > 0 && { replicas: replicas.map((_, index) => ({ env: `REPLICA_${index + 1}` })) }),
      datasets: [
        {
          dataset: 'beats',
          table: 'beat',
          key: ['id'],
          class: 'beat',
          start: { event: 'recorded', column: 'id', unit: 'epoch-s' },
        },
      ],
    }),
  );
  const store = kinds.mysql.open(map, at, '', replicas);
  opened.push(store);
  return store;
}

async function loadOf(store: Store, query: string | null = null): Promise<Load> {
  if (store.load === null) throw new Error('it cannot be asked');
  return store.load(query);
}

const PATIENCE = { timeout: 20_000, interval: 100 } as const;

/** A replica that has everything counts in whole seconds how far it is behind: for a moment that may be one. */
async function follows(store: Store): Promise<void> {
  await expect.poll(async () => (await loadOf(store)).replicaLagSeconds, PATIENCE).toBe(0);
}

describe('the load of a store', () => {
  test('without replicas or a query is what runs on its server', async () => {
    const load = await loadOf(openStore([]));
    expect(load).toEqual({
      threadsRunning: expect.any(Number),
      replicaLagSeconds: null,
      replica: null,
      query: null,
    });
    expect(load.threadsRunning).toBeGreaterThanOrEqual(1);
  });

  test('of a planning connection is the same, and asks no replica', async () => {
    const reader = kinds.mysql.openReader(
      toStoreMap(
        storeFile.parse({
          store: 'telecom',
          kind: 'mysql',
          url: { env: 'T' },
          replicas: [{ env: 'R' }],
          datasets: [
            {
              dataset: 'beats',
              table: 'beat',
              key: ['id'],
              class: 'beat',
              start: { event: 'recorded', column: 'id', unit: 'epoch-s' },
            },
          ],
        }),
      ),
      databaseOf(pair.primary),
    );
    expect(await reader.load?.(null)).toMatchObject({ replicaLagSeconds: null });
    await reader.close();
  });

  test('with a replica that follows has its lag', async () => {
    await pair.caughtUp();
    const store = openStore([databaseOf(pair.replica)]);
    await follows(store);
    expect(await loadOf(store)).toMatchObject({ replica: 'replica REPLICA_1' });
  });

  test('with a replica that falls behind has how far', async () => {
    const store = openStore([databaseOf(pair.replica)]);
    const connection = await pair.onReplica.client.acquireConnection();
    await pair.onReplica.raw('FLUSH TABLES WITH READ LOCK').connection(connection);
    try {
      await pair.onPrimary.raw('INSERT INTO beats.beat VALUES ()');
      const lag = async () => (await loadOf(store)).replicaLagSeconds;
      await expect.poll(lag, PATIENCE).toBeGreaterThanOrEqual(1);
      expect(await lag()).toBeLessThan(60);
    } finally {
      await pair.onReplica.raw('UNLOCK TABLES').connection(connection);
      await pair.onReplica.client.releaseConnection(connection);
    }
  });

  test('with a stopped replica is infinite, whatever the other ones do', async () => {
    const store = openStore([databaseOf(pair.replica), databaseOf(pair.replica)]);
    await pair.apply(false);
    expect(await loadOf(store)).toMatchObject({
      replicaLagSeconds: Number.POSITIVE_INFINITY,
      replica: 'the replication of replica REPLICA_1 is stopped',
    });
    await pair.apply(true);
    await pair.caughtUp();
    await follows(store);
  });

  test('with a replica that cannot be reached is infinite', async () => {
    const gone = new URL(databaseOf(pair.replica));
    gone.port = '1';
    expect(await loadOf(openStore([databaseOf(pair.replica), gone.href]))).toMatchObject({
      replicaLagSeconds: Number.POSITIVE_INFINITY,
      replica: 'replica REPLICA_2 cannot be asked: ECONNREFUSED',
    });
  });

  test('with a replica that is none is a mistake', async () => {
    await expect(loadOf(openStore([databaseOf(pair.primary)]))).rejects.toMatchObject({
      code: 'configuration-invalid',
      message: 'replica REPLICA_1 is a server that replicates nothing',
    });
  });

  test('with a URL that is none is a mistake, and tells nothing of it', async () => {
    const load = loadOf(openStore(['my-secret-password']));
    await expect(load).rejects.toMatchObject({ code: 'configuration-invalid' });
    await expect(load).rejects.not.toMatchObject({ message: expect.stringContaining('secret') });
  });

  test('with a user who may not ask a replica is a mistake that says what to grant', async () => {
    await pair.onPrimary.raw("CREATE USER 'poor'@'%' IDENTIFIED BY 'poor'");
    await pair.onPrimary.raw("GRANT SELECT ON beats.* TO 'poor'@'%'");
    await pair.caughtUp();
    const poor = new URL(databaseOf(pair.replica));
    poor.username = 'poor';
    poor.password = 'poor';
    await expect(loadOf(openStore([poor.href]))).rejects.toMatchObject({
      code: 'configuration-invalid',
      hint: expect.stringContaining('GRANT REPLICA MONITOR'),
    });
    // His own server tells him how busy it is all the same.
    const own = new URL(databaseOf(pair.primary));
    own.username = 'poor';
    own.password = 'poor';
    expect((await loadOf(openStore([], own.href))).threadsRunning).toBeGreaterThanOrEqual(1);
  });
});

describe('a query of the operator', () => {
  test.each([
    ['SELECT 42', 42],
    ["SELECT '4.5'", 4.5],
    ["SELECT COUNT(*) FROM beat WHERE id < 0 OR '?' = 'x'", 0],
    ['SHOW VARIABLES LIKE "nothing at all"', null],
  ])('%s gives %s', async (query, expected) => {
    const load = loadOf(openStore([]), query);
    if (expected === null) await expect(load).rejects.toMatchObject({ code: 'configuration-invalid' });
    else expect(await load).toMatchObject({ query: expected });
  });

  test.each([
    'SELEC 1',
    'SELECT 1, 2',
    'SELECT 1 UNION SELECT 2',
    "SELECT 'busy'",
    'SELECT NULL',
    'SELECT * FROM nothing',
    'SELECT nothing FROM beat',
    'SELECT COUNT(*) FROM mysql.nothing',
    'DELETE FROM beat',
    'SELECT 1; SELECT 2',
  ])('%s is a mistake, and changes nothing', async query => {
    const before = await pair.onPrimary.raw('SELECT COUNT(*) AS n FROM beats.beat');
    await expect(loadOf(openStore([]), query)).rejects.toMatchObject({ code: 'configuration-invalid' });
    expect((await pair.onPrimary.raw('SELECT COUNT(*) AS n FROM beats.beat'))[0]).toEqual(before[0]);
  });

  test('that takes too long is ended by the server, and the next is asked on a fresh connection', async () => {
    const store = openStore([]);
    const fromMs = Date.now();
    await expect(loadOf(store, 'SELECT SLEEP(60) + COUNT(*) FROM beat')).rejects.not.toMatchObject({
      code: 'configuration-invalid',
    });
    expect(Date.now() - fromMs).toBeLessThan(8000);
    const running = async () => {
      const [rows] = await pair.onPrimary.raw('SHOW FULL PROCESSLIST');
      return rows.filter(({ Info }: { Info: string | null }) => Info?.startsWith('SELECT SLEEP'));
    };
    await expect.poll(running, PATIENCE).toEqual([]);
    expect(await loadOf(store, 'SELECT 1')).toMatchObject({ query: 1 });
  });
});

describe('a run', () => {
  const paceOn = (store: Store, rules: Partial<PaceRules>) => {
    const events: PaceEvent[] = [];
    const pace = openPace({
      store,
      rules: { ...DEFAULT_PACE, ...rules },
      zone: 'UTC',
      batchKeys: 1000,
      pauses: { current: async () => null },
      expiresAtMs: null,
      clock: systemClock,
      signal: new AbortController().signal,
      onEvent: event => {
        events.push(event);
      },
      pollMs: 100,
    });
    return { pace, events };
  };

  test('waits while a replica is stopped, and goes on when it has started', async () => {
    const { pace, events } = paceOn(openStore([databaseOf(pair.replica)]), {});
    expect(await pace.ready()).toEqual({ go: true });
    await pair.apply(false);
    await wait(150);
    await pace.ready();
    await wait(50);
    let gone = false;
    const ready = pace.ready().then(go => {
      gone = true;
      return go;
    });
    await wait(600);
    expect(gone).toBe(false);
    expect(events).toMatchObject([
      { kind: 'throttled', why: 'replica-lag', reason: 'the replication of replica REPLICA_1 is stopped' },
    ]);
    await pair.apply(true);
    await pair.caughtUp();
    expect(await ready).toEqual({ go: true });
    expect(events.at(-1)).toMatchObject({ kind: 'going-on', why: 'replica-lag' });
    await pace.close();
  });

  test('ends where what it would watch is not there, before the first write', async () => {
    const { pace } = paceOn(openStore([databaseOf(pair.primary)]), {});
    await expect(pace.ready()).rejects.toMatchObject({ code: 'configuration-invalid' });
  });

  test('waits while the server hangs, and goes on when it answers', async () => {
    const [[{ file }]] = await pair.onPrimary.raw('SELECT @@pid_file AS file');
    const pid = Number(readFileSync(file, 'utf8'));
    const { pace, events } = paceOn(openStore([]), {});
    await pace.ready();
    process.kill(pid, 'SIGSTOP');
    try {
      await wait(150);
      await pace.ready();
      while (events.length === 0) {
        await wait(100);
        const early = await Promise.race([pace.ready().then(() => true), wait(6000).then(() => false)]);
        if (!early) break;
      }
      expect(events).toMatchObject([
        { kind: 'throttled', why: 'unanswered', reason: expect.stringContaining('no answer') },
      ]);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    expect(await pace.ready()).toEqual({ go: true });
    expect(events.at(-1)).toMatchObject({ kind: 'going-on' });
  });
});
