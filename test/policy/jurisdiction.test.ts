// Codes of places: what is one, what is meant by what is none, and which zones each has.
import { IANAZone } from 'luxon';
import { describe, expect, test } from 'vitest';
import { coversPlace, isJurisdiction, meantBy } from '../../src/policy/jurisdiction.ts';
import { placeOf, wholeOf, zonesOf } from '../../src/policy/place-zones.ts';

describe('a code', () => {
  test.each(['GB', 'US', 'US-FL', 'US-PR', 'NZ-AUK', 'GB-SCT', 'SG', 'HK', 'CN-HK', 'AQ'])(
    '%s is one',
    code => {
      expect(isJurisdiction(code)).toBe(true);
    },
  );

  test.each([
    ['UK', ['GB']],
    ['EL', ['GR']],
    ['USA', ['US']],
    ['usa-fl', ['US-FL']],
    ['us', ['US']],
    ['US_FL', ['US-FL']],
    ['UK-SCT', ['GB-SCT']],
    ['GBR', ['GB']],
    ['BU', ['MM']],
    ['United Kingdom', ['GB', 'GB-UKM']],
    ['new zealand', ['NZ']],
    ['TX', ['US-TX']],
    ['XX', []],
    ['EU', []],
    ['US-ZZ', []],
    ['GB-', []],
    ['', []],
    ['constructor', []],
  ])('"%s" is none, and means %j', (text, meant) => {
    expect(isJurisdiction(text)).toBe(false);
    expect(meantBy(text)).toEqual(meant);
  });

  test('of several places of one name, that of the United States comes first', () => {
    expect(meantBy('Florida')[0]).toBe('US-FL');
  });

  test('covers its parts, and no other that begins like it', () => {
    expect(coversPlace('US', 'US-FL')).toBe(true);
    expect(coversPlace('US-FL', 'US')).toBe(false);
    expect(coversPlace('US-F', 'US-FL')).toBe(false);
  });
});

describe('zones', () => {
  test.each([
    ['NZ', ['Pacific/Auckland', 'Pacific/Chatham']],
    ['US-FL', ['America/New_York', 'America/Chicago']],
    ['US-CO', ['America/Denver']],
    ['SG', ['Asia/Singapore']],
    ['CN-HK', ['Asia/Hong_Kong']],
    // Not in our table: all of its country.
    ['NZ-AUK', ['Pacific/Auckland', 'Pacific/Chatham']],
    // Nobody lives there, and ICU knows no zone: as late and as early as anywhere.
    ['BV', ['Etc/GMT+12', 'Etc/GMT-14']],
  ])('of %s', (code, zones) => {
    expect([...zonesOf(code)].sort()).toEqual([...zones].sort());
  });

  test('each of the United States and of Australia is in the table, with zones of its country', () => {
    for (const [country, parts] of Object.entries({
      US: 'AK AL AR AZ CA CO CT DC DE FL GA HI IA ID IL IN KS KY LA MA MD ME MI MN MO MS MT NC ND NE NH NJ NM NV NY OH OK OR PA RI SC SD TN TX UT VA VT WA WI WV WY',
      AU: 'ACT NSW NT QLD SA TAS VIC WA',
    })) {
      const all = zonesOf(country);
      const offset = (zone: string, ms: number): number => IANAZone.create(zone).offset(ms);
      const inParts = parts.split(' ').flatMap(part => {
        const zones = zonesOf(`${country}-${part}`);
        expect(zones.length, part).toBeLessThan(all.length);
        for (const zone of zones) expect(all, part).toContain(zone);
        return zones;
      });
      // No zone of the country is in none of its parts.
      for (const zone of all) {
        const same = (other: string): boolean =>
          [0, 3, 6, 9].every(month => {
            const ms = Date.UTC(2025, month, 15);
            return offset(zone, ms) === offset(other, ms);
          });
        expect(inParts.includes(zone) || inParts.some(same), zone).toBe(true);
      }
    }
  });

  test('a zone that is called as a place is called is not that place', () => {
    expect(placeOf(null, 'NZ').zones).toEqual(['NZ']);
    expect(placeOf('NZ', 'UTC').zones).toHaveLength(2);
    expect(placeOf(undefined, 'NZ').zones).toEqual(['NZ']);
  });

  test('the whole of a country has those of its parts overseas too', () => {
    expect(zonesOf('US')).not.toContain('Pacific/Guam');
    expect(wholeOf('US').zones).toContain('Pacific/Guam');
  });
});
