// The script that tries thousands of random schemas can be started, outside of the tests.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('prove:schemas runs', async () => {
  const args = ['scripts/prove-schemas.ts', '--seed', '1', '--server', 'sqlite'];
  const { stdout } = await promisify(execFile)('node_modules/.bin/tsx', args);
  expect(stdout).toContain('schemas tried: 1\n');
});
