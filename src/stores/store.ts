// The contract of a store. A store holds records; a `StoreReader` can look at them and has no way to change them; a
// `Store` can also dispose of them, whole batches at a time, each key re-read under lock before it is touched.
//
// To add a kind: one file that exports `open<Kind>`, one line in `kinds.ts`, one test that joins
// `test/stores/store-contract.ts`, one example under `jobs/stores/`.

import type { FieldMask } from '../masks/mask.ts';
import type { HardLinks } from '../policy/file-path.ts';
import type { Naming } from '../policy/naming.ts';
import type { Disposition, Key } from '../policy/policy.ts';
import type { ReadingRules, StoredRecord } from '../policy/record.ts';
import type { Literal } from '../policy/start.ts';
import type { TableName } from '../policy/table-name.ts';
import type { ChildCounts, ChildTable, LonelyChildren } from './child-table.ts';
import type { DatedTables } from './dated-tables.ts';
import type { FilePlace, OtherFiles } from './file-place.ts';
import type { GrantNeed, Grants } from './grants.ts';
import type { Inventory, InventoryDetail } from './inventory.ts';
import type { LastChange } from './last-change.ts';
import type { Listed, ListedOrder, SureRange, WalkChoice } from './listed.ts';
import type { Load } from './load.ts';
import type { Caveat, Mismatch, Unseen } from './mismatch.ts';
import type { Judge, Order, Outcome } from './order.ts';
import type { PartitionDrop, PartitionOrder, PartitionReader } from './partition.ts';
import type { PassedOver } from './passed-over.ts';
import type { AtServer } from './server-place.ts';
import type { StartRows } from './start-rows.ts';

export type StoreKind = 'mysql' | 'sqlite' | 'filesystem';

/** A way to reach a store: a literal path, or the name of the environment variable that holds it. */
export type Reference = { readonly env: string } | { readonly literal: string };

/** Where one store is and what is in it: one file under `jobs/stores/`. */
export interface StoreMap {
  readonly name: string;
  readonly kind: StoreKind;
  readonly at: Reference;
  /** Another way in, with fewer rights, for planning; null: planning uses `at`. */
  readonly readAt: Reference | null;
  /** Why `at` may lead to a server that itself copies another, of two primaries say; null: it may not. */
  readonly actsOnReplica: string | null;
  /** Servers that copy this store's, whose lag the pace of a run follows. */
  readonly replicas: readonly Reference[];
  /** For files: a file that exists whenever the root is really mounted, relative to the root. */
  readonly canary: string | null;
  readonly datasets: readonly Dataset[];
  /** Tables or folders that are left unmapped on purpose. `*` stands for any characters. */
  readonly ignored: readonly { readonly at: string; readonly reason: string }[];
}

/** One table or folder, and how its records are read. Column names are the store's own. */
export interface Dataset extends ReadingRules {
  /** As messages have it: a table, with its database where the data map names one; or a folder relative to the root. */
  readonly at: string;
  /** The table as the data map writes it. */
  readonly table: TableName;
  /** One of the tables of this name with a date in it, or all of them, and `at` is the same; null: no such dataset. */
  readonly tables: string | null;
  /** For files: a regular expression over the path below the folder, whose named groups stand for columns. */
  readonly pattern: string | null;
  /** For files: folders below this one that a run has emptied are removed. */
  readonly removeEmptyFolders: boolean;
  /** For files: what is done with one that has other names too; left out: it stays, and is told. */
  readonly hardLinks?: HardLinks;
  /** Its columns. Where rows have none: the start, the digest of the row, and its number among the same. */
  readonly key: readonly string[];
  /** True when keys identify people: only keyed hashes of them are written to the audit log. */
  readonly keysPersonal: boolean;
  readonly tagColumn: string | null;
  readonly customerColumn: string | null;
  readonly numberColumns: readonly string[];
  readonly jurisdictionColumn: string | null;
  readonly bytesColumn: string | null;
  /** Files: `mtime` or `path`, the named group `start`. Tables: a column. */
  readonly startColumn: string;
  /** Read where the start column says nothing; null: nothing stands in for it. */
  readonly fallbackColumn: string | null;
  readonly statusColumn: string | null;
  /** When the start stands in another dataset of the same store, the account of a letter say: how to get there. */
  readonly startFrom: { readonly dataset: string; readonly on: Readonly<Record<string, string>> } | null;
  /** Tables whose rows go with a record of this one. */
  readonly childTables: readonly ChildTable[];
  /** When rows of another table tell the start, of these records or of those that hold it. */
  readonly startRows: StartRows | null;
  /** Whether a partition of the table may be dropped where all that is in it is due. */
  readonly partitions: 'rows' | 'drop';
  /**
   * What somebody has looked into: tables from which a foreign key takes rows along, those in which one sets a column anew,
   * triggers, and start columns that any update of the row sets anew.
   */
  readonly acknowledged: Readonly<
    Record<'cascades' | 'changes', readonly TableName[]> & Record<'triggers' | 'restarts', readonly string[]>
  >;
  /** For `flag`: what is written where. For `anonymise`: which fields are masked how, and what says so. */
  readonly flag: { readonly column: string; readonly value: string } | null;
  readonly anonymise: {
    readonly fields: readonly FieldMask[];
    readonly marker: { readonly column: string; readonly value: string } | null;
  } | null;
}

/** What a store can honour, stated so that a plan can refuse what it cannot. */
export interface StoreFacts {
  /** It can compare starts itself; otherwise every record is read and decided on in this process. */
  readonly pushesDown: boolean;
  readonly dispositions: readonly Disposition[];
}

/** What to scan for. Bounds are in the store's own terms. */
export interface ScanRange {
  /** Only records with one of these tags; null: the dataset has one class. */
  readonly tags: readonly string[] | null;
  readonly which: /** Records whose start can be compared and lies in `[from, before)`; plausible ones only. */
    | {
        readonly kind: 'started';
        readonly plausibleFrom: Literal;
        readonly from: Literal | null;
        readonly before: Literal;
        readonly customer: string | null;
        readonly key: Key | null;
      }
    /** Records whose start says nothing, or contradicts their status: they are read, to be counted and shown. */
    | { readonly kind: 'doubtful'; readonly plausibleFrom: Literal; readonly future: Literal }
    /** Every record: for stores and units that cannot be compared where the records are. */
    | { readonly kind: 'all' };
}

/** Numbers that need no scan. */
export interface Counted {
  readonly stored: number;
  /** `stored` is what the server's statistics say. */
  readonly isEstimate: boolean;
  /** Records whose clock has not started: their account is open. */
  readonly notStarted: number;
}

export interface StoreReader {
  readonly name: string;
  readonly kind: StoreKind;
  readonly facts: StoreFacts;
  /** The store's own clock in ms, or null when it has none of its own. */
  readonly clockMs: () => Promise<number | null>;
  /** When it was last changed, as far as what is written in it until `untilMs` can say. It may take as long as a scan. */
  readonly lastChange: (untilMs: number) => Promise<LastChange>;
  /** Every way in which a declared dataset does not fit the real one; empty when it can be trusted. */
  readonly check: (dataset: Dataset, dispositions: readonly Disposition[]) => Promise<readonly Mismatch[]>;
  /**
   * What stands in the store beside `mapped`: tables, or folders whose files some dataset speaks of. Of tables the
   * mapped ones are given too.
   */
  readonly inventory: (mapped: readonly TableName[], detail: InventoryDetail) => Promise<Inventory>;
  /** For stores of tables, some of which may be named by date. */
  readonly datedTables: DatedTables | null;
  /** A few starts as they stand, from both ends: whether they can be in the unit that the dataset declares. */
  readonly sampleStarts: (dataset: Dataset, column: string) => Promise<readonly string[]>;
  /** What a delete could set off without this user seeing it beforehand. */
  readonly unseenEffects: (dataset: Dataset) => Promise<readonly Unseen[]>;
  /** What the store cannot promise for a dataset that it promises for others, or who else acts on it. */
  readonly caveats: (dataset: Dataset) => Promise<readonly Caveat[]>;
  /** Null where counting would take as long as a scan. */
  readonly count: (
    dataset: Dataset,
    tags: readonly string[] | null,
    accuracy: 'exact' | 'estimate',
  ) => Promise<Counted | null>;
  /** How many records have each of these values in a column, but for those that have none; null where no index answers. */
  readonly countValues: (
    dataset: Dataset,
    column: string,
    values: readonly string[],
  ) => Promise<readonly { readonly value: string; readonly records: number }[] | null>;
  /** What an index that is missing would save a plan, in a sentence; null where none is missing. */
  readonly indexAdvice: (dataset: Dataset) => Promise<string | null>;
  /** How many records carry a tag that no class is declared for. */
  readonly unclassified: (dataset: Dataset) => Promise<{ count: number; samples: readonly Key[] }>;
  /**
   * Records of the range, in pages, in the store's key order. Memory holds one page. The caller decides on each: a
   * scan may give more than it was asked for, never less.
   */
  readonly scan: (
    dataset: Dataset,
    range: ScanRange,
    pageRecords: number,
  ) => AsyncIterable<readonly StoredRecord[]>;
  /**
   * Lists the sure records of a range by their keys, at most `batchKeys` at a time, and with them every other record of
   * the same starts as set apart. Null where the store cannot tell the two from each other: each record must be read.
   * `partitions`: only in these.
   */
  readonly listSure: (
    dataset: Dataset,
    range: SureRange,
    batchKeys: number,
    partitions?: readonly string[],
  ) => Promise<AsyncIterable<Listed> | null>;
  /** How `listSure` would go from batch to batch; null where it lists nothing. */
  readonly walk: (dataset: Dataset, range: SureRange) => Promise<WalkChoice | null>;
  /** For stores whose tables have partitions. */
  readonly partitions: PartitionReader | null;
  /** The least rights that a job with these needs must be granted; null for kinds that know no users. */
  readonly grants: ((needs: readonly GrantNeed[]) => Promise<Grants>) | null;
  /** For stores of files: what the last scan of a dataset passed over; null before there was one. */
  readonly passedOver: ((dataset: Dataset) => PassedOver | null) | null;
  /** The records that still exist of these keys, whatever their start. */
  readonly find: (dataset: Dataset, keys: readonly Key[]) => Promise<readonly StoredRecord[]>;
  /** How many rows of its child tables would go with these records, and how many more by foreign key. */
  readonly countChildren: (
    dataset: Dataset,
    keys: readonly Key[],
    disposition: Disposition,
  ) => Promise<ChildCounts>;
  /** How many rows of its child tables stand there though their records, which had these keys, do not. */
  readonly lonelyChildren: (dataset: Dataset, keys: readonly Key[]) => Promise<LonelyChildren>;
  /**
   * Records that may name certain files, in pages; every naming is of one template of the dataset. It may give more than it
   * was asked for, never less: `readRecord` says what a record names. Null for kinds whose records name no files.
   */
  readonly namedBy:
    | ((
        dataset: Dataset,
        namings: readonly Naming[],
        pageRecords: number,
      ) => AsyncIterable<readonly StoredRecord[]>)
    | null;
  /** For stores behind a server: which it is, and what can be told of it; null for kinds that have none. */
  readonly server: AtServer | null;
  /** Asks how busy the store's server is, as `load.ts` says; null for kinds that have none. */
  readonly load: ((query: string | null) => Promise<Load>) | null;
  /** For stores of files: what is at a path now. */
  readonly fileAt: ((path: string) => Promise<FilePlace>) | null;
  /**
   * For stores of files: every plain file below the root that none of its datasets maps, but for its canary, in pages of at
   * most so many. Links are not followed. Throws `store-unreachable` where the root is not there.
   */
  readonly otherFiles: ((pageFiles: number) => AsyncIterable<OtherFiles>) | null;
  readonly close: () => Promise<void>;
}

export interface Store extends StoreReader {
  /**
   * Disposes of those keys that exist and that the judge lets go, in one transaction where the store has them.
   * Gives one outcome for each key, in order. Called again with the same keys it finds them gone.
   */
  readonly dispose: (order: Order, judge: Judge) => Promise<readonly Outcome[]>;
  /**
   * Purges listed records without a look at each, a write at a time: exactly the keys of the write go, all of them and
   * no others, or none does, since something has changed, and `dispose` must look at each. Null: it lists nothing.
   */
  readonly purgeListed: ((order: ListedOrder) => Promise<void>) | null;
  /** Drops a partition in one statement, if under lock it holds exactly the keys of the order and all of them are sure. */
  readonly dropPartition: ((order: PartitionOrder) => Promise<PartitionDrop>) | null;
  /**
   * For stores of files: removes one that belongs to a record elsewhere. Throws, with why, what cannot be removed or is in
   * doubt: a file that has other names too, unless it may have.
   */
  readonly removeFile:
    | ((path: string, how?: { readonly mayBeLinked: boolean }) => Promise<'removed' | 'already-gone'>)
    | null;
}
