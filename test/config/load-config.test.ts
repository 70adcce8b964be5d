// Loading the folders whole: what is right becomes rules, what is wrong is reported all at once, each mistake at its
// file, line, column and path, in words that a person can act on.
import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import {
  type ConfigFolders,
  configFolders,
  HOLD,
  INSTRUCTION,
  JOB,
  LIMITS,
  mistakesOf,
  POLICY,
  RIGHT,
  STORE,
} from './config-folders.ts';

const made: ConfigFolders[] = [];

function folders(changes: Readonly<Record<string, string>>): ConfigFolders {
  const one = configFolders({ ...RIGHT, ...changes });
  made.push(one);
  return one;
}

afterEach(() => {
  for (const one of made.splice(0)) one.remove();
});

describe('what is right', () => {
  test('becomes rules', () => {
    const { policies, jobs } = folders({});
    const config = loadConfig(policies, jobs);
    expect(config.policySet.policies).toMatchObject([{ id: 'cdr', period: { kind: 'calendar', years: 2 } }]);
    expect(config.policySet.limits).toMatchObject([{ id: 'us-cdr', jurisdiction: 'US', kind: 'floor' }]);
    expect(config.policySet.instructions).toMatchObject([
      { id: 'I-1', scope: 'account', customer: 'C1', fromMs: Date.UTC(2025, 0, 31), untilMs: null },
    ]);
    expect(config.jobs).toMatchObject([
      { name: 'nightly', classes: null, limits: { records: 100_000, percent: 10 }, planValidMs: 86_400_000 },
    ]);
    expect(config.stores).toMatchObject([
      { name: 'telecom', datasets: [{ name: 'cdr', mapsCustomer: false }] },
    ]);
  });

  test('a hold covers both of its days, in every zone on Earth, and a release counts from the end of its day', () => {
    const released = `${HOLD}released: { by: Legal, on: 2026-03-01, reason: Over }\n`;
    const { policies, jobs } = folders({ 'policies/holds/h-1.yaml': released });
    const [hold] = loadConfig(policies, jobs).policySet.holds;
    expect(hold?.scope.fromMs).toBe(Date.parse('2024-01-01T00:00:00+14:00'));
    expect(hold?.scope.untilMs).toBeGreaterThanOrEqual(Date.parse('2025-01-01T00:00:00-12:00'));
    expect(hold?.releasedAtMs).toBe(Date.parse('2026-03-02T00:00:00Z'));
  });

  test('has a digest that changes with any rule, and with nothing else', () => {
    const digest = (changes: Record<string, string>): string => {
      const { policies, jobs } = folders(changes);
      return loadConfig(policies, jobs).policySet.digest;
    };
    const plain = digest({});
    expect(plain).toMatch(/^[0-9a-f]{64}$/);
    expect(digest({ 'policies/cdr.yaml': `# a comment\n${POLICY}` })).toBe(plain);
    expect(digest({ 'policies/cdr.yaml': POLICY.replace('P2Y', 'P24M') })).not.toBe(plain);
    expect(digest({ 'policies/holds/h-1.yaml': HOLD.replace('C1', 'C2') })).not.toBe(plain);
  });
});

/** One mistake or more in each file; every shape wrong in its own way. */
const SHAPES: Readonly<Record<string, string>> = {
  'policies/a-unknown-key.yaml': POLICY.replace('title:', 'titel:'),
  'policies/b-zero.yaml': POLICY.replace('P2Y', '0'),
  'policies/c-no-time.yaml': POLICY.replace('P2Y', 'P0D'),
  'policies/d-minus.yaml': POLICY.replace('P2Y', '-1'),
  'policies/e-empty.yaml': POLICY.replace('P2Y', "''"),
  'policies/f-twice.yaml': POLICY.replace('zone:', 'bound: at-least\nzone:'),
  'policies/g-indented.yaml': POLICY.replace('start:', '  start:'),
  'policies/h-enum.yaml': POLICY.replace('purge', 'delete').replace('at-most', 'max'),
  'policies/i-missing.yaml': POLICY.replace('owner: DPO\n', '').replace('  passage: A passage\n', ''),
  'policies/j-zone.yaml': POLICY.replace('Europe/London', 'Europe/Lundon'),
  'policies/k-blank.yaml': '# nothing yet\n',
  'policies/limits/us.yaml': LIMITS.replace('jurisdiction: US', 'jurisdiction: USA').replace(
    'P18M',
    'forever',
  ),
  'policies/instructions/i-1.yaml': INSTRUCTION.replace('2025-01-31', '2025-02-31'),
  'policies/holds/h-1.yaml': HOLD.replace('[C1]', '[]').replace('kind: legal', 'kind: 7'),
  'jobs/nightly.yaml': `${JOB}limits: { percent: 200, records: 0 }\nbatch: 1.5\n`.replace('all', '3'),
  'jobs/stores/telecom.yaml': STORE.replace(
    '{ env: RETENTION_TELECOM_URL }',
    "'mysql://root:hunter2@db/telecom'",
  ).replace('class: cdr', 'class: { column: type, value: {} }'),
  'jobs/stores/other.yaml': STORE.replace('RETENTION_TELECOM_URL', 'mysql://root:hunter2@db/x'),
  'jobs/stores/third.yaml': STORE.replace('mysql', 'mongo'),
};

test('every mistake of shape is reported at once, at its place', () => {
  const { mistakes, hints } = mistakesOf(folders(SHAPES));
  expect(mistakes).toEqual([
    'jobs/nightly.yaml:3:1 policies: 3 does not fit here',
    'jobs/nightly.yaml:8:11 limits.percent: 200 is too much',
    'jobs/nightly.yaml:8:25 limits.records: 0 is too small',
    'jobs/nightly.yaml:9:1 batch: this must be a whole number',
    'jobs/stores/other.yaml:3:8 url.env: this does not name an environment variable',
    'jobs/stores/telecom.yaml:3:1 url: this must be a group of keys',
    'jobs/stores/telecom.yaml:8:5 datasets[0].class.values: "values" is missing',
    'jobs/stores/telecom.yaml:8:28 datasets[0].class.value: "value" is not a key here',
    'jobs/stores/third.yaml:2:1 kind: "mongo" is not one of the values allowed here',
    'policies/a-unknown-key.yaml:1:1 title: "title" is missing',
    'policies/a-unknown-key.yaml:3:1 titel: "titel" is not a key here',
    'policies/b-zero.yaml:4:1 period: this must be a text',
    'policies/c-no-time.yaml:4:1 period: "P0D" is no time at all',
    'policies/d-minus.yaml:4:1 period: this must be a text',
    'policies/e-empty.yaml:4:1 period: "" is not a retention period',
    'policies/f-twice.yaml:7:1 : this key stands here twice',
    'policies/g-indented.yaml:4:9 : this is indented wrongly, or holds a colon that needs quotes',
    'policies/h-enum.yaml:6:1 bound: "max" is not one of the values allowed here',
    'policies/h-enum.yaml:8:1 disposition: "delete" is not one of the values allowed here',
    'policies/holds/h-1.yaml:2:1 kind: 7 is not one of the values allowed here',
    'policies/holds/h-1.yaml:8:3 scope.customers: this list is empty',
    'policies/i-missing.yaml:1:1 owner: "owner" is missing',
    'policies/i-missing.yaml:9:1 authority.passage: "passage" is missing',
    'policies/instructions/i-1.yaml:5:1 from: "2025-02-31" is not a day',
    'policies/j-zone.yaml:7:1 zone: "Europe/Lundon" is not a time zone',
    'policies/k-blank.yaml:1:1 : this file is empty',
    'policies/limits/us.yaml:1:1 jurisdiction: "USA" is not a jurisdiction',
    'policies/limits/us.yaml:7:5 limits[0].period: "forever" has no end',
  ]);
  expect(hints.every(hint => /^[A-Z].{8}/.test(hint))).toBe(true);
});

test('a hint says what to write instead', () => {
  const { mistakes, hints } = mistakesOf(folders(SHAPES));
  const hintAt = (place: string): string | undefined =>
    hints[mistakes.findIndex(one => one.startsWith(place))];
  for (const sentinel of ['b-zero', 'c-no-time', 'd-minus', 'e-empty'])
    expect(hintAt(`policies/${sentinel}`)).toContain('P30D, P24M or P7Y');
  expect(hintAt('policies/h-enum.yaml:8')).toBe('Write purge, flag or anonymise');
  expect(hintAt('policies/i-missing.yaml:1')).toBe('Add it: a text');
  expect(hintAt('jobs/nightly.yaml:3')).toBe('Write all or a list');
  expect(hintAt('jobs/stores/third.yaml')).toBe('Write mysql, sqlite or filesystem');
  expect(hintAt('jobs/stores/telecom.yaml:3')).toContain('{ env: RETENTION_TELECOM_URL }');
});

test('a password written where a reference belongs is never repeated', () => {
  expect(JSON.stringify(mistakesOf(folders(SHAPES)))).not.toContain('hunter2');
});

test.each([
  ['a tab', 'a:\n\tb: 1\n', '2:1 : this is indented with a tab: YAML takes spaces alone'],
  [
    'two documents',
    `${POLICY}---\n${POLICY}`,
    '13:1 : a second document begins here, and one file holds one',
  ],
  ['an open quote', POLICY.replace('A law', "'A law").replace('A policy', "'A policy"), expect.any(String)],
  [
    'a colon',
    POLICY.replace('Call detail', 'Call: detail'),
    '3:8 : this is indented wrongly, or holds a colon that needs quotes',
  ],
])('YAML with %s is reported once, at its place', (_, text, expected) => {
  const { mistakes, hints } = mistakesOf(folders({ 'policies/cdr.yaml': text }));
  expect(mistakes.map(one => one.replace('policies/cdr.yaml:', ''))).toEqual([expected]);
  expect(hints).toEqual(['Mend the YAML here first: nothing below it was read']);
});

describe('folders', () => {
  test('that are not there are named', () => {
    const one = folders({});
    rmSync(one.jobs, { recursive: true });
    const { mistakes, hints } = mistakesOf(one);
    expect(mistakes).toEqual(['jobs:1:1 : there is no folder of jobs here']);
    expect(hints[0]).toContain('RETENTION_JOBS');
  });

  test('that cannot be read are named: they may hold holds', () => {
    const one = folders({});
    rmSync(join(one.policies, 'holds'), { recursive: true });
    expect(mistakesOf(one).mistakes).toEqual([]);
    writeFileSync(join(one.policies, 'holds'), 'not a folder');
    expect(mistakesOf(one).mistakes).toEqual([
      expect.stringMatching(/^policies\/holds:1:1 : it cannot be read: /),
    ]);
  });

  test('have no file that nobody reads, whatever its ending', () => {
    const one = folders({
      'policies/cdr.yaml.bak': POLICY,
      'policies/case-9.json': '{}',
      'policies/holds/case-2.yaml.txt': HOLD,
      'policies/holds/case-3.ymal': HOLD,
      'policies/holds/case-4': HOLD,
      'policies/holds/.case-5': HOLD,
      'policies/limits/us.yam': LIMITS,
      'policies/instructions/i-2.yaml~': INSTRUCTION,
      'jobs/nightly.yaml.old': JOB,
      'jobs/stores/telecom.txt': STORE,
      'jobs/stores/deeper/telecom.yaml': STORE,
    });
    const { mistakes, hints } = mistakesOf(one);
    const unread = 'nobody follows this file: only files that end in .yaml or .yml are read here';
    expect(mistakes).toEqual([
      `jobs/nightly.yaml.old:1:1 : ${unread}`,
      'jobs/stores/deeper:1:1 : "deeper" is not a folder of stores',
      `jobs/stores/telecom.txt:1:1 : ${unread}`,
      `policies/case-9.json:1:1 : ${unread}`,
      `policies/cdr.yaml.bak:1:1 : ${unread}`,
      `policies/holds/.case-5:1:1 : ${unread}`,
      `policies/holds/case-2.yaml.txt:1:1 : ${unread}`,
      `policies/holds/case-3.ymal:1:1 : ${unread}`,
      `policies/holds/case-4:1:1 : ${unread}`,
      `policies/instructions/i-2.yaml~:1:1 : ${unread}`,
      `policies/limits/us.yam:1:1 : ${unread}`,
    ]);
    expect(hints).toContain('Let its name end in .yaml, or move it elsewhere');
  });

  test('may have what is plainly no order, and what Kubernetes links its files to', () => {
    const one = folders({
      'policies/README.md': 'Read me',
      'policies/holds/README.txt': 'Read me',
      'policies/holds/.gitkeep': '',
      'policies/holds/.h-1.yaml.swp': 'an editor has it open',
      'policies/holds/..2026_11_28/h-2.yaml': HOLD.replace('H-1', 'H-2'),
      'jobs/kubernetes/Makefile': 'all:',
      'policies/schema/policy.schema.json': '{}',
    });
    symlinkSync('..2026_11_28', join(one.policies, 'holds', '..data'));
    symlinkSync(join('..data', 'h-2.yaml'), join(one.policies, 'holds', 'h-2.yaml'));
    // An editor's mark of who has a file open: a link that leads nowhere.
    symlinkSync('someone@host.1234', join(one.policies, 'holds', '.#h-1.yaml'));
    expect(mistakesOf(one).mistakes).toEqual([]);
    expect(loadConfig(one.policies, one.jobs).policySet.holds.map(hold => hold.id)).toEqual(['H-1', 'H-2']);
  });

  test('that a link leads to are looked at as folders', () => {
    const one = folders({ 'elsewhere/h-2.yaml': HOLD.replace('H-1', 'H-2') });
    symlinkSync(join(one.root, 'elsewhere'), join(one.policies, 'holdz'));
    expect(mistakesOf(one).mistakes).toEqual(['policies/holdz:1:1 : "holdz" is not a folder of policies']);
  });

  test('files with any spelling of their ending are read', () => {
    const one = folders({ 'policies/holds/h-2.YML': HOLD.replace('H-1', 'H-2') });
    expect(loadConfig(one.policies, one.jobs).policySet.holds.map(hold => hold.id)).toEqual(['H-1', 'H-2']);
  });
});
