// What is missing of a batch that was cut off is told as its run's deed only where the run was, and at no older state.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { doubtOfDeeds } from '../../src/enforce/whose-deed.ts';
import { type Ledger, openLedger } from '../../src/ledger/ledger.ts';
import { isOlder, type Place } from '../../src/plan/place.ts';
import type { Dataset, Store } from '../../src/stores/store.ts';
import { type FreshFolder, freshFolder } from '../support/databases.ts';

const THEN: Place = { id: 'a', called: 'a:3306', database: 'telecom', position: { lsn: 100, 'gtid u': 7 } };
const [STORE, DATASET] = [{ name: 'telecom' } as Store, { store: 'telecom', name: 'calls' } as Dataset];

let folder: FreshFolder;
let ledger: Ledger;

beforeEach(async () => {
  folder = await freshFolder();
  ledger = await openLedger(`${folder.path}/ledger.db`, systemClock, 'tester');
});

afterEach(async () => {
  await ledger.close();
  await folder.remove();
});

async function started(servers?: Readonly<Record<string, Place>>): Promise<void> {
  const event = {
    kind: 'run-started',
    plan: 'p',
    job: 'j',
    resumed: false,
    host: 'h',
    version: '0',
  } as const;
  await ledger.audit.append({ ...event, ...(servers === undefined ? {} : { servers }) }, 'run-1');
}

test.each([
  ['the same server, further on', { ...THEN, position: { lsn: 101, 'gtid u': 9, 'gtid v': 1 } }, null],
  ['the same server, where it was', THEN, null],
  ['another server', { ...THEN, id: 'b' }, 'at another server'],
  ['another database', { ...THEN, database: 'staging' }, 'at another server'],
  [
    'a lower place in its log',
    { ...THEN, position: { lsn: 99, 'gtid u': 7 } },
    'at an older state of the server',
  ],
  ['fewer transactions', { ...THEN, position: { lsn: 500, 'gtid u': 6 } }, 'at an older state of the server'],
  [
    'transactions that it does not know',
    { ...THEN, position: { lsn: 500 } },
    'at an older state of the server',
  ],
])('%s', async (_, now, doubt) => {
  await started({ telecom: THEN });
  expect(await doubtOfDeeds(ledger, 'run-1', DATASET, STORE, now)).toBe(doubt);
});

test('where the run went on counts, and a run that named no server proves nothing', async () => {
  await started({ telecom: { ...THEN, id: 'b' } });
  await started({ telecom: THEN });
  expect(await doubtOfDeeds(ledger, 'run-1', DATASET, STORE, THEN)).toBeNull();
  await started();
  expect(await doubtOfDeeds(ledger, 'run-1', DATASET, STORE, THEN)).toBe(
    'at a server that its run did not name',
  );
  // Folders and files of one machine are behind no server.
  expect(await doubtOfDeeds(ledger, 'run-1', DATASET, STORE, undefined)).toBeNull();
});

test('a server that counts nothing proves nothing', () => {
  expect(isOlder({ position: {} }, { position: {} })).toBe(true);
  expect(isOlder({ position: { lsn: 1 } }, { position: {} })).toBe(true);
});
