// Gets a test server that this machine does not have: Debian's packages are downloaded by the machine's own apt-get, from
// the mirror that it uses anyway, and unpacked into this user's cache folder. Nothing is installed, apt's own state is
// not touched, and no rights are needed.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Flavour, flavours } from '../test/support/flavours.ts';
import { cacheFolder, findProgram, findServer, unpackedFolder } from '../test/support/server-program.ts';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Gives the reason when it cannot be had, and null when it is there. */
export async function unpackServer(flavour: Flavour): Promise<string | null> {
  if (findProgram('apt-get') === null || findProgram('dpkg') === null)
    return 'there is no apt-get and dpkg here';
  const source = debianSource(flavours[flavour].suite);
  if (source === null) return 'no source of apt here is a mirror of Debian, or its keyring is missing';
  await mkdir(cacheFolder(), { recursive: true });
  const work = await mkdtemp(join(cacheFolder(), 'unpacking-'));
  try {
    await download(work, source, flavours[flavour].packageName);
    const root = join(work, 'root');
    const archives = join(work, 'cache/archives');
    for (const name of await readdir(archives))
      if (name.endsWith('.deb')) run('dpkg', ['-x', join(archives, name), root]);
    // Another process may have been faster: what it unpacked is as good.
    await rename(root, unpackedFolder(flavour)).catch(error => {
      if (!existsSync(unpackedFolder(flavour))) throw error;
    });
    return findServer(flavour) === null
      ? `what was unpacked into ${unpackedFolder(flavour)} has no server`
      : null;
  } catch (error) {
    return `apt-get could not give it: ${saidBy(error)}`;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** A line for apt's list of sources: the first mirror of Debian that the machine uses, with another suite of it. */
function debianSource(suite: string | null): string | null {
  const lists = ['/etc/apt/sources.list', ...filesIn('/etc/apt/sources.list.d')].filter(existsSync);
  const text = lists.map(file => readFileSync(file, 'utf8')).join('\n');
  const mirror = /^(?!\s*#).*?(https?:\/\/\S*\/debian\/?)(?=\s|$)/m.exec(text)?.[1];
  const release = /^VERSION_CODENAME=(\w+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  if (mirror === undefined || !existsSync(KEYRING)) return null;
  return `deb [signed-by=${KEYRING}] ${mirror} ${suite ?? release ?? 'stable'} main\n`;
}

function filesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).map(name => join(folder, name)) : [];
}

/** apt works in folders of its own here, and takes nothing for installed: so it gets every library that a server needs. */
async function download(work: string, source: string, packageName: string): Promise<void> {
  await mkdir(join(work, 'lists/partial'), { recursive: true });
  await mkdir(join(work, 'cache/archives/partial'), { recursive: true });
  await writeFile(join(work, 'status'), '');
  await writeFile(join(work, 'sources.list'), source);
  const settings = [
    `Dir::State=${work}`,
    `Dir::State::lists=${work}/lists`,
    `Dir::State::status=${work}/status`,
    `Dir::Cache=${work}/cache`,
    `Dir::Etc::sourcelist=${work}/sources.list`,
    'Dir::Etc::sourceparts=/dev/null',
    'APT::Install-Recommends=false',
    'APT::Sandbox::User=root',
  ].flatMap(setting => ['-o', setting]);
  run('apt-get', [...settings, '-q', 'update']);
  run('apt-get', [...settings, '-q', '-y', '--download-only', 'install', packageName]);
}

function run(command: string, args: readonly string[]): void {
  execFileSync(command, args, {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function saidBy(error: unknown): string {
  const { stderr } = error as { stderr?: Buffer };
  return (stderr?.toString().trim() || String(error)).split('\n').slice(-5).join('\n');
}
