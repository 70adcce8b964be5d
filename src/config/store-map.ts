// How a data map file, once its shape is checked, becomes a `StoreMap`: what is not said gets its default here.
import type { z } from 'zod';
import type { FieldMask, Mask } from '../masks/mask.ts';
import { type FileRule, templateColumns } from '../policy/file-path.ts';
import { shownTable, type TableName } from '../policy/table-name.ts';
import { parseUtcDay } from '../policy/wall-time.ts';
import type { ChildTable } from '../stores/child-table.ts';
import type { StartRows } from '../stores/start-rows.ts';
import type { Dataset, Reference, StoreMap } from '../stores/store.ts';
import type { ChildFile, DatasetFile, mask, StoreFile } from './store-schema.ts';

export function toStoreMap(file: StoreFile): StoreMap {
  const at = file.kind === 'mysql' ? file.url : reference(file.kind === 'sqlite' ? file.path : file.root);
  return {
    name: file.store,
    kind: file.kind,
    at,
    readAt: file.kind === 'mysql' ? (file.readUrl ?? null) : null,
    actsOnReplica: file.kind === 'mysql' ? (file.actsOnReplica?.reason ?? null) : null,
    replicas: file.kind === 'mysql' ? (file.replicas ?? []) : [],
    canary: file.kind === 'filesystem' ? (file.canary ?? null) : null,
    datasets: file.datasets.map(one => toDataset(one, file)),
    ignored: (file.ignored ?? []).map(one => ({
      at: 'table' in one ? one.table : one.folder,
      reason: one.reason,
    })),
  };
}

function reference(written: string | { env: string }): Reference {
  return typeof written === 'string' ? { literal: written } : written;
}

function toDataset(written: DatasetFile, file: StoreFile): Dataset {
  const source =
    file.datasets.find(one => one.dataset === written.start.from?.dataset)?.start ?? written.start;
  const tagged = typeof written.class !== 'string';
  return {
    store: file.store,
    name: written.dataset,
    partOf: written.partOf ?? null,
    at: shownTable(tableOf(written)),
    table: tableOf(written),
    tables: written.tables ?? null,
    pattern: written.pattern ?? null,
    removeEmptyFolders: written.removeEmptyFolders ?? false,
    ...(written.hardLinks === undefined ? {} : { hardLinks: written.hardLinks }),
    key: keyOf(written, file),
    keyless: written.keyless ?? false,
    keysPersonal: written.keysPersonal ?? false,
    class: tagged
      ? { kind: 'tag', classes: tagValues(written.class) }
      : { kind: 'fixed', class: written.class as string },
    tagColumn: typeof written.class === 'string' ? null : written.class.column,
    customerColumn: written.customer ?? null,
    mapsCustomer: written.customer !== undefined,
    numberColumns: written.numbers ?? [],
    mapsNumbers: written.numbers !== undefined,
    jurisdictionColumn: typeof written.jurisdiction === 'object' ? written.jurisdiction.column : null,
    jurisdiction:
      written.jurisdiction === undefined
        ? { kind: 'none' }
        : typeof written.jurisdiction === 'string'
          ? { kind: 'fixed', code: written.jurisdiction }
          : { kind: 'column' },
    bytesColumn: written.bytes ?? null,
    start: {
      event: written.start.event,
      unit: source.unit ?? (source.column === 'mtime' ? 'epoch-ms' : 'datetime'),
      zone: source.zone ?? 'UTC',
      format: source.format ?? null,
      sentinels: source.sentinels ?? [],
      plausibleFromMs: parseUtcDay(source.plausibleFrom ?? '1995-01-01') ?? 0,
      closedStatuses: source.status?.closed ?? null,
    },
    fallbackColumn: source.fallback ?? null,
    startColumn: source.column ?? source.history?.column ?? source.last?.column ?? '',
    statusColumn: source.status?.column ?? null,
    startFrom: written.start.from ?? null,
    startRows: toStartRows(source),
    files: (written.files ?? []).map(one => ({
      store: one.store,
      template: one.path,
      converted: one.converted ?? [],
      absent: one.absent ?? [],
      cleared: written.partOf === undefined ? [] : clearedColumns(one.path, written),
      missing: one.missing ?? 'refuse',
      ...(one.hardLinks === undefined ? {} : { hardLinks: one.hardLinks }),
    })),
    acknowledged: {
      cascades: (written.acknowledged?.cascades ?? []).map(toTableName),
      changes: (written.acknowledged?.changes ?? []).map(toTableName),
      triggers: written.acknowledged?.triggers ?? [],
      restarts: written.acknowledged?.restarts ?? [],
    },
    childTables: (written.children ?? []).map(one => toChildTable(one, tableOf(written))),
    partitions: written.partitions ?? 'rows',
    flag: written.flag ?? null,
    anonymise:
      written.anonymise === undefined
        ? null
        : { fields: written.anonymise.fields.map(toFieldMask), marker: written.anonymise.marker ?? null },
  };
}

/** A table, tables that are named by date, or a folder. */
function tableOf({ database, table, tables, folder }: DatasetFile): TableName {
  return { database: database ?? null, name: table ?? tables ?? folder ?? '' };
}

/** A bare name is of the store's own database. */
function toTableName(written: string | { table: string; database?: string | undefined }): TableName {
  if (typeof written === 'string') return { database: null, name: written };
  return { database: written.database ?? null, name: written.table };
}

function othersOf(shared: ChildFile['shared']): { readonly table: TableName; readonly column: string }[] {
  if (typeof shared !== 'object') return [];
  if (Array.isArray(shared)) return shared.map(one => ({ table: toTableName(one), column: one.column }));
  return Object.entries(shared).map(([table, column]) => ({ table: toTableName(table), column }));
}

/** `above`: the table that it is a child of. */
function toChildTable(written: ChildFile, above: TableName): ChildTable {
  const { on, where, shared, children } = written;
  const table = toTableName(written);
  const [column = ''] = Object.values(on);
  const others = othersOf(shared);
  return {
    at: shownTable(table),
    table,
    on,
    where: where ?? {},
    sharedBy:
      shared === undefined || shared === false
        ? null
        : [{ table: above, column }, ...others].map(one => ({ at: shownTable(one.table), ...one })),
    children: (children ?? []).map(one => toChildTable(one, table)),
  };
}

function toStartRows({ history, last }: DatasetFile['start']): StartRows | null {
  const rows = history ?? last;
  if (rows === undefined) return null;
  return { table: toTableName(rows), on: rows.on, status: history?.status ?? null };
}

/** What the columns of a file's name hold once they are masked. */
function clearedColumns(template: string, { anonymise }: DatasetFile): FileRule['cleared'] {
  const named = templateColumns(template);
  return (anonymise?.fields ?? [])
    .filter(({ column }) => named.includes(column))
    .map(({ column, mask }) => ({
      column,
      to: mask !== null && typeof mask === 'object' && 'text' in mask ? mask.text : null,
    }));
}

function keyOf({ keyless, key = [], start }: DatasetFile, { kind }: StoreFile): readonly string[] {
  if (kind === 'filesystem') return ['path'];
  return keyless === true ? [start.column ?? '', 'SHA-256 of the row', 'copy'] : key;
}

function tagValues(written: DatasetFile['class']): Readonly<Record<string, string>> {
  return typeof written === 'string' ? {} : written.values;
}

function toFieldMask(written: { column: string; mask: z.output<typeof mask> }): FieldMask {
  return { column: written.column, mask: toMask(written.mask) };
}

function toMask(written: z.output<typeof mask>): Mask {
  if (written === null || written === 'null') return { kind: 'null' };
  if (typeof written === 'string') return { kind: written };
  return 'text' in written
    ? { kind: 'text', text: written.text }
    : { kind: 'truncate-date', to: written.truncateDate };
}
