// Masks: what each leaves of a value, that a value masked twice is masked once, and that what is masked can be told
// from what is not.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyMask, isMasked, type Mask } from '../../src/masks/mask.ts';

const KEY = 'a key for tests';
const apply = (mask: Mask, value: string | null) => applyMask(mask, value, KEY);

const lastThree: Mask = { kind: 'last-three-digits' };
const hash: Mask = { kind: 'keyed-hash' };
const toMonth: Mask = { kind: 'truncate-date', to: 'month' };
const toYear: Mask = { kind: 'truncate-date', to: 'year' };
const text: Mask = { kind: 'text', text: 'removed' };
const all: readonly Mask[] = [{ kind: 'null' }, text, hash, lastThree, toMonth, toYear];

test.each<[Mask, string, string | null]>([
  [{ kind: 'null' }, 'Ann Other', null],
  [text, 'Ann Other', 'removed'],
  [lastThree, '+442079460123', '+442079460xxx'],
  [lastThree, '020 7946 0123', '020 7946 0xxx'],
  // The last three digits, and not the last three characters.
  [lastThree, '020 7946 01 23', '020 7946 0x xx'],
  [lastThree, '(03) 9123-4567 ', '(03) 9123-4xxx '],
  [lastThree, '0-1-2-3', '0-x-x-x'],
  [lastThree, '12', 'xx'],
  [lastThree, 'anonymous', 'anonymous'],
  // Of an address the user, and not the host; of several numbers each.
  [lastThree, 'sip:+442079460018@10.0.0.1:5060', 'sip:+442079460xxx@10.0.0.1:5060'],
  [lastThree, '442079460018@10.11.12.13', '442079460xxx@10.11.12.13'],
  [lastThree, 'tel:+442079460018;phone-context=123', 'tel:+442079460xxx;phone-context=xxx'],
  [lastThree, '+442079460018;ext=12', '+442079460xxx;ext=xx'],
  [lastThree, '+442079460018x12', '+442079460xxxxxx'],
  [lastThree, '"02079460018" <02079460019>', '"02079460xxx" <02079460xxx>'],
  [lastThree, '02079460018 (2)', '02079460xxx (x)'],
  [lastThree, '02079460018,1001', '02079460xxx,1xxx'],
  [lastThree, 'SIP/4315550123-00000a1f', 'SIP/4315550xxx-00xxxaxf'],
  [lastThree, '٠٢٠٧٩٤٦٠٠١٨', '٠٢٠٧٩٤٦٠xxx'],
  [lastThree, '', ''],
  [toMonth, '1984-07-19', '1984-07-01'],
  [toYear, '1984-07-19', '1984-01-01'],
  [toMonth, '1984-07-19 13:14:15.678', '1984-07-01 00:00:00.000'],
  [toYear, '1984-07-19T13:14:15Z', '1984-01-01T00:00:00Z'],
  // It cannot be cut back, so nothing of it may stay.
  [toMonth, '19/07/1984', null],
  [toYear, 'July 1984', null],
])('%o of "%s" is %s', (mask, value, expected) => {
  expect(apply(mask, value)).toBe(expected);
});

describe('keyed-hash', () => {
  test('is recognisable, the same for the same value, and another under another key', () => {
    expect(apply(hash, '+442079460123')).toMatch(/^anon-[0-9a-f]{24}$/);
    expect(apply(hash, '+442079460123')).toBe(apply(hash, '+442079460123'));
    expect(apply(hash, '+442079460123')).not.toBe(apply(hash, '+442079460124'));
    expect(applyMask(hash, '+442079460123', 'another key')).not.toBe(apply(hash, '+442079460123'));
  });

  test('is HMAC-SHA-256, cut to 24 hex digits', () => {
    // printf 'what do ya want for nothing?' | openssl dgst -sha256 -hmac Jefe (RFC 4231, test case 2)
    expect(applyMask(hash, 'what do ya want for nothing?', 'Jefe')).toBe('anon-5bdcc146bf60754e6a042426');
  });
});

const aValue = fc.oneof(
  fc.string(),
  fc.array(fc.constantFrom(...'0123456789', ...' -()+x.@a'), { maxLength: 20 }).map(parts => parts.join('')),
  fc
    .date({ noInvalidDate: true, min: new Date('1900-01-01'), max: new Date('2100-01-01') })
    .map(one => one.toISOString()),
);

describe.each(all)('%o', mask => {
  test('leaves its own result as it is', () => {
    fc.assert(
      fc.property(aValue, value => {
        const once = apply(mask, value);
        expect(apply(mask, once)).toBe(once);
        expect(isMasked(mask, once)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test('tells what it would change from what it would not', () => {
    fc.assert(
      fc.property(aValue, value => {
        expect(isMasked(mask, value)).toBe(apply(mask, value) === value);
      }),
    );
  });

  test('leaves nothing where there is nothing', () => {
    expect(apply(mask, null)).toBeNull();
    expect(isMasked(mask, null)).toBe(true);
  });
});

test('last-three-digits changes digits alone, and of one number three at most', () => {
  fc.assert(
    fc.property(aValue, value => {
      const masked = [...(apply(lastThree, value) ?? '')];
      const changed = [...value].filter((char, index) => char !== masked[index]);
      expect(masked).toHaveLength([...value].length);
      expect(changed.length).toBeLessThanOrEqual(/^[\d -]*$/.test(value) ? 3 : value.length);
      expect(changed.every(char => /\d/.test(char))).toBe(true);
    }),
  );
});
