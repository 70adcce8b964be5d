// Starts the foreground load beside a run and gives what its events took: from the process's own file, once it has ended.
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

const PER_SECOND = 300;

export interface ForegroundInput {
  readonly url: string;
  readonly rows: number;
  readonly pivot: string;
  readonly perSecond: number;
  readonly out: string;
}

export interface ForegroundSamples {
  /** When each event was due, in epoch ms, and how long after that it was done. */
  readonly samples: readonly (readonly [atMs: number, latencyMs: number])[];
}

/** Begins the load, warmed up; the function that it gives ends it. */
export async function foregroundLoad(
  input: Omit<ForegroundInput, 'perSecond'>,
): Promise<() => Promise<ForegroundSamples>> {
  const all: ForegroundInput = { ...input, perSecond: PER_SECOND };
  const command = ['--import', 'tsx', 'scripts/bench/foreground.ts', JSON.stringify(all)];
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] });
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', kill);
  const ended = new Promise<number | null>(resolve => child.once('exit', resolve));
  await Promise.race([said(child), ended.then(code => broken(code))]);
  return async () => {
    child.kill('SIGTERM');
    const code = await ended;
    process.removeListener('exit', kill);
    if (code !== 0) broken(code);
    return JSON.parse(readFileSync(input.out, 'utf8')) as ForegroundSamples;
  };
}

function said(child: ChildProcess): Promise<void> {
  return new Promise(resolve => child.stdout?.once('data', () => resolve()));
}

function broken(code: number | null): never {
  throw new Error(`the foreground load ended with ${code}; what it said is above`);
}
