// Installs one of Debian's packages where that can be done without asking anybody.
import { execFileSync } from 'node:child_process';
import { userInfo } from 'node:os';

/** Gives the reason when it cannot, and null when it has. */
export function aptInstall(packageName: string): string | null {
  if (userInfo().uid !== 0) return 'this user is not root, so it cannot be installed here';
  if (!runs('apt-get', ['--version'])) return 'there is no apt-get to install it with';
  if (!runs('apt-get', ['update'])) return '`apt-get update` failed';
  if (!runs('apt-get', ['install', '-y', '--no-install-recommends', packageName]))
    return `\`apt-get install ${packageName}\` failed`;
  return null;
}

/** Whether a command succeeds; what it says when it fails is shown. */
function runs(command: string, options: readonly string[]): boolean {
  try {
    execFileSync(command, options, {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    return true;
  } catch {
    return false;
  }
}
