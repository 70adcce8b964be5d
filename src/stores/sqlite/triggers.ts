// Triggers of an SQLite table, by what sets them off: it keeps them as the text that made them, and that is all there is.
import type { Knex } from 'knex';

export async function triggersOn(database: Knex, table: string, act: 'DELETE' | 'UPDATE'): Promise<string[]> {
  const triggers: { name: string; sql: string }[] = await database.raw(
    "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ? COLLATE NOCASE",
    [table],
  );
  return triggers.filter(({ sql }) => eventOf(sql) === null || eventOf(sql) === act).map(({ name }) => name);
}

const NAME = '(?:"(?:[^"]|"")*"|`(?:[^`]|``)*`|\\[[^\\]]*\\]|\'(?:[^\']|\'\')*\'|[^\\s."`\'\\[(]+)';
const SPACE = '(?:\\s|--[^\\n]*\\n|/\\*[\\s\\S]*?\\*/)+';
/** `CREATE TRIGGER t AFTER UPDATE OF name ON prospects`, as far as its event. */
const EVENT = new RegExp(
  `^CREATE(?:${SPACE}TEMP(?:ORARY)?)?${SPACE}TRIGGER${SPACE}(?:IF${SPACE}NOT${SPACE}EXISTS${SPACE})?${NAME}(?:\\s*\\.\\s*${NAME})?(?:${SPACE})?(?:(?:BEFORE|AFTER|INSTEAD${SPACE}OF)${SPACE})?(DELETE|INSERT|UPDATE)\\b`,
  'i',
);

/** What sets a trigger off; null: that is not understood, and anything may. */
function eventOf(sql: string): string | null {
  return EVENT.exec(sql.trim())?.[1]?.toUpperCase() ?? null;
}
