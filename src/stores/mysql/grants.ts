// The least rights that planning and enforcing need on a server, as GRANT statements.
import type { Knex } from 'knex';
import type { Grants } from '../grants.ts';
import type { TableNeed } from '../sql/dialect.ts';
import { quoted, quotedTable } from '../sql/names.ts';
import { movingColumns } from '../sql/query.ts';
import { reachedRights } from './reached-rights.ts';

/** Names that stand for the two users; whoever grants puts in their own. */
const [PLANNING, ENFORCING] = ["'retention_plan'@'%'", "'retention_enforce'@'%'"];
/** Who may refer to tables sees their foreign keys, and can neither read nor change anything by that. */
const SEES_FOREIGN_KEYS = 'REFERENCES';

export async function grantsFor(database: Knex, needs: readonly TableNeed[]): Promise<Grants> {
  const [[server]] = await database.raw('SELECT DATABASE() AS home, VERSION() AS version');
  const isMariadb = /mariadb/i.test(server.version);
  const homeOf = (need: TableNeed): string =>
    need.table?.place.database ?? need.dataset.table.database ?? server.home;
  /** What is granted on, as it is written: a table, or the whole database of tables that are named by date. */
  const placeOf = (need: TableNeed): string => {
    if (need.dataset.tables !== null) return ofDatabase(homeOf(need));
    return quotedTable({ database: homeOf(need), name: (need.table?.place ?? need.dataset.table).name });
  };
  const along = needs.flatMap(({ dataset, table, dispositions }) =>
    reachedRights(dataset, table, dispositions, isMariadb).map(one => ({
      place: quotedTable({ database: one.table.database ?? server.home, name: one.table.name }),
      rights: one.toEnforce,
    })),
  );
  const places = [...new Set([...needs.map(placeOf), ...along.map(({ place }) => place)])];
  const grant = (rights: string, on: string, to: string): string => `GRANT ${rights} ON ${on} TO ${to};`;
  const rightsOf = (place: string): string => {
    const own = needs.filter(need => placeOf(need) === place);
    const reached = along.filter(one => one.place === place).flatMap(({ rights }) => rights);
    return [...new Set([...rightsFor(own, isMariadb), ...reached])].join(', ');
  };
  const lockedIn = needs.filter(locksTable).map(need => `${quoted(homeOf(need))}.*`);
  const dated = [...new Set(needs.flatMap(({ dataset }) => dataset.tables ?? []))];
  return {
    ...(dated.length === 0 ? {} : { note: noteOn(dated) }),
    planning: [
      ...places.map(place => grant('SELECT', place, PLANNING)),
      grant(SEES_FOREIGN_KEYS, '*.*', PLANNING),
    ],
    enforcing: [
      ...places.map(place => grant(rightsOf(place), place, ENFORCING)),
      ...[...new Set(lockedIn)].map(all => grant('LOCK TABLES', all, ENFORCING)),
      grant(SEES_FOREIGN_KEYS, '*.*', ENFORCING),
    ],
  };
}

/** The table of tomorrow is not there yet, and what is granted by table would not reach it. */
function noteOn(dated: readonly string[]): string {
  return `the server grants nothing on names with a date in them: for ${dated.join(', ')} the whole database is granted, so that tomorrow's table is in it. Where that is too much, keep such tables in a database of their own`;
}

/** Of a whole database the name is a pattern, in which an underscore stands for any character. */
function ofDatabase(home: string): string {
  return `${quoted(home).replace(/[_%]/g, '\\$&')}.*`;
}

function rightsFor(needs: readonly TableNeed[], isMariadb: boolean): string[] {
  const rights = ['SELECT'];
  if (needs.some(purges)) rights.push('DELETE');
  // Who may write sees on MariaDB what a write sets off; on MySQL it takes the right to make such triggers.
  if (needs.some(({ dispositions }) => dispositions.length > 0) && !isMariadb) rights.push('TRIGGER');
  if (needs.some(dropsPartitions)) rights.push('ALTER', 'DROP');
  const columns = [...new Set(needs.flatMap(writtenColumns))];
  // Of a whole database columns cannot be granted.
  if (columns.length > 0 && needs.some(({ dataset }) => dataset.tables !== null)) rights.push('UPDATE');
  else if (columns.length > 0) rights.push(`UPDATE (${columns.map(quoted).join(', ')})`);
  return rights;
}

function purges({ dispositions }: TableNeed): boolean {
  return dispositions.includes('purge');
}

function dropsPartitions(need: TableNeed): boolean {
  return purges(need) && need.dataset.partitions === 'drop';
}

function locksTable(need: TableNeed): boolean {
  return dropsPartitions(need) || (purges(need) && need.table !== null && need.table.unsafeEngine !== null);
}

function writtenColumns({ dataset, dispositions, table }: TableNeed): string[] {
  const written = [
    ...(dispositions.includes('flag') && dataset.flag !== null ? [dataset.flag.column] : []),
    ...(dispositions.includes('anonymise')
      ? [
          ...(dataset.anonymise?.fields.map(({ column }) => column) ?? []),
          ...(dataset.anonymise?.marker == null ? [] : [dataset.anonymise.marker.column]),
        ]
      : []),
  ];
  // What updates itself is written with its own value, so that it stays.
  return written.length === 0 || table === null ? written : [...written, ...movingColumns(dataset, table)];
}
