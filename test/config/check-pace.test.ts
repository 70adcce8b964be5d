// A pace that is less gentle than the defaults has a reason, one that watches what is not there or writes when it may not
// is a mistake, and what is written becomes what a run goes by.
import { afterEach, describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { DEFAULT_PACE, type PaceRules } from '../../src/plan/job.ts';
import { type ConfigFolders, configFolders, JOB, mistakesOf, POLICY, STORE } from './config-folders.ts';

const REPLICAS = STORE.replace(
  'datasets:',
  'replicas: [{ env: RETENTION_TELECOM_REPLICA_1_URL }]\ndatasets:',
);
const SQLITE = STORE.replace('kind: mysql', 'kind: sqlite').replace(/url: .*/, 'path: telecom.db');

let folders: ConfigFolders | null = null;

afterEach(() => {
  folders?.remove();
  folders = null;
});

function withPace(pace: string, { store = STORE, job = JOB } = {}): ConfigFolders {
  folders?.remove();
  folders = configFolders({
    'policies/cdr.yaml': POLICY,
    'jobs/nightly.yaml': `${job}${pace}`,
    'jobs/stores/telecom.yaml': store,
  });
  return folders;
}

function paceOf(pace: string, store = STORE): PaceRules | undefined {
  const { policies, jobs } = withPace(pace, { store });
  return loadConfig(policies, jobs).jobs[0]?.pace;
}

describe('what is right', () => {
  test('is the default where nothing is written', () => {
    expect(paceOf('')).toEqual(DEFAULT_PACE);
  });

  test('becomes what a run goes by', () => {
    const pace = `pace:
  writeMs: 1
  niceRatio: 20
  connections: 2
  windows: ['22:00-05:00']
  pauseAbove: { threadsRunning: 20, query: { sql: SELECT 1, above: 5 } }
  stopAbove: { threadsRunning: 100, replicaLagSeconds: 600, query: { sql: SELECT 1, above: 50 } }
  reason: The DBA asked for it
`;
    expect(paceOf(pace, REPLICAS)).toEqual({
      writeMs: 1,
      niceRatio: 20,
      connections: 2,
      windows: [{ fromMinute: 1320, untilMinute: 300 }],
      pauseAbove: { threadsRunning: 20, replicaLagSeconds: 10, query: { sql: 'SELECT 1', above: 5 } },
      stopAbove: { threadsRunning: 100, replicaLagSeconds: 600, query: { sql: 'SELECT 1', above: 50 } },
      reason: 'The DBA asked for it',
    });
  });

  test.each([
    'pace: { writeMs: 1 }',
    `pace: { niceRatio: ${DEFAULT_PACE.niceRatio + 1} }`,
    'pace: { pauseAbove: { threadsRunning: 10 } }',
    'pace: { niceRatio: 0, writeMs: 200, connections: 4, pauseAbove: { threadsRunning: 500 }, reason: A first purge }',
    "pace: { windows: ['02:00-03:00'] }",
    'pace: { stopAbove: { threadsRunning: 26 } }',
    'pace: { pauseAbove: { query: { sql: SELECT 1, above: 5 } }, stopAbove: { query: { sql: SELECT 2, above: 1 } } }',
  ])('%s', pace => {
    expect(mistakesOf(withPace(pace)).mistakes).toEqual([]);
  });
});

describe('less gentle than the default without a reason is a mistake', () => {
  test.each([
    ['niceRatio: 0', 'pace.niceRatio', DEFAULT_PACE.niceRatio],
    ['writeMs: 200', 'pace.writeMs', DEFAULT_PACE.writeMs],
    ['connections: 2', 'pace.connections', 1],
    ['pauseAbove: { threadsRunning: 26 }', 'pace.pauseAbove.threadsRunning', 25],
    ['pauseAbove: { replicaLagSeconds: 11 }', 'pace.pauseAbove.replicaLagSeconds', 10],
  ])('%s', (pace, path, usual) => {
    expect(mistakesOf(withPace(`pace:\n  ${pace}\n`, { store: REPLICAS }))).toEqual({
      mistakes: [
        expect.stringMatching(
          new RegExp(
            `^jobs/nightly.yaml:9:\\d+ ${path}: this is less gentle than the default of ${usual}, and no reason`,
          ),
        ),
      ],
      hints: ['Add pace.reason: who decided it, and why'],
    });
  });
});

describe('mistakes, all at once', () => {
  test('in what each value is', () => {
    const pace = `pace:
  writeMs: 0
  niceRatio: -1
  connections: 5
  windows: [22-05, '22:00-22:00']
  pauseAbove: { threadsRunning: 2.5, lag: 3, query: SELECT 1 }
  stopAbove: { query: { sql: '', above: many } }
  reasn: none
`;
    expect(mistakesOf(withPace(pace)).mistakes.map(one => one.split(': ')[0]?.split(' ')[1])).toEqual([
      'pace.writeMs',
      'pace.niceRatio',
      'pace.connections',
      'pace.windows[0]',
      'pace.windows[1]',
      'pace.pauseAbove.threadsRunning',
      'pace.pauseAbove.lag',
      'pace.pauseAbove.query',
      'pace.stopAbove.query.sql',
      'pace.stopAbove.query.above',
      'pace.reasn',
    ]);
  });

  test('in what it would stop above, and when it would run', () => {
    const pace = `pace:
  windows: ['22:00-02:00', '03:00-04:00']
  stopAbove: { threadsRunning: 25, replicaLagSeconds: 5 }
`;
    expect(mistakesOf(withPace(pace, { store: REPLICAS })).mistakes).toEqual([
      expect.stringContaining('pace.windows: the schedule begins runs outside 22:00-02:00 and 03:00-04:00'),
      expect.stringContaining('the run would stop above 25 before it pauses above 25'),
      expect.stringContaining('the run would stop above 5 before it pauses above 10'),
    ]);
  });

  test('a job that only reports needs no window for its runs', () => {
    const job = JOB.replace('mode: enforce', 'mode: report');
    expect(mistakesOf(withPace("pace: { windows: ['22:00-02:00'] }", { job })).mistakes).toEqual([]);
  });

  test('in watching what is not there', () => {
    expect(mistakesOf(withPace('pace: { pauseAbove: { replicaLagSeconds: 1 } }')).mistakes).toEqual([
      expect.stringContaining('pace.pauseAbove.replicaLagSeconds: no store of this job names a replica'),
    ]);
    expect(
      mistakesOf(withPace('pace: { stopAbove: { threadsRunning: 50 } }', { store: SQLITE })).mistakes,
    ).toEqual([expect.stringContaining('pace.stopAbove: no store of this job has a server to ask')]);
  });
});

describe('replicas', () => {
  test('are named by variables, never by URL', () => {
    const store = STORE.replace('datasets:', "replicas: ['mysql://u:hunter2@replica/d']\ndatasets:");
    const { mistakes, hints } = mistakesOf(withPace('', { store }));
    expect(mistakes).toEqual([expect.stringContaining('replicas[0]')]);
    expect(JSON.stringify([mistakes, hints])).not.toContain('hunter2');
  });

  test('are of servers alone', () => {
    const store = SQLITE.replace('datasets:', 'replicas: [{ env: R }]\ndatasets:');
    expect(mistakesOf(withPace('', { store })).mistakes).toEqual([
      expect.stringContaining('"replicas" is not a key here'),
    ]);
  });
});
