// Gives every test of a project its server: the one that was named by a URL, or a private one that lives as long as the
// test run. Without it the run fails; nothing is skipped.
import type { TestProject } from 'vitest/node';
import { chosenServers } from './chosen-servers.ts';
import type { Flavour } from './flavours.ts';
import { startServer } from './mysql-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A server URL without a database, whose user may create databases and users. */
    mysqlUrl: string;
    flavour: Flavour;
    /** Whether it is the first that is chosen: what the server has no part in is tried beside that one alone. */
    isFirst: boolean;
    /** What the server calls itself, for the last line of a run. */
    serverVersion: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const servers = await chosenServers();
  const chosen = servers.find(({ flavour }) => flavour === project.name);
  if (chosen === undefined) throw new Error(`no server is chosen for the project ${project.name}`);
  project.provide('flavour', chosen.flavour);
  project.provide('isFirst', chosen === servers[0]);
  if (chosen.given !== null) {
    project.provide('mysqlUrl', chosen.given.url);
    project.provide('serverVersion', chosen.given.version);
    return async () => undefined;
  }
  const server = await startServer(chosen.flavour);
  project.provide('mysqlUrl', server.url);
  project.provide('serverVersion', server.version);
  return server.stop;
}
