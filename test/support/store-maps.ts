// Data maps for tests, written as an operator writes them and read by the product's own schema.
import type { z } from 'zod';
import { toStoreMap } from '../../src/config/store-map.ts';
import { storeFile } from '../../src/config/store-schema.ts';
import type { Dataset, StoreMap } from '../../src/stores/store.ts';

type Written = z.input<typeof storeFile>;
/** A dataset as it stands in a data map file. */
export type DatasetFile = Written['datasets'][number];

export function sqlMap(kind: 'mysql' | 'sqlite', datasets: readonly DatasetFile[]): StoreMap {
  const written: Written =
    kind === 'mysql'
      ? { store: 'tested', kind, url: { env: 'TESTED_URL' }, datasets: [...datasets] }
      : { store: 'tested', kind, path: { env: 'TESTED_PATH' }, datasets: [...datasets] };
  return toStoreMap(storeFile.parse(written));
}

export function filesystemMap(datasets: readonly DatasetFile[], canary?: string): StoreMap {
  const written: Written = {
    store: 'tested',
    kind: 'filesystem',
    root: { env: 'TESTED_ROOT' },
    ...(canary === undefined ? {} : { canary }),
    datasets: [...datasets],
  };
  return toStoreMap(storeFile.parse(written));
}

export function datasetNamed(map: StoreMap, name: string): Dataset {
  const found = map.datasets.find(one => one.name === name);
  if (found === undefined) throw new Error(`the map has no dataset ${name}`);
  return found;
}
