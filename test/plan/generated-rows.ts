// Rows and rules by chance for the push-down tests: starts around every cutoff that the rules can set, around the hours
// when clocks change, and all that databases hold instead of a date.
import fc from 'fast-check';
import { cutoff } from '../../src/policy/expiry.ts';
import { parsePeriod } from '../../src/policy/period.ts';
import type {
  Hold,
  Instruction,
  LawStatement,
  Limit,
  Policy,
  PolicySet,
  StatedPeriod,
} from '../../src/policy/policy.ts';
import type { StartUnit } from '../../src/policy/start.ts';
import { formatWall, wallOfInstant } from '../../src/policy/wall-time.ts';
import { holdOn, policySetOf } from '../support/small-run.ts';

export const ZONE = 'Europe/London';
/** Four weeks before it, clocks went back. */
export const NOW = Date.UTC(2026, 10, 22, 12);
const NEXT = NOW + 86_400_000;
export const SENTINEL: Readonly<Record<StartUnit, string>> = {
  datetime: '1999-09-09 00:00:00',
  date: '1999-09-09',
  timestamp: '1999-09-09 00:00:00',
  'epoch-s': '936835200',
  'epoch-ms': '936835200000',
  'epoch-us': '936835200000000',
  text: '1999-09-09 00:00',
};

export interface GeneratedRow {
  readonly at: string | null;
  readonly account: string | null;
  readonly phone: string | null;
  readonly country: string | null;
}

const PERIODS = ['P28D', 'P1M', 'P3M', 'P24M', 'PT36H'] as const;
const anyPeriod = fc.constantFrom(...PERIODS).map(stated);
const account = fc.constantFrom('1', '2', '3');

export function stated(written: string): StatedPeriod {
  const read = parsePeriod(written);
  if ('mistake' in read || read.period.kind === 'unstated' || read.period.kind === 'forever')
    throw new Error(written);
  return read.period;
}

/** Instants on both sides of every line that a rule could draw, and of the hours in which clocks change. */
const HOUR_MS = 3_600_000;
const lines = [
  ...PERIODS.flatMap(period => [NOW, NEXT].map(horizon => cutoff(horizon, stated(period), ZONE))),
  Date.UTC(2026, 9, 25, 1),
  Date.UTC(2026, 2, 29, 1),
  NOW,
  NOW + 48 * HOUR_MS,
];
const instant = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        fc.constantFrom(...lines),
        fc.constantFrom(-86_400_000, -HOUR_MS, -1000, 0, 1000, HOUR_MS, 86_400_000),
      )
      .map(([line, by]) => line + by),
  },
  {
    weight: 2,
    arbitrary: fc
      .integer({ min: Date.UTC(2024, 5, 1) / 1000, max: NOW / 1000 })
      .map(seconds => seconds * 1000),
  },
);

/** An instant as a column of the unit holds it. */
export function written(ms: number, unit: StartUnit): string {
  const wall = formatWall(wallOfInstant(ms, ZONE));
  switch (unit) {
    case 'datetime':
      return wall;
    case 'date':
      return wall.slice(0, 10);
    case 'timestamp':
      return formatWall(ms);
    case 'epoch-s':
      return String(ms / 1000);
    case 'epoch-ms':
      return String(ms);
    case 'epoch-us':
      return String(ms * 1000);
    case 'text':
      return wall.slice(0, 16);
  }
}

function doubtful(unit: StartUnit, kind: 'sqlite' | 'mysql'): (string | null)[] {
  const zero = unit.startsWith('epoch') ? '0' : unit === 'date' ? '0000-00-00' : '0000-00-00 00:00:00';
  const far = [written(Date.UTC(1985, 0, 1), unit), written(Date.UTC(2036, 0, 1), unit)];
  return [null, zero, SENTINEL[unit], ...far, ...(kind === 'sqlite' || unit === 'text' ? ['', 'never'] : [])];
}

export function anyRow(unit: StartUnit, kind: 'sqlite' | 'mysql'): fc.Arbitrary<GeneratedRow> {
  return fc.record({
    at: fc.oneof(
      { weight: 6, arbitrary: instant.map(ms => written(ms, unit)) },
      { weight: 1, arbitrary: fc.constantFrom(...doubtful(unit, kind)) },
    ),
    account: fc.oneof({ weight: 9, arbitrary: account }, { weight: 1, arbitrary: fc.constant(null) }),
    phone: fc.constantFrom(
      '+44 20 7946 0001',
      '442079460002',
      '"Desk 2" <02079460002>',
      '2079460001 (2)',
      'anonymous',
      null,
    ),
    country: fc.constantFrom(
      'GB',
      'GB',
      'US-FL',
      'US-FL',
      'US-HI',
      'NZ',
      'NZ',
      'SG',
      'UK',
      'gb',
      'US-ZZ',
      '',
      null,
      null,
    ),
  });
}

function policyWith(period: StatedPeriod, bound: Policy['bound']): Policy {
  return {
    id: 'own',
    class: 'call',
    title: 'Calls',
    period,
    start: 'recorded',
    bound,
    zone: ZONE,
    disposition: 'purge',
    owner: 'DPO',
    authority: { document: 'Policy', passage: 'All of it' },
  };
}

const anyInstruction: fc.Arbitrary<Omit<Instruction, 'id'>> = fc
  .tuple(
    anyPeriod,
    fc.constantFrom<Instruction['scope']>('account', 'all', 'number', 'record'),
    account,
    fc.constantFrom(null, NOW - 1, NOW + 1),
  )
  .map(([period, scope, customer, untilMs]) => ({
    class: 'call',
    scope,
    customer: scope === 'account' ? customer : null,
    number: scope === 'number' ? '+442079460001' : null,
    record: scope === 'record' ? { store: 'tested', dataset: 'rows', key: [customer] } : null,
    period,
    fromMs: Date.UTC(2020, 0, 1),
    untilMs,
    reference: 'Contract',
  }));

const anyLimit: fc.Arbitrary<Omit<Limit, 'id'>> = fc
  .oneof(
    fc.record({
      kind: fc.constant('floor' as const),
      jurisdiction: fc.constantFrom('GB', 'US'),
      period: anyPeriod,
      verified: fc.boolean(),
    }),
    fc.record({
      kind: fc.constant('ceiling' as const),
      jurisdiction: fc.constantFrom('NZ', 'US-FL'),
      period: anyPeriod,
      verified: fc.boolean(),
    }),
  )
  .map(limit => ({ ...limit, class: 'call', yearEnd: null, authority: { document: 'Act', passage: '1' } }));

function statedNone(jurisdiction: string): LawStatement {
  return { jurisdiction, limited: [], none: 'all', authority: { document: 'Act', passage: '2' } };
}

const anyHold: fc.Arbitrary<Partial<Hold['scope']>> = fc.oneof(
  account.map(customer => ({ customers: [customer] })),
  fc.constant({ numbers: ['+442079460002'] }),
  account.map(key => ({ records: [{ store: 'tested', dataset: 'rows', key: [key] }] })),
  instant.map(ms => ({ fromMs: ms, untilMs: ms + 40 * 86_400_000 })),
);

export const anyRules: fc.Arbitrary<PolicySet> = fc
  .record({
    period: anyPeriod,
    bound: fc.constantFrom<Policy['bound']>('at-most', 'at-least'),
    instructions: fc.array(anyInstruction, { maxLength: 3 }),
    limits: fc.array(anyLimit, { maxLength: 2 }),
    holds: fc.array(anyHold, { maxLength: 2 }),
    statements: fc.subarray(['GB', 'NZ', 'US'], { minLength: 1 }).map(all => all.map(statedNone)),
  })
  .map(({ period, bound, instructions, limits, holds, statements }) =>
    policySetOf([policyWith(period, bound)], {
      statements,
      instructions: instructions.map((one, index) => ({ id: `i${index}`, ...one })),
      limits: limits.map((one, index) => ({ id: `l${index}`, ...one })),
      holds: holds.map((scope, index) => holdOn(`h${index}`, scope)),
    }),
  );
