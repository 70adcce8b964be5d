// Sees to it that the tests can have their servers: those that RETENTION_TEST_SERVERS names, and else a MariaDB and a
// MySQL. What the machine lacks is installed or unpacked now. Ends with exit code 1, each missing one by its name and
// with what to do, when one cannot be had. Runs before `npm test`.

import { chosenServers } from '../test/support/chosen-servers.ts';
import { type Flavour, flavours } from '../test/support/flavours.ts';
import { findServer, remedyFor } from '../test/support/server-program.ts';
import { aptInstall } from './apt-install.ts';
import { unpackServer } from './unpack-server.ts';

const chosen = await chosenServers().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
for (const server of chosen) {
  if (server.given !== null || findServer(server.flavour) !== null) continue;
  const why = await get(server.flavour);
  if (why === null) continue;
  process.stderr.write(`The tests need ${server.flavour}, and ${why}.\n${remedyFor(server.flavour)}\n`);
  process.exitCode = 1;
}

/** The machine's own MariaDB is installed as people would, where that may be done; all others are unpacked. */
async function get(flavour: Flavour): Promise<string | null> {
  process.stderr.write(`No ${flavour} found: getting it for the tests\n`);
  if (flavours[flavour].suite === null && aptInstall('mariadb-server') === null) return null;
  return unpackServer(flavour);
}
