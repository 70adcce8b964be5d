// What the commands print: help with examples, formats that programs can read, no colours where none are wanted, and on
// standard error one JSON value a line, or nothing.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { idIn } from '../support/cli.ts';
import { addCalls, daysAgo, type SmallTelecom, smallTelecom } from '../support/small-telecom.ts';

let telecom: SmallTelecom;
let plan: string;
let run: string;

beforeAll(async () => {
  telecom = await smallTelecom({ kind: 'sqlite' });
  await addCalls(telecom, 30, 10);
  await telecom.database('prospects').insert({ phone: '+442079460123', at: daysAgo(90), name: 'A, "B"' });
  await telecom.cli(
    'hold',
    'place',
    '--id',
    'case-1',
    '--matter',
    '=1+1, "x"',
    '--reason',
    'R',
    '--customer',
    '1003',
    '--class',
    'call-detail-record',
  );
  plan = idIn((await telecom.cli('plan', 'nightly')).stdout, 'plan');
  run = idIn((await telecom.cli('enforce', plan)).stdout, 'run');
});

afterAll(() => telecom.drop());

test.each([
  [''],
  ['validate'],
  ['doctor'],
  ['orphans'],
  ['plan'],
  ['enforce'],
  ['run'],
  ['replay'],
  ['rehearse'],
  ['explain'],
  ['report'],
  ['hold place'],
  ['hold release'],
  ['hold list'],
  ['audit verify'],
  ['worker'],
])('%s --help ends with examples, or with the exit codes', async name => {
  const command = name === '' ? [] : name.split(' ');
  const { code, stdout, stderr } = await telecom.cli(...command, '--help');
  expect(code, stderr).toBe(0);
  if (command.length === 0) expect(stdout).toMatch(/Exit codes:\n {2}0 {2}done[\s\S]*\n {2}5 /);
  else expect(stdout).toMatch(new RegExp(`Examples:\\n {2}retention ${name}`));
});

describe('formats that programs read', () => {
  const commands = (): [string, string[]][] => [
    ['plan', ['plan', 'nightly']],
    ['report of a plan', ['report', plan]],
    ['report of a run', ['report', run]],
    ['replay', ['replay', run]],
    ['explain what stays', ['explain', 'telecom', 'calls', '4']],
    ['explain what went', ['explain', 'telecom', 'calls', '1']],
    ['explain a personal key', ['explain', 'telecom', 'prospects', '+442079460123']],
    ['hold list', ['hold', 'list']],
    ['audit verify', ['audit', 'verify']],
  ];

  test('JSON parses', async () => {
    for (const [name, args] of commands()) {
      const { code, stdout } = await telecom.cli(...args, '--format', 'json');
      expect(code, name).toBe(0);
      expect(JSON.parse(stdout), name).toBeTypeOf('object');
    }
    const report = JSON.parse((await telecom.cli('report', run, '--format', 'json')).stdout);
    expect(report).toMatchObject({
      dryRun: false,
      state: 'done',
      counts: { purged: 27, anonymised: 1, failed: 0 },
    });
    const planned = JSON.parse((await telecom.cli('report', plan, '--format', 'json')).stdout);
    expect(planned).toMatchObject({ dryRun: true, id: plan });
    const gone = JSON.parse(
      (await telecom.cli('explain', 'telecom', 'calls', '1', '--format', 'json')).stdout,
    );
    expect(gone).toMatchObject({ exists: false, history: [{ did: 'purged', run, plan }] });
  });

  test('CSV is a table: as many cells in each line as in its heading, and no cell that is a formula', async () => {
    for (const [name, args] of commands()) {
      const { stdout } = await telecom.cli(...args, '--format', 'csv');
      expect(stdout.endsWith('\r\n'), name).toBe(true);
      const lines = readCsv(stdout);
      expect(lines.length, name).toBeGreaterThan(1);
      for (const cells of lines) {
        expect(cells, name).toHaveLength(lines[0]?.length ?? 0);
        for (const cell of cells) expect(cell).not.toMatch(/^[=+@]/);
      }
    }
    const holds = readCsv((await telecom.cli('hold', 'list', '--format', 'csv')).stdout);
    expect(holds[1]).toContain('\'=1+1, "x"');
  });

  test('run prints one document', async () => {
    const { code, stdout } = await telecom.cli('run', 'nightly', '--format', 'json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ dryRun: false, job: 'nightly' });
  });
});

test('colours only where they are wanted', () => {
  const colourful = { ...process.env, ...telecom.env, FORCE_COLOR: '1', NO_COLOR: '' };
  const print = (env: NodeJS.ProcessEnv): string =>
    spawnSync(process.execPath, ['dist/main.js', 'report', plan], { env, encoding: 'utf8' }).stdout;
  const escapeCode = String.fromCharCode(27);
  expect(print(colourful)).toContain(`${escapeCode}[`);
  const { FORCE_COLOR: _, ...plain } = colourful;
  expect(print({ ...plain, NO_COLOR: '1' })).not.toContain(escapeCode);
});

test('whoever stops reading a report does not stop the program', async () => {
  const program = spawn(process.execPath, ['dist/main.js', 'report', plan], {
    env: { ...process.env, ...telecom.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  program.stdout.destroy();
  let said = '';
  program.stderr.on('data', chunk => {
    said += String(chunk);
  });
  const [code] = await once(program, 'close');
  expect({ code, said }).toEqual({ code: 0, said: '' });
});

test('standard error without a terminal: one JSON value a line, without values of records', async () => {
  await addCalls(telecom, 5, 0);
  const { stderr, stdout } = await telecom.cli('run', 'nightly');
  const lines = stderr
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as { message: string; level: string });
  expect(lines.map(line => line.message)).toEqual([
    'plan started',
    'plan made',
    'run started',
    'batch done',
    'run ended',
  ]);
  expect(lines.every(line => line.level === 'info')).toBe(true);
  expect(stderr + stdout).not.toContain('2079460123');
});

test('--quiet silences it, wherever it stands on the line', async () => {
  expect((await telecom.cli('run', 'nightly', '--quiet')).stderr).toBe('');
  expect((await telecom.cli('--quiet', 'run', 'nightly')).stderr).toBe('');
});

/** CSV as RFC 4180 has it. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  const cell = /("(?:[^"]|"")*"|[^,\r\n"]*)(,|\r\n)/gy;
  let read = 0;
  for (let match = cell.exec(text); match !== null; match = cell.exec(text)) {
    const [, value = '', end] = match;
    rows.at(-1)?.push(value.startsWith('"') ? value.slice(1, -1).replaceAll('""', '"') : value);
    read = cell.lastIndex;
    if (read === text.length) break;
    if (end === '\r\n') rows.push([]);
  }
  expect(read, 'all of it is CSV').toBe(text.length);
  return rows;
}
