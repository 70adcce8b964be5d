// Sees to it that pt-archiver is here to compare with: it is, or it is installed now, or the benchmark says how.
import { spawnSync } from 'node:child_process';
import { aptInstall } from '../apt-install.ts';
import { say } from './say.ts';

/** Throws an error that says what to do when it is not here and cannot be installed. */
export function ensurePtArchiver(): void {
  if (hasPtArchiver()) return;
  say('No pt-archiver found: installing percona-toolkit to compare with');
  const why = aptInstall('percona-toolkit');
  if (why === null && hasPtArchiver()) return;
  throw new Error(
    `pt-archiver is not on the PATH, and ${why ?? 'installing percona-toolkit did not bring it'}. ` +
      'Install it (Debian, Ubuntu: apt-get install -y --no-install-recommends percona-toolkit)',
  );
}

export function hasPtArchiver(): boolean {
  return spawnSync('pt-archiver', ['--version'], { stdio: 'ignore' }).status === 0;
}
