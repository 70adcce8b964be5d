import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { chosenServers } from './test/support/chosen-servers.ts';
import { testFiles } from './test/support/uses-server.ts';

const files = testFiles();

export default defineConfig({
  test: {
    // Tests wait for servers and processes more than they work: four at a time on the smallest machine.
    maxWorkers: Math.max(4, availableParallelism() - 1),
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: ['default', './test/support/servers-reporter.ts'],
    projects: [
      { extends: true, test: { name: 'no server', include: [...files.without] } },
      ...(await chosenServers()).map(({ flavour }) => ({
        extends: true as const,
        test: {
          name: flavour,
          include: [...files.withServer],
          globalSetup: ['test/support/global-setup.ts'],
        },
      })),
    ],
  },
});
