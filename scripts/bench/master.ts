// Data folders: a master for each layout, made once and shut down cleanly, and a fresh copy of it for every run, so that
// each starts from the very same pages. A master that was cut off while it was made is made again.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { loadingOptions, startBenchServer } from './bench-server.ts';
import { type Layout, layoutStatements } from './layout.ts';
import { say } from './say.ts';

/** The master's folder for a layout, made now if it is not there. */
export async function masterOf(work: string, layout: Layout): Promise<string> {
  const name = `${layout.name}-${layout.rows}-seed${layout.seed}-${layout.pivot}`;
  const master = join(work, 'masters', name);
  if (existsSync(master)) return master;
  mkdirSync(join(work, 'masters'), { recursive: true });
  const unfinished = `${master}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  const startedMs = performance.now();
  say(`making ${layout.rows.toLocaleString('en')} rows, ${layout.name} layout`);
  const server = await startBenchServer(unfinished, loadingOptions(layout.rows));
  const [version] = await server.query('SELECT VERSION() AS version');
  if (!String(version?.version).includes('MariaDB'))
    throw new Error(`${version?.version} has no SEQUENCE engine to make the data with. Install MariaDB`);
  for (const statement of layoutStatements(layout)) await server.query(statement);
  await server.stop('clean');
  await shrinkLog(unfinished);
  renameSync(unfinished, master);
  say(`  made in ${Math.round((performance.now() - startedMs) / 1000)} s`);
  return master;
}

/** A big redo log would be copied each time; a server that wants it bigger makes it so in no time. */
async function shrinkLog(folder: string): Promise<void> {
  const small = await startBenchServer(folder, [
    '--skip-log-bin',
    '--innodb-fast-shutdown=0',
    '--innodb-log-file-size=4M',
    '--performance-schema=OFF',
  ]);
  await small.stop('clean');
}

/** Copies a master to a folder that is replaced, and waits until the copy is on disk. */
export function freshCopy(work: string, master: string): string {
  const copy = join(work, 'round');
  rmSync(copy, { recursive: true, force: true });
  execFileSync('cp', ['-a', '--reflink=auto', master, copy]);
  // Pages still to be written would be written during the run.
  execFileSync('sync', ['-f', copy]);
  return copy;
}
