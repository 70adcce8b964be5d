// How a data map file, once its shape is checked, becomes a `StoreMap`: what is not said gets its default here.
import type { z } from 'zod';
import type { FieldMask, Mask } from '../masks/mask.ts';
import { parseUtcDay } from '../policy/wall-time.ts';
import type { Dataset, Reference, StoreMap } from '../stores/store.ts';
import type { DatasetFile, mask, StoreFile } from './store-schema.ts';

export function toStoreMap(file: StoreFile): StoreMap {
  const at = file.kind === 'mysql' ? file.url : reference(file.kind === 'sqlite' ? file.path : file.root);
  return {
    name: file.store,
    kind: file.kind,
    at,
    readAt: file.kind === 'mysql' ? (file.readUrl ?? null) : null,
    replicas: file.kind === 'mysql' ? (file.replicas ?? []) : [],
    canary: file.kind === 'filesystem' ? (file.canary ?? null) : null,
    datasets: file.datasets.map(one => toDataset(one, file)),
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
    at: written.table ?? written.tables ?? written.folder ?? '',
    tables: written.tables ?? null,
    pattern: written.pattern ?? null,
    removeEmptyFolders: written.removeEmptyFolders ?? false,
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
    startColumn: source.column ?? '',
    statusColumn: source.status?.column ?? null,
    startFrom: written.start.from ?? null,
    files: (written.files ?? []).map(one => ({
      store: one.store,
      template: one.path,
      absent: one.absent ?? [],
      missing: one.missing ?? 'refuse',
    })),
    acknowledged: {
      cascades: written.acknowledged?.cascades ?? [],
      triggers: written.acknowledged?.triggers ?? [],
      restarts: written.acknowledged?.restarts ?? [],
    },
    partitions: written.partitions ?? 'rows',
    flag: written.flag ?? null,
    anonymise:
      written.anonymise === undefined
        ? null
        : { fields: written.anonymise.fields.map(toFieldMask), marker: written.anonymise.marker ?? null },
  };
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
