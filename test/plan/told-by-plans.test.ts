// What a plan tells besides what is due: keys that look as if they were about people and are not hashed, children that have
// come back without their record, rows whose key is NULL.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { idIn } from '../support/cli.ts';
import { daysAgo, nightlyJob, policy, type SmallTelecom, smallTelecom } from '../support/small-telecom.ts';

let telecom: SmallTelecom;
beforeEach(async () => {
  telecom = await smallTelecom({ kind: 'sqlite' });
});
afterEach(() => telecom.drop());

const start = { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' };

interface Told {
  readonly code: string;
  readonly count: number;
  readonly message: string;
  readonly samples: string[];
}

async function findings(...args: string[]): Promise<readonly Told[]> {
  const made = await telecom.cli(
    ...(args.length === 0 ? ['plan', 'nightly'] : args),
    '--format',
    'json',
    '--quiet',
  );
  expect(made.code, made.stderr).toBe(0);
  const { parts } = JSON.parse(made.stdout) as { parts: { findings: Told[] }[] };
  return parts.flatMap(part => part.findings);
}

describe('keys that look like data about people', () => {
  const people = { dataset: 'people', table: 'people', key: ['email'], class: 'call-detail-record', start };

  test('are told by every plan, unless they are hashed', async () => {
    await telecom.database.raw('CREATE TABLE people (email TEXT NOT NULL PRIMARY KEY, at TEXT)');
    telecom.map([people]);
    const [told] = (await findings()).filter(({ code }) => code === 'personal-keys');
    expect(told?.message).toContain('its key holds "email"');
    expect(told?.message).toContain('keysPersonal: true');
    telecom.map([{ ...people, keysPersonal: true }]);
    expect((await findings()).filter(({ code }) => code === 'personal-keys')).toEqual([]);
  });

  const byDay = { event: 'recorded', column: 'start', unit: 'text', format: 'yyyy-MM-dd', zone: 'UTC' };
  const mapFiles = (more: object): void => {
    const root = { store: 'audio', kind: 'filesystem', root: `${telecom.folder}/audio`, canary: '.canary' };
    const dataset = { dataset: 'voice', folder: '', class: 'call-recording', start: byDay, ...more };
    telecom.map([{ dataset: 'calls', table: 'cdr', key: ['id'], class: 'call-detail-record', start }]);
    telecom.write('jobs/stores/audio.yaml', { ...root, datasets: [dataset] });
    telecom.write('jobs/nightly.yaml', nightlyJob({ policies: ['call-recording'], stores: ['audio'] }));
  };

  test.each([
    ['a telephone number', '2020-01-01-out-+447700900121-101.wav', 1],
    ['an address', '2020-01-01-jane.doe@example.com.wav', 1],
    ['a day, a moment and seconds since 1970', '2020-01-01-20200101-20200101120000-1577836800.wav', 0],
  ])('are told of files in whose names there is %s', async (_, name, count) => {
    telecom.write(`audio/${name}`, 'voice');
    mapFiles({ pattern: '(?<start>\\d{4}-\\d{2}-\\d{2})-.*' });
    const told = (await findings()).filter(({ code }) => code === 'personal-keys');
    expect(told.map(one => one.count)).toEqual(count === 0 ? [] : [count]);
    expect(JSON.stringify(told.map(one => [one.message, one.samples]))).not.toContain(name);
    mapFiles({ pattern: '(?<start>\\d{4}-\\d{2}-\\d{2})-.*', keysPersonal: true });
    expect((await findings()).filter(({ code }) => code === 'personal-keys')).toEqual([]);
  });

  test('are told of files whose pattern names a number', async () => {
    mapFiles({ pattern: '(?<caller>[^/]+)/(?<start>\\d{4}-\\d{2}-\\d{2})-.*', numbers: ['caller'] });
    expect((await findings()).find(({ code }) => code === 'personal-keys')?.message).toContain('"caller"');
  });
});

describe('children that come back without their record', () => {
  const calls = { dataset: 'calls', table: 'cdr', key: ['id'], class: 'call-detail-record', start };

  test.each([false, true])(
    'are counted by a replay, or told not to be looked for (keys hashed: %s)',
    async keysPersonal => {
      await telecom.database.raw('CREATE TABLE legs (id INTEGER PRIMARY KEY, call INTEGER, kind TEXT)');
      telecom.map([
        { ...calls, keysPersonal, children: [{ table: 'legs', on: { call: 'id' }, where: { kind: 'a' } }] },
      ]);
      await telecom.database('cdr').insert([1, 2, 3].map(id => ({ id, at: daysAgo(id === 3 ? 2 : 90) })));
      const legs = [1, 2, 3].map(call => ({ call, kind: 'a' }));
      await telecom.database('legs').insert(legs);
      const run = await telecom.cli('run', 'nightly', '--quiet');
      expect(run.code, run.stderr).toBe(0);
      expect(await telecom.database('legs').pluck('call')).toEqual([3]);
      await telecom.database('legs').insert([...legs.slice(0, 2), { call: 1, kind: 'b' }]);
      const told = (await findings('replay', idIn(run.stdout, 'run'))).filter(({ code }) =>
        code.startsWith('children'),
      );
      expect(told.map(({ code, count }) => [code, count])).toEqual([
        keysPersonal ? ['children-not-sought', 0] : ['children-alone', 2],
      ]);
      expect(told[0]?.message).toContain('"legs"');
    },
  );
});

describe('rows whose key is NULL', () => {
  test.each([
    ['id TEXT PRIMARY KEY', ['id'], [{ id: null }, { id: null }, { id: 'a' }]],
    ['id INT PRIMARY KEY', ['id'], [{ id: null }, { id: 7 }]],
    [
      'id TEXT, part TEXT, PRIMARY KEY (id, part)',
      ['id', 'part'],
      [
        { id: 'a', part: null },
        { id: null, part: 'b' },
        { id: 'a', part: 'b' },
      ],
    ],
  ])('are counted, stay, and are never told as gone (%s)', async (columns, key, rows) => {
    await telecom.database.raw(`CREATE TABLE keyed (at TEXT, ${columns})`);
    await telecom.database('keyed').insert(rows.map(row => ({ ...row, at: daysAgo(90) })));
    telecom.map([{ dataset: 'keyed', table: 'keyed', key, class: 'call-detail-record', start }]);
    const nulls = rows.filter(row => Object.values(row).includes(null)).length;
    const [told] = (await findings()).filter(({ code }) => code === 'null-key');
    expect(told?.count).toBe(nulls);
    for (const planned of [1, 0]) {
      const run = await telecom.cli('run', 'nightly', '--quiet', '--format', 'json');
      expect(run.code, run.stderr).toBe(0);
      expect(run.stdout).not.toContain('"gone"');
      expect(run.stdout.includes('"purged": 1')).toBe(planned === 1);
    }
    expect(await telecom.database('keyed')).toHaveLength(nulls);
  });

  test('are no matter where a key cannot be NULL', async () => {
    await telecom.database.raw('CREATE TABLE keyed (id INTEGER PRIMARY KEY, at TEXT)');
    telecom.map([{ dataset: 'keyed', table: 'keyed', key: ['id'], class: 'call-detail-record', start }]);
    await telecom.database('keyed').insert({ id: 1, at: daysAgo(90) });
    expect((await findings()).filter(({ code }) => code === 'null-key')).toEqual([]);
    telecom.write('policies/call-detail-record.yaml', policy('call-detail-record', 'P31D', {}));
    expect((await telecom.cli('run', 'nightly', '--quiet')).code).toBe(0);
    expect(await telecom.database('keyed')).toEqual([]);
  });
});
