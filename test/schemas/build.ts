// Makes a random schema real: its tables, rows, keys and triggers in SQLite, MariaDB or MySQL.
import type { ASchema, ATable, ATrigger, Server } from './schema.ts';

/** Names of the two databases; the second is null where there is none. */
export type Homes = readonly [string | null, string | null];

/** Statements in order, with the rows that a seed decides. `now` is the day that fresh rows are of. */
export function statementsFor(
  schema: ASchema,
  homes: Homes,
  keyless: ReadonlySet<number>,
  nowMs: number,
): string[] {
  const { tables, server } = schema;
  const quoted = (name: string): string => quote(server, name);
  const placed = (table: ATable): string => {
    const home = homes[table.home];
    return home === null ? quoted(table.name) : `${quoted(home)}.${quoted(table.name)}`;
  };
  const keyLine = (table: ATable, key: ATable['keys'][number]): string => {
    const to = tables[key.to];
    if (to === undefined) throw new Error('a key that leads nowhere');
    return `CONSTRAINT ${quoted(`fk_${tables.indexOf(table)}_${key.column}`)} FOREIGN KEY (${quoted(key.column)}) REFERENCES ${server === 'sqlite' ? quoted(to.name) : placed(to)} (${key.refers === 'val' ? 'val' : quoted(to.key)}) ON DELETE ${key.onDelete} ON UPDATE ${key.onUpdate}`;
  };
  const created = tables.map((table, index) => {
    const isKeyless = keyless.has(index);
    const lines = [
      `${quoted(table.key)} ${server === 'sqlite' ? 'INTEGER' : 'INT'} NOT NULL${isKeyless ? '' : ' PRIMARY KEY'}`,
      `${quoted(table.at)} ${server === 'sqlite' ? 'TEXT' : 'DATETIME'} NOT NULL`,
      'who VARCHAR(20)',
      `val VARCHAR(40)${tables.some(one => one.keys.some(key => key.to === index && key.refers === 'val')) ? ' UNIQUE' : ''}`,
      'state VARCHAR(20)',
      ...table.keys.map(
        key => `${quoted(key.column)} ${key.refers === 'val' ? 'VARCHAR(40)' : 'INTEGER'} NULL DEFAULT NULL`,
      ),
      ...(server === 'sqlite' ? table.keys.map(key => keyLine(table, key)) : []),
      ...(server !== 'sqlite' && isKeyless ? [`KEY (${quoted(table.key)})`] : []),
    ];
    const tail =
      server === 'sqlite'
        ? ''
        : ` ENGINE=${table.engine}${table.isVersioned ? ' WITH SYSTEM VERSIONING' : ''}`;
    return `CREATE TABLE ${placed(table)} (${lines.join(', ')})${tail}`;
  });
  const rows = tables.map((table, index) => {
    const values = [...Array(table.rows).keys()].map(row => {
      const started = row % 5 < 3 ? Date.UTC(2020, 0, 1 + row) : nowMs - 86_400_000;
      const refs = table.keys.map(key =>
        refOf(schema.seed, index, row, tables[key.to]?.rows ?? 1, key.refers),
      );
      const who = row % 5 === 1 ? 'H' : 'P';
      return `(${[row + 1, `'${textOf(started)}'`, `'${who}'`, `'value ${row}'`, 'NULL', ...refs].join(', ')})`;
    });
    const columns = [table.key, table.at, 'who', 'val', 'state', ...table.keys.map(key => key.column)];
    return `INSERT INTO ${placed(table)} (${columns.map(quoted).join(', ')}) VALUES ${values.join(', ')}`;
  });
  const keys =
    server === 'sqlite'
      ? []
      : tables.flatMap(table =>
          table.keys.map(key => `ALTER TABLE ${placed(table)} ADD ${keyLine(table, key)}`),
        );
  const triggers = tables.flatMap(table =>
    table.triggers.map(trigger => triggerFor(trigger, table, tables, server, placed, homes)),
  );
  return [...created, ...rows, ...keys, ...triggers];
}

/** Most rows refer to one, so that what a key reaches is really there. */
function refOf(seed: number, table: number, row: number, rows: number, refers: 'key' | 'val'): string {
  const mixed = (seed * 31 + table * 7 + row * 13) % 97;
  if (mixed % 6 === 5) return 'NULL';
  return refers === 'val' ? `'value ${mixed % rows}'` : String(1 + (mixed % rows));
}

function triggerFor(
  trigger: ATrigger,
  table: ATable,
  tables: readonly ATable[],
  server: Server,
  placed: (table: ATable) => string,
  homes: Homes,
): string {
  const to = tables[trigger.to];
  if (to === undefined) throw new Error('a trigger that leads nowhere');
  const quoted = (name: string): string => quote(server, name);
  const same = `${quoted(to.key)} = OLD.${quoted(table.key)}`;
  const ignore = server === 'sqlite' ? 'INSERT OR IGNORE' : 'INSERT IGNORE';
  const act = {
    deletes: `DELETE FROM ${placed(to)} WHERE ${same}`,
    changes: `UPDATE ${placed(to)} SET val = 'touched' WHERE ${same}`,
    writes: `${ignore} INTO ${placed(to)} (${quoted(to.key)}, ${quoted(to.at)}, val) VALUES (OLD.${quoted(table.key)} + 1000, '2020-01-01 00:00:00', 'written')`,
  }[trigger.does];
  const home = homes[table.home];
  const name = home === null ? quoted(trigger.name) : `${quoted(home)}.${quoted(trigger.name)}`;
  const head = `CREATE TRIGGER ${name} ${trigger.when} ${trigger.on} ON ${placed(table)} FOR EACH ROW`;
  return server === 'sqlite' ? `${head} BEGIN ${act}; END` : `${head} ${act}`;
}

function quote(server: Server, name: string): string {
  return server === 'sqlite' ? `"${name.replaceAll('"', '""')}"` : `\`${name.replaceAll('`', '``')}\``;
}

function textOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}
