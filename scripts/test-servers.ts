// Runs the tests that use a server on the servers that are named, and nothing else:
//   npm run test:servers -- mariadb-11.8 [mysql://user:password@host:3306 ...] [-- what vitest takes]
import { spawnSync } from 'node:child_process';
import { flavours, USUAL } from '../test/support/flavours.ts';

const args = process.argv.slice(2);
const rest = args.indexOf('--');
const names = rest < 0 ? args : args.slice(0, rest);
const forVitest = rest < 0 ? [] : args.slice(rest + 1);

if (names.some(name => name.startsWith('-'))) {
  process.stderr.write(
    `Name servers: ${Object.keys(flavours).join(', ')}, or URLs. The usual are ${USUAL.join(', ')}.\n`,
  );
  process.exit(2);
}
const env = { ...process.env, RETENTION_TEST_SERVERS: (names.length === 0 ? USUAL : names).join(',') };

/** Ends as the command ended, where it did not end well. */
function run(command: string, ...options: readonly string[]): void {
  const { status } = spawnSync(command, options, { env, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

run('npm', 'run', '--silent', 'pretest');
run('npx', 'vitest', 'run', '--project', '!no server', ...forVitest);
