// The last lines of a test run: tests that are no part of a server's list, and the servers that the tests ran on.
import type { Reporter, Vitest } from 'vitest/node';
import { familyOf } from './flavours.ts';
import { testsNotOn } from './server-facts.ts';

export default class ServersReporter implements Reporter {
  private vitest: Vitest | null = null;

  onInit(vitest: Vitest): void {
    this.vitest = vitest;
  }

  onTestRunEnd(): void {
    const servers = (this.vitest?.projects ?? []).flatMap(project => {
      const { flavour, serverVersion } = project.getProvidedContext();
      return flavour === undefined || serverVersion === undefined ? [] : [{ flavour, serverVersion }];
    });
    for (const { flavour } of servers)
      for (const { fact, test } of testsNotOn(familyOf(flavour)))
        process.stdout.write(`Not on ${flavour}, for want of ${fact}: ${test}\n`);
    const names = servers.map(({ flavour, serverVersion }) => `${flavour} (${serverVersion})`);
    process.stdout.write(`Servers: ${names.length === 0 ? 'none' : names.join(', ')}\n`);
  }
}
