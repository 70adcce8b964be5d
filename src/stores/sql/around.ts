// What is known of a table that a write to another one reaches by foreign key. Types only.
import type { ColumnType } from './dialect.ts';

/** A table that a write reaches by foreign key. */
export interface Around {
  /** This user may read it: what goes along there is counted. */
  readonly isReadable: boolean;
  readonly keepsHistory: boolean;
  /** Triggers that the server sets off there; none where it sets off none for what a foreign key does. */
  readonly deleteTriggers: readonly string[];
  readonly updateTriggers: readonly string[];
  /** A unique key of it, to count rows once that are reached twice; null: it has none. */
  readonly rowKey: readonly string[] | null;
  readonly types: ReadonlyMap<string, ColumnType>;
}
