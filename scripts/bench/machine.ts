// What machine and which versions the figures are of: without them a figure says nothing.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { findServer } from '../../test/support/server-program.ts';
import { hasPtArchiver } from './ensure-pt-archiver.ts';
import type { Machine } from './result.ts';

export function thisMachine(): Machine {
  const processors = cpus();
  return {
    cores: processors.length,
    processor: processors[0]?.model.trim() ?? 'unknown',
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    loadAtStart: loadavg()[0] ?? 0,
  };
}

/** Versions of everything that takes part. */
export function versions(): Readonly<Record<string, string>> {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  return {
    retention: version,
    node: process.version,
    server: findServer('mariadb')?.version ?? 'none',
    ...(hasPtArchiver() ? { 'pt-archiver': firstLine('pt-archiver', '--version') } : {}),
  };
}

function firstLine(program: string, ...options: readonly string[]): string {
  return execFileSync(program, options, { encoding: 'utf8' }).trim().split('\n')[0] ?? '';
}
