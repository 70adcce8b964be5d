// Records and rules for the tests of decisions: each maker gives one that is ordinary in every way but those named.
import type { ClassRules, Hold, HoldScope, Instruction, Limit, Policy } from '../../src/policy/policy.ts';
import type { RecordFacts } from '../../src/policy/record.ts';
import { stated } from './temporal-calendar.ts';

export const ms = (iso: string): number => {
  const read = Date.parse(iso);
  if (Number.isNaN(read)) throw new Error(`${iso} is not an instant`);
  return read;
};

export const DAY_MS = 86_400_000;

const authority = { document: 'A law', passage: 'A passage' };

/** A call detail record of customer C1, recorded at `start`. */
export function record(start: string | number, more: Partial<RecordFacts> = {}): RecordFacts {
  return {
    store: 'telecom',
    dataset: 'cdr',
    partOf: null,
    key: ['1'],
    keyless: false,
    class: 'cdr',
    customer: 'C1',
    numbers: ['+442079460000'],
    jurisdiction: undefined,
    start: { kind: 'at', ms: typeof start === 'number' ? start : ms(start) },
    startEvent: 'recorded',
    lock: null,
    bytes: null,
    files: [],
    fileDoubt: null,
    done: [],
    ...more,
  };
}

export function policy(
  period: string,
  more: Partial<Omit<Policy, 'period'>> & { readonly period?: Policy['period'] } = {},
): Policy {
  return {
    id: 'cdr',
    class: 'cdr',
    title: 'Call detail records',
    period: period === 'unstated' || period === 'forever' ? { kind: period } : stated(period),
    start: 'recorded',
    bound: 'at-most',
    zone: 'UTC',
    disposition: 'purge',
    owner: 'DPO',
    authority,
    ...more,
  };
}

export function limit(
  id: string,
  kind: Limit['kind'],
  jurisdiction: string,
  period: string,
  more: Partial<Pick<Limit, 'yearEnd' | 'verified'>> = {},
): Limit {
  const counted = { yearEnd: null, verified: true, ...more };
  return { id, kind, class: 'cdr', jurisdiction, period: stated(period), authority, ...counted };
}

export function instruction(id: string, period: string, more: Partial<Instruction> = {}): Instruction {
  return {
    id,
    class: 'cdr',
    scope: 'all',
    customer: null,
    number: null,
    record: null,
    period: stated(period),
    fromMs: ms('2000-01-01'),
    untilMs: null,
    reference: 'A letter',
    ...more,
  };
}

export function hold(id: string, scope: Partial<HoldScope> = {}, releasedAtMs: number | null = null): Hold {
  return {
    id,
    kind: 'legal',
    matter: 'M-1',
    reason: 'Proceedings',
    placedBy: 'Legal',
    placedAtMs: ms('2020-01-01'),
    releasedBy: releasedAtMs === null ? null : 'Legal',
    releasedAtMs,
    releaseReason: releasedAtMs === null ? null : 'Closed',
    scope: {
      customers: null,
      numbers: null,
      classes: null,
      fromMs: null,
      untilMs: null,
      records: null,
      ...scope,
    },
  };
}

export function rules(more: Partial<ClassRules> = {}): ClassRules {
  return {
    ...{ class: 'cdr', policies: [policy('P30D')], limits: [], instructions: [], holds: [] },
    stated: ['AU', 'GB', 'NZ', 'US'].map(jurisdiction => ({ jurisdiction, assumed: false })),
    ...more,
  };
}
