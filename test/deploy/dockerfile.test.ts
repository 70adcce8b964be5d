// Reads the Dockerfile as a builder would and holds it to what the image promises: it copies only what is there and
// not ignored, carries no development package, and does not run as root. No builder is needed.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const repo = join(import.meta.dirname, '..', '..');
const dockerfile = readFileSync(join(repo, 'Dockerfile'), 'utf8');
const ignore = readFileSync(join(repo, '.dockerignore'), 'utf8');

type Instruction = { word: string; rest: string };
type Stage = { from: string; name: string; instructions: Instruction[] };

describe('the Dockerfile', () => {
  test('keeps every rule', () => {
    expect(faults(dockerfile, ignore, path => existsSync(join(repo, path)))).toEqual([]);
  });

  test('copies what the program needs to run', () => {
    const copied = lastStage(stages(dockerfile)).instructions.filter(({ word }) => word === 'COPY');
    expect(copied.flatMap(({ rest }) => copy(rest).sources)).toEqual(
      expect.arrayContaining(['package.json', '/app/node_modules', '/app/dist', 'policies', 'jobs']),
    );
  });

  test('names no registry', () => {
    const images = stages(dockerfile).map(({ from }) => from);
    expect(images).toEqual(['node:22-bookworm-slim', 'node:22-bookworm-slim', 'node:22-bookworm-slim']);
    expect(dockerfile).not.toMatch(/https?:\/\/|registry/);
  });
});

describe('each rule can fail', () => {
  const good = [
    'FROM node:22 AS build',
    'RUN npm ci && npm run build',
    'FROM node:22 AS dependencies',
    'RUN npm ci --omit=dev',
    'FROM node:22',
    'COPY --from=dependencies /app/node_modules ./node_modules',
    'COPY package.json ./',
    'USER node',
    'ENTRYPOINT ["node", "dist/main.js"]',
  ].join('\n');
  const check = (text: string, ignored = '') => faults(text, ignored, path => path === 'package.json');

  test('the good one passes', () => {
    expect(check(good)).toEqual([]);
  });

  test.each([
    [
      'a missing source',
      'COPY package.json',
      'COPY package.json gone.json',
      'COPY gone.json: not in the repository',
    ],
    [
      'a missing source in an early stage',
      'RUN npm ci &&',
      'COPY gone ./\nRUN npm ci &&',
      'COPY gone: not in the repository',
    ],
    [
      'a missing source after a flag',
      'COPY package.json',
      'COPY --chown=node gone',
      'COPY gone: not in the repository',
    ],
    [
      'a missing source in the JSON form',
      'COPY package.json ./',
      'COPY ["gone", "./"]',
      'COPY gone: not in the repository',
    ],
    ['an unknown stage', '--from=dependencies', '--from=dependency', 'COPY --from=dependency: no such stage'],
    ['no user', 'USER node\n', '', 'the final stage runs as root'],
    ['root by name', 'USER node', 'USER root', 'the final stage runs as root'],
    ['root by number', 'USER node', 'USER 0:0', 'the final stage runs as root'],
    ['root again', 'USER node', 'USER node\nUSER root', 'the final stage runs as root'],
    [
      'shell form',
      'ENTRYPOINT ["node", "dist/main.js"]',
      'ENTRYPOINT node dist/main.js',
      'ENTRYPOINT is not in exec form',
    ],
    ['no entrypoint', 'ENTRYPOINT ["node", "dist/main.js"]', '', 'ENTRYPOINT is not in exec form'],
    ['development packages', 'USER node', 'RUN npm ci\nUSER node', 'development packages: npm ci'],
    [
      'development packages, on two lines',
      'USER node',
      'RUN true && \\\n  npm install\nUSER node',
      'development packages: npm install',
    ],
    [
      'development packages of another stage',
      '--from=dependencies',
      '--from=build',
      'development packages: npm ci',
    ],
    ['a final stage made from the build', 'FROM node:22\n', 'FROM build\n', 'development packages: npm ci'],
  ])('%s', (_what, from, to, expected) => {
    expect(good).toContain(from);
    expect(check(good.replace(from, to))).toContain(expected);
  });

  test('an ignored source', () => {
    expect(check(good, '*.json')).toEqual(['COPY package.json: excluded by .dockerignore']);
    expect(check(good, '*\n!package.json')).toEqual([]);
  });
});

describe('.dockerignore', () => {
  test.each([
    '.git/config',
    '.env',
    'node_modules/zod/index.js',
    'dist/main.js',
    'ledger.db',
    'test/x.test.ts',
  ])('keeps %s out', path => {
    expect(isIgnored(path, ignore)).toBe(true);
  });

  test.each([
    'jobs/kubernetes/cronjob-nightly.yaml',
    'policies/.env',
    'jobs/ledger.db',
    'jobs/ledger.db-wal',
    'src/.env',
  ])('keeps %s out of a folder that is copied', path => {
    expect(isIgnored(path, ignore)).toBe(true);
  });

  test.each([
    'package.json',
    'src/main.ts',
    'policies/holds/x.yaml',
    'jobs/nightly.yaml',
    'jobs/stores/telecom.yaml',
  ])('lets %s in', path => {
    expect(isIgnored(path, ignore)).toBe(false);
  });
});

function faults(text: string, ignored: string, exists: (path: string) => boolean): string[] {
  const all = stages(text);
  const last = lastStage(all);
  const found = all.flatMap(stage => copyFaults(stage, all, ignored, exists));
  const user = last.instructions.findLast(({ word }) => word === 'USER')?.rest ?? 'root';
  if (/^(root|0)(:|$)/.test(user)) found.push('the final stage runs as root');
  const entrypoint = last.instructions.findLast(({ word }) => word === 'ENTRYPOINT')?.rest ?? '';
  if (jsonList(entrypoint) === undefined) found.push('ENTRYPOINT is not in exec form');
  return [...found, ...installsDevelopment(last, all).map(command => `development packages: ${command}`)];
}

function copyFaults(
  stage: Stage,
  all: Stage[],
  ignored: string,
  exists: (path: string) => boolean,
): string[] {
  return stage.instructions
    .filter(({ word }) => word === 'COPY' || word === 'ADD')
    .flatMap(({ word, rest }) => {
      const { from, sources } = copy(rest);
      if (from !== undefined)
        return all.some(({ name }) => name === from) ? [] : [`${word} --from=${from}: no such stage`];
      return sources.flatMap(source => {
        if (!exists(source)) return [`${word} ${source}: not in the repository`];
        return isIgnored(source, ignored) ? [`${word} ${source}: excluded by .dockerignore`] : [];
      });
    });
}

// The stage's own installs, and those of the stages it is made from or takes its node_modules from.
function installsDevelopment(stage: Stage, all: Stage[]): string[] {
  const parents = stage.instructions
    .filter(({ word }) => word === 'COPY')
    .map(({ rest }) => copy(rest))
    .filter(({ sources }) => sources.some(source => source.includes('node_modules')))
    .map(({ from }) => from);
  const inherited = all.filter(({ name }) => name !== '' && (name === stage.from || parents.includes(name)));
  const own = stage.instructions
    .filter(({ word }) => word === 'RUN')
    .flatMap(({ rest }) => rest.split(/&&|;|\|\|/))
    .map(command => command.replace(/^\s*(--\S+\s+)*/, '').trim())
    .filter(command => /^npm (ci|i|install|add)\b/.test(command) && !/--omit[= ]dev\b/.test(command));
  return [...own, ...inherited.flatMap(parent => installsDevelopment(parent, all))];
}

function stages(text: string): Stage[] {
  const found: Stage[] = [];
  for (const { word, rest } of instructions(text)) {
    const [, from = '', name = ''] = /^(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?$/i.exec(rest) ?? [];
    if (word === 'FROM') found.push({ from, name, instructions: [] });
    else found.at(-1)?.instructions.push({ word, rest });
  }
  return found;
}

function lastStage(all: Stage[]): Stage {
  const last = all.at(-1);
  if (last === undefined) throw new Error('a Dockerfile without FROM');
  return last;
}

function instructions(text: string): Instruction[] {
  const lines = text.split('\n').filter(line => !/^\s*#/.test(line));
  return lines
    .join('\n')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter(line => line.trim() !== '')
    .map(line => {
      const [, word = '', rest = ''] = /^\s*(\S+)\s*(.*)$/.exec(line) ?? [];
      return { word: word.toUpperCase(), rest: rest.trim() };
    });
}

function copy(rest: string): { from: string | undefined; sources: string[] } {
  const from = /(?:^|\s)--from=(\S+)/.exec(rest)?.[1];
  const paths = rest.replace(/^(--\S+\s+)*/, '');
  return { from, sources: (jsonList(paths) ?? paths.split(/\s+/)).slice(0, -1) };
}

function jsonList(text: string): string[] | undefined {
  if (!text.startsWith('[')) return undefined;
  const list: unknown = JSON.parse(text);
  return Array.isArray(list) && list.every(item => typeof item === 'string') ? list : undefined;
}

// The last pattern that matches the path, or a folder it lies in, decides; `!` lets in again.
function isIgnored(path: string, ignored: string): boolean {
  const parts = path.replace(/^\.?\//, '').split('/');
  const paths = parts.map((_, index) => parts.slice(0, index + 1).join('/'));
  let result = false;
  for (const line of ignored.split('\n').map(text => text.trim())) {
    if (line === '' || line.startsWith('#')) continue;
    const pattern = glob(line.replace(/^!/, ''));
    if (paths.some(candidate => pattern.test(candidate))) result = !line.startsWith('!');
  }
  return result;
}

function glob(pattern: string): RegExp {
  const source = pattern
    .replace(/^\/|\/$/g, '')
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(
      /\*\*\/|\*\*|\*|\?/g,
      token => ({ '**/': '(?:.*/)?', '**': '.*', '*': '[^/]*', '?': '[^/]' })[token] ?? token,
    );
  return new RegExp(`^${source}$`);
}
