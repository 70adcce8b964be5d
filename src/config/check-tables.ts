// A table of one database is mapped once, in whichever file: with two data maps its rows would have two periods.
import type { Problem } from '../errors.ts';
import type { Loaded, Located } from './loaded.ts';
import type { StoreFile } from './store-schema.ts';
import { placeOf } from './table-place.ts';

/** Tables that a second data map of the same database maps too. */
export function checkTables({ stores }: Pick<Loaded, 'stores'>): Problem[] {
  const first = new Map<
    string,
    { readonly dataset: string; readonly file: string; readonly store: string }
  >();
  return stores.flatMap(({ value: store, file }: Located<StoreFile>) =>
    store.datasets.flatMap(({ dataset, table, database }, index) => {
      if (table === undefined || store.kind === 'filesystem') return [];
      const place = JSON.stringify([
        store.kind,
        store.kind === 'mysql' ? store.url : store.path,
        placeOf(table, database),
      ]);
      const known = first.get(place);
      if (known === undefined) first.set(place, { dataset, file: file.file, store: store.store });
      // Twice in one file is said where the file is checked by itself.
      if (known === undefined || known.store === store.store) return [];
      return [
        file.problem(
          ['datasets', index, 'table'],
          `table "${table}" of the same database is mapped by "${known.dataset}" in ${known.file} already: its rows would have two periods`,
          'Map it in one of the two files',
        ),
      ];
    }),
  );
}
