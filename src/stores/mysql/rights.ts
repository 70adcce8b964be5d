// What a user may do with a table and see around it, from what the server says it was granted. A line of that which is not
// understood is told: it may grant something, or take it away.
import type { Rights } from '../sql/dialect.ts';
import type { Ask } from './ask.ts';

interface Granted {
  /** Words like `SELECT`; those on some columns only stand without them. */
  readonly rights: ReadonlySet<string>;
  /** Patterns of LIKE; null: all of them. */
  readonly home: string | null;
  readonly table: string | null;
}

interface Grants {
  readonly granted: readonly Granted[];
  /** Taken away again from what was granted on the whole server (MySQL's partial revokes). */
  readonly revoked: readonly Granted[];
  readonly unread: readonly string[];
}

const ALL = 'ALL PRIVILEGES';
/** Any of these on all tables of the server shows the foreign keys of each. */
const SHOWING_KEYS = ['REFERENCES', 'SELECT', 'INSERT', 'UPDATE', 'DELETE'];
/** MariaDB shows triggers to whoever may change the table (10.11, tried), MySQL to whoever may make them (9.7, tried). */
const SHOWING_TRIGGERS = {
  mariadb: ['TRIGGER', 'INSERT', 'UPDATE', 'DELETE'],
  mysql: ['TRIGGER'],
};

export async function rightsOn(
  ask: Ask,
  home: string,
  table: string,
  server: keyof typeof SHOWING_TRIGGERS,
): Promise<Rights> {
  const { granted, revoked, unread } = await grantedTo(ask);
  const own = granted.filter(one => matches(one.home, home) && (one.table === null || one.table === table));
  const taken = revoked.filter(one => matches(one.home, home));
  const any = (some: readonly Granted[], words: readonly string[], lost: readonly Granted[]): boolean =>
    words.some(
      word =>
        some.some(({ rights }) => rights.has(word) || rights.has(ALL)) &&
        !lost.some(({ rights }) => rights.has(word) || rights.has(ALL)),
    );
  // What is taken away in one database is granted by name there, if it is granted again.
  const named = own.filter(one => one.home !== null);
  const may = (...words: readonly string[]): boolean => any(own, words, taken) || any(named, words, []);
  return {
    deletes: may('DELETE'),
    seesTriggers: may(...SHOWING_TRIGGERS[server]),
    seesForeignKeys: any(
      granted.filter(one => one.home === null),
      SHOWING_KEYS,
      revoked,
    ),
    seesEvents: may('EVENT'),
    locksTables: may('LOCK TABLES'),
    unread,
  };
}

/** Databases of these in which this user sees those tables only that it has rights on. */
export async function seenInPart(ask: Ask, homes: readonly string[]): Promise<readonly string[]> {
  const { granted } = await grantedTo(ask);
  const seesAll = (home: string): boolean =>
    granted.some(
      one =>
        one.table === null && matches(one.home, home) && [...one.rights].some(right => right !== 'USAGE'),
    );
  return homes.filter(home => !seesAll(home));
}

/** Which of these words nothing grants on a table; none where some may come by a role, whose rights are not told. */
export async function missingOn(
  ask: Ask,
  home: string,
  table: string,
  words: readonly string[],
): Promise<readonly string[]> {
  const lines = (await ask('SHOW GRANTS')).map(row => String(Object.values(row)[0]));
  const { granted, unread } = readGrants(lines);
  if (unread.length > 0 || lines.some(line => ROLE.test(line))) return [];
  const own = granted.filter(one => matches(one.home, home) && (one.table === null || one.table === table));
  return words.filter(word => !own.some(({ rights }) => rights.has(word) || rights.has(ALL)));
}

async function grantedTo(ask: Ask): Promise<Grants> {
  const rows = await ask('SHOW GRANTS');
  return readGrants(rows.map(row => String(Object.values(row)[0])));
}

const QUOTED = '(?:`(?:[^`]|``)*`|"(?:[^"]|"")*"|\'(?:[^\']|\'\')*\')';
const NAME = `(?:\\*|${QUOTED})`;
const LINE = new RegExp(`^(GRANT|REVOKE) (.+?) ON (?:TABLE )?(${NAME})\\.(${NAME}) (?:TO|FROM) `, 's');
/** Of roles and proxies, and of routines: nothing of them is a right on a table that no other line names. */
const BESIDE = new RegExp(
  `^(?:GRANT PROXY ON |GRANT (?:.+?) ON (?:PROCEDURE|FUNCTION|PACKAGE(?: BODY)?) |GRANT ${QUOTED}(?:@${QUOTED})?(?:, ?${QUOTED}(?:@${QUOTED})?)* TO |SET DEFAULT ROLE )`,
  's',
);

const ROLE = new RegExp(`^GRANT ${QUOTED}(?:@${QUOTED})?(?:, ?${QUOTED}(?:@${QUOTED})?)* TO `, 's');

/** ``GRANT SELECT, UPDATE (`name`) ON `telecom`.`cdr` TO ...``, in any way of quoting. */
export function readGrants(lines: readonly string[]): Grants {
  const granted: Granted[] = [];
  const revoked: Granted[] = [];
  const unread: string[] = [];
  for (const line of lines) {
    const [, act, rights = '', home = '', table = ''] = LINE.exec(line) ?? [];
    if (act === undefined) {
      if (!BESIDE.test(line)) unread.push(line.slice(0, 60));
      continue;
    }
    const words = rights.replace(new RegExp(`\\((?:${QUOTED}|[^()])*\\)`, 'g'), '').split(',');
    (act === 'GRANT' ? granted : revoked).push({
      rights: new Set(words.map(word => word.trim().toUpperCase())),
      home: nameOf(home),
      table: nameOf(table),
    });
  }
  return { granted, revoked, unread };
}

function nameOf(written: string): string | null {
  if (written === '*') return null;
  const mark = written.slice(0, 1);
  return written.slice(1, -1).replaceAll(mark + mark, mark);
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
