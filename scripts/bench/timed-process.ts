// Runs a client program and measures what it costs: wall time, processor time of it and all that it started, and its
// peak memory as the kernel counts it. Adds nothing to what is measured but a shell that waits.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Timed {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly startedAtMs: number;
  readonly wallMs: number;
  /** User and system time of the program and its children. */
  readonly cpuMs: number;
  /** The high-water marks of the program's processes, added up; null where there is no /proc. */
  readonly peakMb: number | null;
}

const LOOK_EVERY_MS = 50;
/** What is under way, and the folder of each. */
const running = new Map<ChildProcess, string>();
process.once('exit', () => {
  for (const [child, scratch] of running) {
    stop(child);
    rmSync(scratch, { recursive: true, force: true });
  }
});

/** What a command needs beside itself. `signal` ends it politely. */
export interface ProcessOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Runs `command` to its end, whatever its exit code is. */
export async function timedProcess(command: readonly string[], options: ProcessOptions = {}): Promise<Timed> {
  const scratch = mkdtempSync(join(tmpdir(), 'retention-bench-time-'));
  const times = join(scratch, 'times');
  // Node counts the processor time of its children nowhere; the shell's own `time` does, to the millisecond.
  // The trap keeps the shell alive to write them when the program is ended early.
  const shell = `trap : TERM; TIMEFORMAT='%3U %3S'; { time "$@" 2>&3; } 3>&2 2>'${times}'`;
  const startedAtMs = Date.now();
  const startedMs = performance.now();
  const child = spawn('bash', ['-c', shell, 'bash', ...command], {
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', LC_ALL: 'C', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that a signal reaches the program behind the shell.
    detached: true,
  });
  running.set(child, scratch);
  const onAbort = (): void => stop(child);
  options.signal?.addEventListener('abort', onAbort);
  const output: { stdout: string; stderr: string } = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk: Buffer) => {
      output[name] += chunk.toString();
    });
  }
  const peaks = new Map<number, number>();
  const watch = setInterval(() => notePeaks(child.pid, peaks), LOOK_EVERY_MS);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    const wallMs = performance.now() - startedMs;
    const [user = 0, system = 0] = readFileSync(times, 'utf8').trim().split('\n').at(-1)?.split(' ') ?? [];
    return {
      code,
      ...output,
      startedAtMs,
      wallMs,
      cpuMs: 1000 * (Number(user) + Number(system)),
      peakMb: peaks.size === 0 ? null : [...peaks.values()].reduce((sum, kb) => sum + kb, 0) / 1024,
    };
  } finally {
    clearInterval(watch);
    running.delete(child);
    options.signal?.removeEventListener('abort', onAbort);
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Several processes one after the other, as one client: times add up, of memory the most counts. */
export function together(parts: readonly Timed[]): Pick<Timed, 'wallMs' | 'cpuMs' | 'peakMb'> {
  const peaks = parts.flatMap(part => (part.peakMb === null ? [] : [part.peakMb]));
  const [first, last] = [parts[0], parts.at(-1)];
  const wallMs =
    first === undefined || last === undefined ? 0 : last.startedAtMs + last.wallMs - first.startedAtMs;
  return {
    wallMs,
    cpuMs: parts.reduce((sum, part) => sum + part.cpuMs, 0),
    peakMb: peaks.length === 0 ? null : Math.max(...peaks),
  };
}

function stop(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGTERM');
  } catch {
    // It ended a moment ago.
  }
}

/** The kernel keeps the mark, so that looking now and then misses nothing but the last moments. */
function notePeaks(shell: number | undefined, peaks: Map<number, number>): void {
  if (shell === undefined) return;
  for (const pid of descendants(shell)) {
    const kb = /VmHWM:\s+(\d+) kB/.exec(read(`/proc/${pid}/status`))?.[1];
    if (kb !== undefined) peaks.set(pid, Math.max(peaks.get(pid) ?? 0, Number(kb)));
  }
}

function descendants(pid: number): number[] {
  const children = read(`/proc/${pid}/task/${pid}/children`).trim();
  if (children === '') return [];
  return children
    .split(' ')
    .map(Number)
    .flatMap(child => [child, ...descendants(child)]);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
