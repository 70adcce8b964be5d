// The size of writes follows how fast the store is: within its bounds whatever happens, up by no more than double, and to
// the time that a write should take.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  firstSize,
  MIN_WRITE_KEYS,
  nextSize,
  type SizeRules,
  type WriteSize,
} from '../../src/enforce/write-size.ts';

const rules = fc.record({
  writeMs: fc.double({ min: 0.1, max: 1000, noNaN: true }),
  maxKeys: fc.integer({ min: 1, max: 20_000 }),
});
const writes = fc.array(
  fc.record({
    keys: fc.integer({ min: 0, max: 20_000 }),
    tookMs: fc.double({ min: 0, max: 100_000, noNaN: true }),
  }),
  { maxLength: 60 },
);

/** The sizes that a store of some speed leads to, each write as large as asked for. */
function sizesOn(sizing: SizeRules, tookMs: (keys: number) => number, times: number): WriteSize[] {
  const sizes = [firstSize(sizing)];
  for (let index = 0; index < times; index += 1) {
    const size = sizes.at(-1) ?? firstSize(sizing);
    sizes.push(nextSize(size, sizing, { keys: size.keys, tookMs: tookMs(size.keys) }));
  }
  return sizes;
}

describe('whatever the store does', () => {
  test('a write holds at least one key, at least the least unless the batch is smaller, and at most a batch', () => {
    fc.assert(
      fc.property(rules, writes, (sizing, seen) => {
        let size = firstSize(sizing);
        for (const write of seen) {
          size = nextSize(size, sizing, write);
          expect(Number.isInteger(size.keys)).toBe(true);
          expect(size.keys).toBeGreaterThanOrEqual(Math.min(MIN_WRITE_KEYS, sizing.maxKeys));
          expect(size.keys).toBeLessThanOrEqual(sizing.maxKeys);
        }
      }),
    );
  });

  test('the next write is at most twice the last', () => {
    fc.assert(
      fc.property(rules, writes, (sizing, seen) => {
        let size = firstSize(sizing);
        for (const write of seen) {
          const next = nextSize(size, sizing, write);
          expect(next.keys).toBeLessThanOrEqual(size.keys * 2);
          size = next;
        }
      }),
    );
  });

  test('the slower of two writes is never followed by the larger one', () => {
    fc.assert(
      fc.property(
        rules,
        writes,
        fc.integer({ min: 1, max: 5000 }),
        fc.tuple(
          fc.double({ min: 0, max: 1000, noNaN: true }),
          fc.double({ min: 0, max: 1000, noNaN: true }),
        ),
        (sizing, seen, keys, [a, b]) => {
          const size = seen.reduce((last, write) => nextSize(last, sizing, write), firstSize(sizing));
          const [fast, slow] = [Math.min(a, b), Math.max(a, b)].map(
            tookMs => nextSize(size, sizing, { keys, tookMs }).keys,
          );
          expect(slow).toBeLessThanOrEqual(fast ?? 0);
        },
      ),
    );
  });
});

test('on a steady store writes come to take as long as they should', () => {
  const speed = {
    flushMs: fc.double({ min: 0.1, max: 2, noNaN: true }),
    keyMs: fc.double({ min: 0.002, max: 0.05, noNaN: true }),
  };
  fc.assert(
    fc.property(
      fc.record(speed),
      fc.double({ min: 3, max: 50, noNaN: true }),
      ({ flushMs, keyMs }, writeMs) => {
        const tookMs = (keys: number): number => flushMs + keys * keyMs;
        const last = sizesOn({ writeMs, maxKeys: 1_000_000 }, tookMs, 200).at(-1)?.keys ?? 0;
        if (last === MIN_WRITE_KEYS) expect(tookMs(MIN_WRITE_KEYS)).toBeGreaterThanOrEqual(writeMs * 0.9);
        else expect(tookMs(last)).toBeGreaterThan(writeMs * 0.85);
        if (last > MIN_WRITE_KEYS) expect(tookMs(last)).toBeLessThan(writeMs * 1.15);
      },
    ),
  );
});

test('a store that slows down gets small writes at once, and large ones again when it has recovered', () => {
  const sizing = { writeMs: 10, maxKeys: 5000 };
  let keyMs = 0.01;
  const fast = sizesOn(sizing, keys => keys * keyMs, 20).at(-1) ?? firstSize(sizing);
  expect(fast.keys).toBe(1000);
  keyMs = 1;
  const slow = nextSize(fast, sizing, { keys: fast.keys, tookMs: fast.keys * keyMs });
  expect(slow.keys).toBeLessThan(60);
  keyMs = 0.01;
  let size = slow;
  let writesUntilFast = 0;
  while (size.keys < 900) {
    size = nextSize(size, sizing, { keys: size.keys, tookMs: size.keys * keyMs });
    writesUntilFast += 1;
  }
  expect(writesUntilFast).toBeLessThan(40);
});

test('a last write of a few keys says little about the store', () => {
  const sizing = { writeMs: 10, maxKeys: 5000 };
  const size = sizesOn(sizing, keys => 1 + keys * 0.01, 20).at(-1) ?? firstSize(sizing);
  const after = nextSize(size, sizing, { keys: 2, tookMs: 1.02 });
  expect(after.keys).toBeGreaterThan(size.keys * 0.9);
});
