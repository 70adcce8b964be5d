// Where the program of a test server is and how it is called: the machine's own, or one that was unpacked from Debian's
// packages into this user's cache folder with its own libraries, and is installed nowhere.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { type Family, type Flavour, flavours, USUAL } from './flavours.ts';

export interface ServerProgram {
  readonly flavour: Flavour;
  readonly family: Family;
  /** The command and its first arguments. */
  readonly command: readonly [string, ...string[]];
  /** Options that it needs wherever it is started. */
  readonly options: readonly string[];
  /** Where the SQL that makes a MariaDB's system tables is; null where a program beside it makes them. */
  readonly systemTables: string | null;
  /** As the program itself says it. */
  readonly version: string;
}

/** What to do when a server is missing, for people. */
export function remedyFor(flavour: Flavour): string {
  const others = USUAL.filter(one => one !== flavour).join(',');
  return (
    `${flavour} is got by \`npm run test:servers -- ${flavour}\` on Debian (unpacked into ${cacheFolder()}, ` +
    `installed nowhere). Elsewhere name a server whose user may create databases and users: ` +
    `RETENTION_TEST_SERVERS=${others},mysql://user:password@host:3306; or say that less is enough: RETENTION_TEST_SERVERS=${others}`
  );
}

/** Unpacked servers and the data that they start with are kept here from one run to the next. */
export function cacheFolder(): string {
  const caches = process.env.XDG_CACHE_HOME ?? '';
  return join(caches === '' ? join(homedir(), '.cache') : caches, 'retention-test-servers');
}

export function unpackedFolder(flavour: Flavour): string {
  return join(cacheFolder(), flavour);
}

/** The server of this flavour on this machine, or null when it has none. */
export function findServer(flavour: Flavour): ServerProgram | null {
  return (flavours[flavour].suite === null ? installed(flavour) : null) ?? unpacked(flavour);
}

export function findProgram(...names: readonly string[]): string | null {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  const paths = names.flatMap(name => folders.map(folder => join(folder, name)));
  return paths.find(path => existsSync(path)) ?? null;
}

function installed(flavour: Flavour): ServerProgram | null {
  const path = findProgram('mariadbd');
  if (path === null) return null;
  return { ...program(flavour, [path]), options: [], systemTables: null };
}

function unpacked(flavour: Flavour): ServerProgram | null {
  const root = unpackedFolder(flavour);
  const { family } = flavours[flavour];
  const path = join(root, 'usr/sbin', family === 'mysql' ? 'mysqld' : 'mariadbd');
  const library = libraryOf(root);
  if (!existsSync(path) || library === null) return null;
  const share = join(root, 'usr/share', family);
  return {
    ...program(flavour, [library.loader, '--library-path', library.folder, path]),
    options: [
      `--lc-messages-dir=${share}`,
      `--character-sets-dir=${join(share, 'charsets')}`,
      `--plugin-dir=${join(root, 'usr/lib/mysql/plugin')}`,
    ],
    systemTables: family === 'mysql' ? null : share,
  };
}

function program(
  flavour: Flavour,
  command: ServerProgram['command'],
): Pick<ServerProgram, 'flavour' | 'family' | 'command' | 'version'> {
  const [file, ...first] = command;
  const said = execFileSync(file, [...first, '--no-defaults', '--version'], { encoding: 'utf8' });
  const version = /Ver (\S+)/.exec(said)?.[1] ?? said.trim();
  return { flavour, family: flavours[flavour].family, command, version };
}

/** The loader and the libraries among what was unpacked: the machine's own may be older than the server. */
function libraryOf(root: string): { readonly loader: string; readonly folder: string } | null {
  const folders = ['usr/lib64', 'lib64', 'usr/lib', 'lib'].map(name => join(root, name)).filter(existsSync);
  const inside = folders.flatMap(folder => [
    folder,
    ...readdirSync(folder, { withFileTypes: true })
      .filter(entry => entry.isDirectory() && entry.name.includes('-linux-'))
      .map(entry => join(folder, entry.name)),
  ]);
  const files = inside.flatMap(folder => readdirSync(folder).map(name => join(folder, name)));
  const loader = files.find(file => /\/ld-linux[^/]*\.so\.\d+$/.test(file));
  const libc = files.find(file => file.endsWith('/libc.so.6'));
  return loader === undefined || libc === undefined ? null : { loader, folder: dirname(libc) };
}
