// When two entries of data maps mean one table, as far as that can be told without its server: capitals aside, since some take
// no account of them.

/** One text for a table in a database; without one it is in the store's own. */
export function placeOf(table: string, database: string | undefined): string {
  return JSON.stringify([database?.toLowerCase() ?? null, table.toLowerCase()]);
}
