// Which time zones a place has. Of countries ICU knows it; of parts of a country a table of ours, and a part that is not in
// it has all the zones of its country, so that what is not known makes floors end later and ceilings earlier.
import { coversPlace, isJurisdiction } from './jurisdiction.ts';

/** A place whose days are counted in each of its zones. The id tells it from others with other zones. */
export interface Place {
  readonly id: string;
  readonly zones: readonly string[];
}

const [EAST, CENTRAL, MOUNTAIN, WEST] = [
  'America/New_York',
  'America/Chicago',
  'America/Denver',
  'America/Los_Angeles',
] as const;

/** Parts of countries and their zones, where they are fewer than the country's. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  ...zonesFor('US', [EAST], 'CT DC DE GA MA MD ME NC NH NJ NY OH PA RI SC VA VT WV'),
  ...zonesFor('US', [CENTRAL], 'AL AR IA IL LA MN MO MS OK WI'),
  ...zonesFor('US', [MOUNTAIN], 'CO MT NM UT WY'),
  ...zonesFor('US', [WEST], 'CA WA'),
  ...zonesFor('US', [EAST, CENTRAL], 'FL TN'),
  ...zonesFor('US', [CENTRAL, MOUNTAIN], 'KS NE SD TX'),
  'US-AK': [
    ...['America/Anchorage', 'America/Juneau', 'America/Sitka', 'America/Metlakatla', 'America/Yakutat'],
    ...['America/Nome', 'America/Adak'],
  ],
  'US-AZ': ['America/Phoenix', MOUNTAIN],
  'US-HI': ['Pacific/Honolulu'],
  'US-ID': ['America/Boise', WEST],
  'US-IN': [
    ...[
      'America/Indianapolis',
      'America/Indiana/Knox',
      'America/Indiana/Marengo',
      'America/Indiana/Petersburg',
    ],
    ...['America/Indiana/Tell_City', 'America/Indiana/Vevay', 'America/Indiana/Vincennes'],
    ...['America/Indiana/Winamac', 'America/Louisville', EAST, CENTRAL],
  ],
  'US-KY': [EAST, CENTRAL, 'America/Louisville', 'America/Kentucky/Monticello'],
  'US-MI': ['America/Detroit', 'America/Menominee'],
  'US-ND': [
    ...[CENTRAL, MOUNTAIN, 'America/North_Dakota/Beulah', 'America/North_Dakota/Center'],
    'America/North_Dakota/New_Salem',
  ],
  'US-NV': [WEST, MOUNTAIN],
  'US-OR': [WEST, 'America/Boise'],
  ...zonesFor('AU', ['Australia/Sydney'], 'ACT'),
  ...zonesFor('AU', ['Australia/Sydney', 'Australia/Broken_Hill', 'Australia/Lord_Howe'], 'NSW'),
  ...zonesFor('AU', ['Australia/Darwin'], 'NT'),
  ...zonesFor('AU', ['Australia/Brisbane', 'Australia/Lindeman'], 'QLD'),
  ...zonesFor('AU', ['Australia/Adelaide', 'Australia/Eucla'], 'SA'),
  ...zonesFor('AU', ['Australia/Hobart', 'Antarctica/Macquarie'], 'TAS'),
  ...zonesFor('AU', ['Australia/Melbourne'], 'VIC'),
  ...zonesFor('AU', ['Australia/Perth', 'Australia/Eucla'], 'WA'),
};

/** Parts of a country that ISO 3166 counts as countries too, and ICU with those: their zones are not among the country's. */
const OVERSEAS: Readonly<Record<string, string>> = {
  ...{ 'US-AS': 'AS', 'US-GU': 'GU', 'US-MP': 'MP', 'US-PR': 'PR', 'US-UM': 'UM', 'US-VI': 'VI' },
  ...{
    'FR-971': 'GP',
    'FR-972': 'MQ',
    'FR-973': 'GF',
    'FR-974': 'RE',
    'FR-976': 'YT',
    'FR-BL': 'BL',
    'FR-CP': 'CP',
  },
  ...{ 'FR-MF': 'MF', 'FR-NC': 'NC', 'FR-PF': 'PF', 'FR-PM': 'PM', 'FR-TF': 'TF', 'FR-WF': 'WF' },
  ...{ 'NL-AW': 'AW', 'NL-CW': 'CW', 'NL-SX': 'SX', 'NL-BQ1': 'BQ', 'NL-BQ2': 'BQ', 'NL-BQ3': 'BQ' },
  ...{ 'CN-HK': 'HK', 'CN-MO': 'MO', 'CN-TW': 'TW', 'NO-21': 'SJ', 'NO-22': 'SJ', 'FI-01': 'AX' },
};

/** Where nobody knows the zones: as late and as early as a day ends anywhere. */
const ANYWHERE: readonly string[] = ['Etc/GMT+12', 'Etc/GMT-14'];

const places = new Map<string, Place>();

/** The place of a code of ISO 3166, or of one zone where the code is none or there is none. */
export function placeOf(jurisdiction: string | null | undefined, zone: string): Place {
  // Zones have names that are codes too: `NZ` is a place with two zones, and one of the two.
  if (jurisdiction == null || !isJurisdiction(jurisdiction)) return remember(`zone ${zone}`, () => [zone]);
  return remember(jurisdiction, () => zonesOf(jurisdiction));
}

/** All of a jurisdiction: its zones and those of each of its parts, overseas too. */
export function wholeOf(jurisdiction: string): Place {
  return remember(`${jurisdiction}-*`, () => {
    const parts = [...Object.keys(PARTS), ...Object.keys(OVERSEAS)];
    const within = parts.filter(part => coversPlace(jurisdiction, part));
    return [...new Set([jurisdiction, ...within].flatMap(zonesOf))];
  });
}

function remember(id: string, find: () => readonly string[]): Place {
  let place = places.get(id);
  if (place === undefined) {
    place = { id, zones: find() };
    places.set(id, place);
  }
  return place;
}

/** The zones of a code of ISO 3166. */
export function zonesOf(code: string): readonly string[] {
  return PARTS[code] ?? zonesOfCountry(OVERSEAS[code] ?? code.slice(0, 2));
}

function zonesOfCountry(country: string): readonly string[] {
  // A getter in V8 up to 12, a method since.
  const locale = new Intl.Locale(`und-${country}`) as Intl.Locale & {
    readonly timeZones?: readonly string[];
    readonly getTimeZones?: () => readonly string[] | undefined;
  };
  const zones = locale.getTimeZones?.() ?? locale.timeZones ?? [];
  return zones.length === 0 ? ANYWHERE : zones;
}

function zonesFor(
  country: string,
  zones: readonly string[],
  parts: string,
): Record<string, readonly string[]> {
  return Object.fromEntries(parts.split(' ').map(part => [`${country}-${part}`, zones]));
}
