// Runs the program as people and schedulers do: as a process of its own, built first.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Most memory that the process had resident, in MB, as Linux counts it; null elsewhere. */
  readonly peakMb: number | null;
}

export type Env = Readonly<Record<string, string>>;

/** Starts the command line; `onStart` gets the process, to signal or kill it, and what it has said so far. */
export function retention(
  args: readonly string[],
  env: Env,
  onStart?: (pid: number, said: () => string) => void,
): Promise<Finished> {
  const program = 'dist/main.js';
  if (!existsSync(program)) throw new Error(`${program} is not there: run npm run build first`);
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], {
      env: { PATH: process.env.PATH ?? '', NO_COLOR: '1', CI: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    let peakMb: number | null = null;
    const watch = setInterval(() => {
      peakMb = peakOf(child.pid) ?? peakMb;
    }, 50);
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearInterval(watch);
      resolve({ code, signal, stdout, stderr, peakMb });
    });
    if (child.pid !== undefined) onStart?.(child.pid, () => stdout + stderr);
  });
}

/** The high-water mark that the kernel keeps, so that looking now and then misses nothing but the last moments. */
function peakOf(pid: number | undefined): number | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kb = /VmHWM:\s+(\d+) kB/.exec(status)?.[1];
    return kb === undefined ? null : Number(kb) / 1024;
  } catch {
    return null;
  }
}

/** The id of a plan or run in what the program printed. */
export function idIn(text: string, what: 'plan' | 'run'): string {
  const id = new RegExp(`\\b${what}-\\d{8}T\\d{6}Z-[0-9a-f]{6}\\b`).exec(text)?.[0];
  if (id === undefined) throw new Error(`no ${what} in:\n${text}`);
  return id;
}
