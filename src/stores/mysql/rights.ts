// What a user may do with a table and see around it, from what the server says it was granted.
import type { Rights } from '../sql/dialect.ts';
import type { Ask } from './ask.ts';

interface Granted {
  /** Words like `SELECT`; those on some columns only stand without them. */
  readonly rights: ReadonlySet<string>;
  /** Patterns of LIKE; null: all of them. */
  readonly home: string | null;
  readonly table: string | null;
}

/** Any of these on all tables of the server shows the foreign keys of each. */
const SHOWING_KEYS = ['ALL PRIVILEGES', 'REFERENCES', 'SELECT', 'INSERT', 'UPDATE', 'DELETE'];
/** MariaDB shows triggers to whoever may change the table (10.11, tried), MySQL to whoever may make them. */
const SHOWING_TRIGGERS = {
  mariadb: ['ALL PRIVILEGES', 'TRIGGER', 'INSERT', 'UPDATE', 'DELETE'],
  mysql: ['ALL PRIVILEGES', 'TRIGGER'],
};

export async function rightsOn(
  ask: Ask,
  home: string,
  table: string,
  server: keyof typeof SHOWING_TRIGGERS,
): Promise<Rights> {
  const granted = await grantedBy(ask);
  const own = granted.filter(one => matches(one.home, home) && (one.table === null || one.table === table));
  const any = (some: readonly Granted[], words: readonly string[]): boolean =>
    some.some(({ rights }) => words.some(word => rights.has(word)));
  return {
    deletes: any(own, ['ALL PRIVILEGES', 'DELETE']),
    seesTriggers: any(own, SHOWING_TRIGGERS[server]),
    seesForeignKeys: any(
      granted.filter(one => one.home === null),
      SHOWING_KEYS,
    ),
    locksTables: any(own, ['ALL PRIVILEGES', 'LOCK TABLES']),
  };
}

/** Databases of these in which this user sees those tables only that it has rights on. */
export async function seenInPart(ask: Ask, homes: readonly string[]): Promise<readonly string[]> {
  const granted = await grantedBy(ask);
  const seesAll = (home: string): boolean =>
    granted.some(
      one =>
        one.table === null && matches(one.home, home) && [...one.rights].some(right => right !== 'USAGE'),
    );
  return homes.filter(home => !seesAll(home));
}

async function grantsOf(ask: Ask): Promise<readonly string[]> {
  return (await ask('SHOW GRANTS')).map(row => String(Object.values(row)[0]));
}

async function grantedBy(ask: Ask): Promise<readonly Granted[]> {
  return (await grantsOf(ask)).flatMap(line => readGrant(line) ?? []);
}

/** All that the user may do; null where some of it comes by a role, whose rights are not told. */
export async function grantedTo(ask: Ask): Promise<readonly Granted[] | null> {
  const lines = await grantsOf(ask);
  if (lines.some(line => /^GRANT (?!.* ON )/.test(line))) return null;
  return lines.flatMap(line => readGrant(line) ?? []);
}

/** On the whole table or some of its columns. */
export function isGranted(granted: readonly Granted[], home: string, table: string, right: string): boolean {
  return granted.some(
    one =>
      matches(one.home, home) &&
      (one.table === null || one.table === table) &&
      (one.rights.has('ALL PRIVILEGES') || one.rights.has(right)),
  );
}

/** ``GRANT SELECT, UPDATE (`name`) ON `telecom`.`cdr` TO ...``; null for other lines: roles, proxies, routines. */
function readGrant(line: string): Granted | null {
  const found = /^GRANT (.+?) ON (\*|`(?:[^`]|``)+`)\.(\*|`(?:[^`]|``)+`) TO /.exec(line);
  if (found === null) return null;
  const [, rights = '', home = '', table = ''] = found;
  const words = rights.replace(/\([^)]*\)/g, '').split(',');
  return {
    rights: new Set(words.map(word => word.trim().toUpperCase())),
    home: nameOf(home),
    table: nameOf(table),
  };
}

function nameOf(written: string): string | null {
  return written === '*' ? null : written.slice(1, -1).replaceAll('``', '`');
}

/** A database is granted by a pattern of LIKE, where `\_` stands for the character itself. */
function matches(pattern: string | null, name: string): boolean {
  if (pattern === null) return true;
  const parts = pattern.match(/\\[%_\\]|[\s\S]/g) ?? [];
  const wanted = parts.map(part => {
    if (part === '%') return '[\\s\\S]*';
    if (part === '_') return '[\\s\\S]';
    return part.slice(-1).replace(/\W/, '\\$&');
  });
  return new RegExp(`^${wanted.join('')}$`).test(name);
}
