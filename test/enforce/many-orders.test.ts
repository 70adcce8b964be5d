// What thousands of orders cost at each write, counted: the register of holds is read again only after an entry of holds, and
// the cutoff of a period is worked out once, however many instructions say it.
import { afterEach, expect, test } from 'vitest';
import { auditLog } from '../../src/ledger/audit-log.ts';
import { openDatabase } from '../../src/ledger/database.ts';
import { holds } from '../../src/ledger/holds.ts';
import type { Instruction, StatedPeriod } from '../../src/policy/policy.ts';
import { sureSelection } from '../../src/policy/sure.ts';
import { hold, instruction, ms, policy, rules } from '../policy/make.ts';
import { freshFolder } from '../support/databases.ts';
import { datasetNamed, sqlMap } from '../support/store-maps.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const NOW = ms('2026-11-28T12:00:00Z');

test('writes do not read the register of holds anew, unless one was placed or released', async () => {
  const folder = await freshFolder();
  const { database } = await openDatabase(`${folder.path}/ledger.db`, 'make');
  closers.push(folder.remove, () => database.destroy());
  const audit = auditLog(database, { nowMs: () => NOW }, 'tester');
  const register = holds(database, audit);
  await register.place(hold('first'));
  let reads = 0;
  database.on('query', ({ sql }: { sql: string }) => {
    if (/from `holds`/.test(sql)) reads += 1;
  });
  for (let write = 0; write < 50; write += 1) await register.now();
  expect(reads).toBe(1);
  await audit.append({ kind: 'clock-confirmed', latest: null, reason: 'Nothing to do with holds' }, null);
  expect((await register.now()).map(({ id }) => id)).toEqual(['first']);
  expect(reads).toBe(1);
  // By another process: it, too, reads before it writes.
  await holds(database, audit).place(hold('second'));
  reads = 0;
  expect((await register.now()).map(({ id }) => id)).toEqual(['first', 'second']);
  await register.now();
  expect(reads).toBe(1);
});

/** Instructions of so many customers, whose periods count how often they are looked into. */
function countedInstructions(count: number): { readonly all: Instruction[]; readonly looks: () => number } {
  let looks = 0;
  const all = Array.from({ length: count }, (_, index): Instruction => {
    const period: StatedPeriod = {
      kind: 'calendar',
      iso: index % 2 === 0 ? 'P6M' : 'P90D',
      years: 0,
      get months() {
        looks += 1;
        return index % 2 === 0 ? 6 : 0;
      },
      weeks: 0,
      days: index % 2 === 0 ? 0 : 90,
    };
    return { ...instruction(`i-${index}`, 'P6M', { scope: 'account', customer: `C${index}` }), period };
  });
  return { all, looks: () => looks };
}

test('two periods of two thousand instructions are two cutoffs', () => {
  const dataset = datasetNamed(
    sqlMap('sqlite', [
      {
        dataset: 'cdr',
        table: 'cdr',
        key: ['id'],
        class: 'cdr',
        customer: 'customer',
        start: { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' },
      },
    ]),
    'cdr',
  );
  const cost = (count: number): number => {
    const { all, looks } = countedInstructions(count);
    const by = rules({ policies: [policy('P30D')], instructions: all });
    const selection = sureSelection(by, dataset, { nowMs: NOW, nextRunMs: NOW });
    expect(selection?.apart.customers).toHaveLength(count);
    return looks();
  };
  // The first look into a year is remembered for all that come after it.
  cost(2);
  const two = cost(2);
  expect(two).toBeGreaterThan(0);
  expect(cost(2000)).toBe(two);
});
