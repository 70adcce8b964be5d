// The last line of a test run: the servers that the tests ran on.
import type { Reporter, Vitest } from 'vitest/node';

export default class ServersReporter implements Reporter {
  private vitest: Vitest | null = null;

  onInit(vitest: Vitest): void {
    this.vitest = vitest;
  }

  onTestRunEnd(): void {
    const servers = (this.vitest?.projects ?? []).flatMap(project => {
      const { flavour, serverVersion } = project.getProvidedContext();
      return flavour === undefined ? [] : [`${flavour} (${serverVersion})`];
    });
    process.stdout.write(`Servers: ${servers.length === 0 ? 'none' : servers.join(', ')}\n`);
  }
}
