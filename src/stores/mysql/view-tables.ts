// The tables that a view reads in the end, so that a refusal of it can name what to map instead. Who may not see how a
// view is made is told of none.
import type { Ask } from './ask.ts';

/** Through views of views, each once, as `table` in the schema of the first and as `schema.table` elsewhere. */
export async function tablesOfView(ask: Ask, home: string, view: string): Promise<string[]> {
  const seen = new Set<string>();
  const tables: string[] = [];
  const follow = async (schema: string, name: string): Promise<void> => {
    const id = JSON.stringify([schema, name]);
    if (seen.has(id)) return;
    seen.add(id);
    const [made] = await ask(
      'SELECT VIEW_DEFINITION AS made FROM information_schema.VIEWS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?',
      [schema, name],
    );
    if (made === undefined) {
      tables.push(schema === home ? name : `${schema}.${name}`);
      return;
    }
    // The server writes every table with its schema, and every column with its table or the alias of it.
    const named = String(made.made ?? '').matchAll(/(?:from|join) \(*`([^`]+)`\.`([^`]+)`/g);
    for (const [, of = '', at = ''] of named) await follow(of, at);
  };
  await follow(home, view);
  return tables;
}
