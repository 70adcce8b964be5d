// Orders by file are as they are at each write of a run: what keeps acts at once, what would make more go waits, and a
// folder that cannot be read whole stops the run before anything more goes.
import { mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { followOrders } from '../../src/config/follow-orders.ts';
import { loadPolicySet } from '../../src/config/load-config.ts';
import type { PolicySet } from '../../src/policy/policy.ts';
import { type ConfigFolders, configFolders } from '../config/config-folders.ts';
import { type FreshFolder, type FreshMysql, freshFolder, freshMysql } from '../support/databases.ts';
import { type SmallRun, smallRun } from '../support/small-run.ts';
import { type DatasetFile, sqlMap } from '../support/store-maps.ts';

const DAY_MS = 86_400_000;
const NOW = Date.now();
const day = (before: number): string => new Date(NOW - before * DAY_MS).toISOString().slice(0, 10);

const policy = (bound: 'at-most' | 'at-least') => `policy: call
class: call
title: Calls
period: P30D
start: recorded
bound: ${bound}
zone: UTC
disposition: purge
owner: DPO
authority: { document: A policy, passage: All of it }
`;
const hold = (id: string, customer: string) => `hold: ${id}
kind: legal
matter: A case
reason: Proceedings
placedBy: Legal
placed: ${day(1)}
scope: { customers: [${customer}] }
`;
const order = (id: string, customer: string, period: string) => `instruction: ${id}
class: call
customer: ${customer}
period: ${period}
from: 2020-01-01
reference: A letter
`;

let folders: ConfigFolders;
beforeEach(() => {
  folders = configFolders({
    'policies/call.yaml': policy('at-most'),
    'policies/holds/h-0.yaml': hold('h-0', 'C0'),
  });
  mkdirSync(join(folders.policies, 'instructions'));
});
afterEach(() => {
  folders.remove();
});

/** Follows the folder as a run does, from before it is read. */
function following(): () => PolicySet {
  const follow = followOrders(folders.policies);
  return follow(loadPolicySet(folders.policies));
}
const ids = (all: readonly { readonly id: string }[] = []): string[] => all.map(({ id }) => id);

describe('orders that are followed', () => {
  test('are the same object while nothing changes', async () => {
    const now = following();
    const first = now();
    await new Promise(resolve => setTimeout(resolve, 150));
    expect(now()).toBe(first);
    expect(now()).toBe(first);
  });

  test('gain what keeps, and lose nothing that kept', () => {
    folders.write('policies/instructions/i-0.yaml', order('i-0', 'C1', 'P1Y'));
    const now = following();
    folders.write('policies/holds/h-1.yaml', hold('h-1', 'C1'));
    expect(ids(now().holds)).toEqual(['h-0', 'h-1']);
    rmSync(join(folders.policies, 'holds/h-0.yaml'));
    rmSync(join(folders.policies, 'holds/h-1.yaml'));
    expect(ids(now().holds)).toEqual(['h-0', 'h-1']);
    rmSync(join(folders.policies, 'instructions/i-0.yaml'));
    expect([ids(now().instructions), ids(now().keeping)]).toEqual([[], ['i-0']]);
    folders.write('policies/instructions/i-1.yaml', order('i-1', 'C2', 'P7D'));
    expect([ids(now().instructions), ids(now().keeping)]).toEqual([[], ['i-0', 'i-1']]);
  });

  test('are read again where a file was changed in place, with its size and times as they were', () => {
    const now = following();
    const path = join(folders.policies, 'holds/h-0.yaml');
    expect(now().holds[0]?.scope.customers).toEqual(['C0']);
    writeFileSync(path, hold('h-0', 'C9'));
    utimesSync(path, new Date(NOW - DAY_MS), new Date(NOW - DAY_MS));
    expect(now().holds.map(({ scope }) => scope.customers)).toEqual([['C0'], ['C9']]);
  });

  test('are read through the links that Kubernetes sets anew', () => {
    const holds = join(folders.policies, 'holds');
    folders.write('policies/holds/..1/k.yaml', hold('k', 'K1'));
    folders.write('policies/holds/..2/k.yaml', hold('k', 'K2'));
    symlinkSync('..1', join(holds, '..data'));
    symlinkSync('..data/k.yaml', join(holds, 'k.yaml'));
    const now = following();
    symlinkSync('..2', join(holds, '..data_tmp'));
    renameSync(join(holds, '..data_tmp'), join(holds, '..data'));
    expect(now().holds.map(({ scope }) => scope.customers?.[0])).toEqual(['C0', 'K1', 'K2']);
  });

  test.each<[what: string, breaks: () => void, named: RegExp]>([
    ['is not YAML', () => folders.write('policies/holds/h-1.yaml', 'hold: ['), /holds\/h-1\.yaml:1: /],
    [
      'is empty',
      () => folders.write('policies/holds/h-1.yaml', ''),
      /holds\/h-1\.yaml:1: this file is empty/,
    ],
    [
      'names no class',
      () => folders.write('policies/instructions/i.yaml', order('i', 'C1', 'P1Y').replace('call', 'cal')),
      /instructions\/i\.yaml:2: /,
    ],
    [
      'has another ending',
      () => folders.write('policies/holds/h-1.txt', hold('h-1', 'C1')),
      /h-1\.txt:1: nobody/,
    ],
    [
      'leads nowhere',
      () => symlinkSync('nowhere', join(folders.policies, 'holds/h-1.yaml')),
      /h-1\.yaml:1: it/,
    ],
    [
      'has gone with its folder',
      () => rmSync(join(folders.policies, 'holds'), { recursive: true }),
      /holds: the/,
    ],
  ])('stop the run where a file %s', (_what, breaks, named) => {
    const now = following();
    now();
    breaks();
    expect(now).toThrow(
      expect.objectContaining({ code: 'orders-unreadable', message: expect.stringMatching(named) }),
    );
    expect(now).toThrow(expect.objectContaining({ code: 'orders-unreadable' }));
  });
});

describe('a run under way', () => {
  const CALLS: DatasetFile = {
    dataset: 'calls',
    table: 'cdr',
    key: ['id', 'at'],
    class: 'call',
    customer: 'account',
    start: { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' },
  };
  let store: FreshMysql;
  let folder: FreshFolder;
  let small: SmallRun;

  beforeEach(async () => {
    store = await freshMysql();
    folder = await freshFolder();
  });
  afterEach(async () => {
    await small.close();
    await store.drop();
    await folder.remove();
  });

  /** Forty calls of C1 and C2 in two partitions, due as a whole; `change` happens once the first batch has gone. */
  async function runWith(
    dataset: Partial<DatasetFile>,
    change: () => void,
    before: () => void = () => undefined,
  ) {
    await store.knex.raw(
      `CREATE TABLE cdr (id BIGINT NOT NULL, at DATETIME NOT NULL, account VARCHAR(20), PRIMARY KEY (id, at), KEY at (at))
       PARTITION BY RANGE COLUMNS (at) (PARTITION p1 VALUES LESS THAN ('${day(80)}'), PARTITION p2 VALUES LESS THAN ('${day(60)}'), PARTITION p3 VALUES LESS THAN (MAXVALUE))`,
    );
    await store.knex('cdr').insert(
      Array.from({ length: 40 }, (_, index) => ({
        id: index + 1,
        at: `${day(index < 20 ? 90 : 70)} 12:00:${10 + index}`,
        account: index % 2 === 0 ? 'C1' : 'C2',
      })),
    );
    before();
    const policySet = loadPolicySet(folders.policies);
    const now = followOrders(folders.policies)(policySet);
    let changed = 0;
    const first = (): void => {
      changed += 1;
      if (changed === 1) change();
    };
    small = await smallRun({
      ledgerAt: `${folder.path}/ledger.db`,
      maps: [sqlMap('mysql', [{ ...CALLS, ...dataset }])],
      at: { tested: store.url },
      policySet,
      policySetNow: now,
      nowMs: NOW,
      batchKeys: 10,
      pace: { connections: 1 },
      onEvent: event => {
        if (event.kind === 'batch' || event.kind === 'partition') first();
      },
    });
    const plan = await small.plan();
    const there = async (account: string): Promise<number> =>
      Number((await store.knex('cdr').where({ account }).count({ n: '*' }))[0]?.n);
    return { plan, there };
  }

  test.each<[how: string, dataset: Partial<DatasetFile>]>([
    ['row by row', {}],
    ['by partition', { partitions: 'drop' }],
  ])('%s keeps what a hold by file covers from then on', async (_how, dataset) => {
    let left = 0;
    const { plan, there } = await runWith(dataset, () =>
      folders.write('policies/holds/h-1.yaml', hold('h-1', 'C1')),
    );
    expect(plan.parts[0]?.counts.due).toBe(40);
    await small.enforce(plan);
    left = await there('C1');
    // Of the batches that went before the hold, and the one that was intended beside it.
    expect(left).toBeGreaterThanOrEqual(10);
    expect(await there('C2')).toBe(0);
  });

  test.each<[how: string, dataset: Partial<DatasetFile>]>([
    ['row by row', {}],
    ['by partition', { partitions: 'drop' }],
  ])('%s keeps what a longer instruction by file speaks of from then on', async (_how, dataset) => {
    const { plan, there } = await runWith(dataset, () =>
      folders.write('policies/instructions/i-1.yaml', order('i-1', 'C1', 'P1Y')),
    );
    await small.enforce(plan);
    expect(await there('C1')).toBeGreaterThanOrEqual(10);
    expect(await there('C2')).toBe(0);
  });

  test('keeps what an order that has been taken out made go sooner', async () => {
    const { plan, there } = await runWith(
      {},
      () => rmSync(join(folders.policies, 'instructions/i-1.yaml')),
      () => {
        folders.write('policies/call.yaml', policy('at-most').replace('P30D', 'P1Y'));
        folders.write('policies/instructions/i-1.yaml', order('i-1', 'C1', 'P7D'));
      },
    );
    expect(plan.parts[0]?.counts.due).toBe(20);
    await small.enforce(plan);
    expect(await there('C1')).toBeGreaterThan(0);
    expect(await there('C2')).toBe(20);
  });

  test('goes on with what kept, where the order that kept it has been taken out', async () => {
    const { plan, there } = await runWith(
      {},
      () => rmSync(join(folders.policies, 'holds/h-1.yaml')),
      () => folders.write('policies/holds/h-1.yaml', hold('h-1', 'C1')),
    );
    expect(plan.parts[0]?.counts).toMatchObject({ due: 20, held: 20 });
    await small.enforce(plan);
    expect(await there('C1')).toBe(20);
    expect(await there('C2')).toBe(0);
  });

  test('stops at a file that cannot be read, and goes on once it is mended', async () => {
    const { plan, there } = await runWith({}, () => folders.write('policies/holds/h-1.yaml', 'hold: ['));
    await expect(small.enforce(plan)).rejects.toMatchObject({
      code: 'orders-unreadable',
      message: expect.stringContaining('holds/h-1.yaml:1'),
    });
    const left = (await there('C1')) + (await there('C2'));
    expect(left).toBeGreaterThanOrEqual(20);
    rmSync(join(folders.policies, 'holds/h-1.yaml'));
    expect(await small.enforce(plan)).toMatchObject({ state: expect.stringMatching(/done|partial/) });
    expect((await there('C1')) + (await there('C2'))).toBeLessThan(left);
  });
});
