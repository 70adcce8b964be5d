// What the SQL stores differ in, as facts and a few phrases. Everything else about them is shared.
import type { Knex } from 'knex';
import type { Explained } from '../../database/explained.ts';
import type { Literal, StartUnit } from '../../policy/start.ts';
import type { TableName } from '../../policy/table-name.ts';
import type { GrantNeed, Grants } from '../grants.ts';
import type { Inventory, InventoryDetail } from '../inventory.ts';
import type { Listed, Stretch, SureRange, WalkChoice } from '../listed.ts';
import type { Caveat } from '../mismatch.ts';
import type {
  DuePartition,
  ListedOfPartition,
  PartitionDrop,
  PartitionOrder,
  PartitionSurvey,
} from '../partition.ts';
import type { ScanRange } from '../scan-range.ts';
import type { StoreFacts, StoreKind } from '../store.ts';
import type { Around } from './around.ts';
import type { ChildTarget } from './child-tables.ts';
import type { ForeignKeys, Reach } from './foreign-keys.ts';
import type { Target } from './query.ts';
import type { Rows } from './rows-below.ts';

/**
 * How a column's values are bound and read: integers and decimals exactly, bytes as hexadecimal text. `coded` ones are
 * ordered by a number and compared by a text, so that no walk along them is safe.
 */
export type ColumnType =
  | 'integer'
  | 'decimal'
  | 'float'
  | 'text'
  | 'bytes'
  | 'datetime'
  | 'date'
  | 'timestamp'
  | 'coded'
  | 'other';

export interface Column {
  readonly type: ColumnType;
  readonly nullable: boolean;
  /** The type as the server spells it, for messages. */
  readonly written: string;
  /** Any update of the row sets it anew, unless it is written itself. */
  readonly updatesItself: boolean;
  /** What rows get that are not given a value, as text; null where that is NULL, nothing, or worked out. */
  readonly fallback: string | null;
}

export interface Table {
  /** As the server has it, whatever a data map leaves unsaid. */
  readonly place: TableName;
  readonly isView: boolean;
  /** What is deleted or masked stays readable in a history that the server keeps of it (system-versioned). */
  readonly keepsHistory: boolean;
  /** Events of the server, switched on, that name it. */
  readonly events: readonly string[];
  /** For a view: the tables that it reads in the end, as far as this user may see them. */
  readonly viewOf: readonly string[];
  /** What keeps its rows, as the server names it, where that can neither lock a row nor undo a write; null: it can both. */
  readonly unsafeEngine: string | null;
  /** What keeps its rows, where nothing can be promised of it, with a way out; null: it is one of those that are known. */
  readonly refusedEngine: { readonly name: string; readonly hint: string } | null;
  readonly columns: ReadonlyMap<string, Column>;
  /** Unique indexes whose columns are all NOT NULL, the primary key first. */
  readonly uniqueKeys: readonly { readonly name: string; readonly columns: readonly string[] }[];
  /** Columns of each unique index, those that take NULL and the primary key among them. */
  readonly unique: readonly (readonly string[])[];
  /** All indexes, the clustered one among them, with their columns in order. */
  readonly indexes: readonly { readonly name: string; readonly columns: readonly string[] }[];
  /** Rows as the server estimates them. */
  readonly estimatedRows: number;
  /** It has partitions, each with indexes of its own. */
  readonly isPartitioned: boolean;
  /** A delete can say which rows it deleted. */
  readonly returnsDeleted: boolean;
  /** What a delete takes along or changes elsewhere by foreign key, however far down. */
  readonly deleting: Reach;
  /** What a change of a column changes elsewhere by foreign key. */
  readonly updating: Reach;
  /** Of each table that a write reaches by foreign key, by `idOf`: what stands in the way, and what the server then does. */
  readonly around: ReadonlyMap<string, Around>;
  readonly keys: Pick<ForeignKeys, 'idOf' | 'named'>;
  /** Triggers that a delete sets off, as far as this user may see them. */
  readonly deleteTriggers: readonly string[];
  /** The same of updates. */
  readonly updateTriggers: readonly string[];
  readonly definers: Definers;
  readonly rights: Rights;
}

/** Triggers whose definer is no user any more, so that nobody can set them off, and those of whom this user may not know it. */
export type Definers = Readonly<
  Record<'gone' | 'unseen', readonly { readonly trigger: string; readonly definer: string }[]>
>;

/** What this user may do with a table, and whether it sees all that a delete from it sets off. */
export interface Rights {
  readonly deletes: boolean;
  readonly seesTriggers: boolean;
  /** Those of tables that it has no rights on too. */
  readonly seesForeignKeys: boolean;
  readonly seesEvents: boolean;
  /** Lines of what the server says it has granted that were not understood. */
  readonly unread: readonly string[];
  readonly locksTables: boolean;
}

/** A table that a write reads or changes, by the name that its queries have for it. */
export interface TableLock {
  readonly table: TableName;
  /** One of ours: `t`. */
  readonly as: string | null;
  readonly mode: 'read' | 'write';
}

export interface BaseTables {
  /** The schema's name, where it has one. */
  readonly home: string | null;
  /** It is the one that tables are meant to be in where none is named. */
  readonly isOwn: boolean;
  readonly tables: readonly string[];
}

/** `table`: null where this user may not see it, or there is none. */
export interface TableNeed extends GrantNeed {
  readonly table: Table | null;
}

/** Phrases with the column as `??`. */
export interface TimePhrases {
  /** A value that rises with the time, and reads as it does. */
  readonly ordered: string;
  readonly isZero: string;
  /** Neither NULL nor a time. */
  readonly isUnreadable: string;
  /** Of two ordered values, the later first: on a clock that was put back between them, either may be the later. */
  readonly areNear: string;
}

export interface Dialect {
  readonly kind: StoreKind;
  readonly facts: StoreFacts;
  /** Null when there is no such table. `keys`: asked for where some may lead to it. Throws `store-mismatch` where two are meant. */
  readonly describe: (
    database: Knex,
    table: TableName,
    keys: () => Promise<ForeignKeys>,
  ) => Promise<Table | null>;
  /** The tables of a schema that are neither views nor anything else; null: those of the store's own. */
  readonly baseTables: (database: Knex, schema: string | null) => Promise<BaseTables>;
  /** All foreign keys that this user may see. */
  readonly foreignKeys: (database: Knex) => Promise<ForeignKeys>;
  /** `mapped`: the tables of the store's datasets. */
  readonly inventory: (
    database: Knex,
    mapped: readonly TableName[],
    detail: InventoryDetail,
  ) => Promise<Inventory>;
  readonly clockMs: (database: Knex) => Promise<number | null>;
  /** Takes the locks that a disposing transaction needs, where reading rows does not take them. */
  readonly beginWriting: (transaction: Knex.Transaction, table: TableName) => Promise<void>;
  /** Makes the connection fit for another try after a lock was not to be had. */
  readonly afterLocked: (database: Knex) => Promise<void>;
  /** Two columns are compared as the left one is, and in a foreign key as the one that is referred to. */
  readonly collatesByColumn: boolean;
  readonly locksRows: boolean;
  /** Keeps others off whole tables, for engines that cannot lock a row; null: there are no such engines. */
  readonly withTablesLocked:
    | (<T>(
        database: Knex,
        locks: readonly TableLock[],
        act: (connection: Knex.Transaction) => Promise<T>,
      ) => Promise<T>)
    | null;
  /** Deletes the rows of a child table, `below` as they are joined to those `above`; how many there were. */
  readonly deleteJoined: (connection: Knex, child: ChildTarget, above: Rows, below: Rows) => Promise<number>;
  /** A hint that makes a walk follow an index, or null. */
  readonly follow: (index: string) => string | null;
  /** The index of the start, where a range has few rows in it; null: the scan follows the key. */
  readonly narrowIndex: ((database: Knex, target: Target, range: ScanRange) => Promise<string | null>) | null;
  /** A column as exact text. `spec`: what is known of it; where it is not given, as the server shows it. */
  readonly asText: (database: Knex, column: string, spec?: Column) => Knex.Raw;
  /** The same, or NULL where the driver would give less of it than there is: no order could be checked on that. */
  readonly wholeText: (database: Knex, column: string) => Knex.Raw;
  /** A column as the text that records have of it, to be compared with texts; null where one of this type holds only numbers. */
  readonly comparedText: (database: Pick<Knex, 'raw'>, column: string, type: ColumnType) => Knex.Raw | null;
  /** What stands in a column up to its last dot and with it; empty where there is none. */
  readonly toLastDot: (database: Pick<Knex, 'raw'>, column: string) => Knex.Raw;
  /** A digest of every column's exact value, for rows without a key; null: such tables are refused. */
  readonly rowDigest: ((database: Pick<Knex, 'raw'>, table: Table, alias: string) => Knex.Raw) | null;
  /** A condition true of values that the unit cannot read, for columns without a type; null where types see to it. */
  readonly unreadable: (unit: StartUnit) => string | null;
  /** A bound that is certain to take in every value that reads as before it (or from it on). */
  readonly widen: (bound: Literal, unit: StartUnit, side: 'from' | 'before') => Literal;
  /** A column as text that is compared byte by byte, whatever its collation. */
  readonly exactText: (database: Pick<Knex, 'raw'>, column: string) => Knex.Raw;
  /** How times are understood where rows of another table are added up; none for `text`, which has no order. */
  readonly times: (unit: Exclude<StartUnit, 'text'>) => TimePhrases;
  /** Makes a selection lock what it reads, at once or not at all; empty where `beginWriting` has locked everything. */
  readonly lockShared: string;
  /** Column types that a start of this unit may have; null where columns have none. */
  readonly typesFor: (unit: StartUnit) => readonly ColumnType[] | null;
  /** Lists and deletes sure records without a look at each; null where the server is not asked to. */
  readonly listed: {
    /** How `list` would go about it; null where it would not. */
    readonly walk: (database: Knex, target: Target, range: SureRange) => Promise<WalkChoice | null>;
    readonly list: (
      database: Knex,
      target: Target,
      range: SureRange,
      batchKeys: number,
      partitions: readonly string[] | null,
    ) => Promise<AsyncIterable<Listed> | null>;
    /** Key texts of a batch in an order in which some of them, one after the other, are deleted best. */
    readonly inWritingOrder: (target: Target, keys: readonly string[], stretch: Stretch) => readonly string[];
    /** False: it deleted others than these keys or not all of them, and must be undone. */
    readonly delete: (
      transaction: Knex.Transaction,
      target: Target,
      keys: readonly string[],
      stretch: Stretch,
      range: SureRange,
    ) => Promise<boolean>;
  } | null;
  /** Surveys, lists and drops partitions; null where there are none. */
  readonly partitions: {
    readonly survey: (database: Knex, target: Target, range: SureRange) => Promise<PartitionSurvey>;
    readonly list: (
      database: Knex,
      target: Target,
      range: SureRange,
      partitions: readonly DuePartition[],
      batchKeys: number,
    ) => AsyncIterable<ListedOfPartition>;
    readonly drop: (database: Knex, target: Target, order: PartitionOrder) => Promise<PartitionDrop>;
  } | null;
  /** The least rights that a job needs; null where there are no users. */
  readonly grants: ((database: Knex, needs: readonly TableNeed[]) => Promise<Grants>) | null;
  /** What the server will not take of an enforcing run, as far as its variables say; known once it has been asked something. */
  readonly serverCaveats: (database: Knex) => readonly Caveat[];
  /** What kind of refusal an error is, and by what. */
  readonly explainError: (error: unknown) => Explained;
}

/** The text of a default that is written as one, `'1000-01-01'`; null for NULL, numbers and expressions. */
export function literalIn(written: string | null): string | null {
  return /^'((?:[^']|'')*)'$/.exec(written ?? '')?.[1]?.replaceAll("''", "'") ?? null;
}
