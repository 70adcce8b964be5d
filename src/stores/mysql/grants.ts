// The least rights that planning and enforcing need on a server, as GRANT statements.
import type { Knex } from 'knex';
import type { Grants } from '../grants.ts';
import type { TableNeed } from '../sql/dialect.ts';
import { movingColumns } from '../sql/query.ts';

/** Names that stand for the two users; whoever grants puts in their own. */
const [PLANNING, ENFORCING] = ["'retention_plan'@'%'", "'retention_enforce'@'%'"];
/** Who may refer to tables sees their foreign keys, and can neither read nor change anything by that. */
const SEES_FOREIGN_KEYS = 'REFERENCES';

export async function grantsFor(database: Knex, needs: readonly TableNeed[]): Promise<Grants> {
  const [[server]] = await database.raw('SELECT DATABASE() AS home, VERSION() AS version');
  const isMariadb = /mariadb/i.test(server.version);
  const placeOf = ({ dataset }: TableNeed): string =>
    dataset.at.includes('.') ? dataset.at : `${server.home}.${dataset.at}`;
  const places = [...new Set(needs.map(placeOf))];
  const grant = (rights: string, on: string, to: string): string => `GRANT ${rights} ON ${on} TO ${to};`;
  const quoted = (place: string): string => database.raw('??', [place]).toQuery();
  const rightsOf = (place: string): string => {
    const own = needs.filter(need => placeOf(need) === place);
    return rightsFor(database, own, isMariadb).join(', ');
  };
  const lockedIn = needs.filter(locksTable).map(need => placeOf(need).split('.')[0] ?? '');
  return {
    planning: [
      ...places.map(place => grant('SELECT', quoted(place), PLANNING)),
      grant(SEES_FOREIGN_KEYS, '*.*', PLANNING),
    ],
    enforcing: [
      ...places.map(place => grant(rightsOf(place), quoted(place), ENFORCING)),
      ...[...new Set(lockedIn)].map(home => grant('LOCK TABLES', `${quoted(home)}.*`, ENFORCING)),
      grant(SEES_FOREIGN_KEYS, '*.*', ENFORCING),
    ],
  };
}

function rightsFor(database: Knex, needs: readonly TableNeed[], isMariadb: boolean): string[] {
  const rights = ['SELECT'];
  if (needs.some(purges)) rights.push('DELETE');
  // Who may delete sees on MariaDB what a delete sets off; on MySQL it takes the right to make such triggers.
  if (needs.some(purges) && !isMariadb) rights.push('TRIGGER');
  if (needs.some(dropsPartitions)) rights.push('ALTER', 'DROP');
  const columns = [...new Set(needs.flatMap(writtenColumns))];
  if (columns.length > 0)
    rights.push(database.raw(`UPDATE (${columns.map(() => '??').join(', ')})`, columns).toQuery());
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
