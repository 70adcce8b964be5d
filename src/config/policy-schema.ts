// The shapes of the files in the owner's folder, and how each becomes what `decide` works with.
import { z } from 'zod';
import { WIDEST_OFFSET_MS } from '../policy/hold.ts';
import { parsePeriod, readYearEnd } from '../policy/period.ts';
import type {
  Hold,
  HoldScope,
  Instruction,
  LawStatement,
  Limit,
  Period,
  Policy,
  StatedPeriod,
  SubProcessor,
} from '../policy/policy.ts';
import { parseUtcDay } from '../policy/wall-time.ts';
import {
  authority,
  day,
  jurisdiction,
  name,
  period,
  phoneNumber,
  recordAddress,
  startEvent,
  statedPeriod,
  text,
  yearEnd,
  zone,
} from './fields.ts';

export const policyFile = z.strictObject({
  policy: name,
  class: name,
  title: text,
  period,
  start: startEvent,
  bound: z.enum(['at-most', 'at-least']),
  zone,
  disposition: z.enum(['purge', 'flag', 'anonymise']),
  owner: text,
  authority,
  notes: text.optional(),
});

export const limitsFile = z.strictObject({
  jurisdiction,
  zone: zone
    .optional()
    .describe(
      'Says nothing: a floor ends with the latest and a ceiling with the earliest of the zones of the jurisdiction',
    ),
  limits: z
    .array(
      z.strictObject({
        limit: name,
        kind: z.enum(['floor', 'ceiling']),
        class: name,
        period: statedPeriod,
        countsFrom: z
          .strictObject({ yearEnds: yearEnd })
          .optional()
          .describe('Counted from the end of the year in which the period of the policy starts'),
        status: z
          .enum(['verified', 'unverified'])
          .optional()
          .describe('An unverified floor keeps, an unverified ceiling does nothing, and both are told'),
        authority,
      }),
    )
    .min(1)
    .optional(),
  none: z
    .strictObject({
      classes: z
        .union([z.literal('all'), z.array(name).min(1)])
        .describe('All: every class without a limit here. A class that is in neither keeps its records'),
      authority,
    })
    .optional()
    .describe('Classes to which no limit of law applies in the jurisdiction, and on whose word'),
  notes: text.optional(),
});

export const instructionFile = z.strictObject({
  instruction: text,
  class: name,
  customer: text.optional(),
  number: phoneNumber.optional(),
  record: recordAddress.optional(),
  period: statedPeriod,
  from: day,
  until: day.optional(),
  reference: text,
});

export const holdFile = z.strictObject({
  hold: text,
  kind: z.enum(['legal', 'restriction']),
  matter: text,
  reason: text,
  placedBy: text,
  placed: day,
  scope: z.strictObject({
    customers: z.array(text).min(1).optional(),
    numbers: z.array(phoneNumber).min(1).optional(),
    classes: z.array(name).min(1).optional(),
    from: day.optional(),
    until: day.optional(),
    records: z.array(recordAddress).min(1).optional(),
  }),
  released: z.strictObject({ by: text, on: day, reason: text }).optional(),
});

export const subProcessorsFile = z.strictObject({
  register: z.strictObject({ document: text, updated: day }),
  subProcessors: z
    .array(
      z.strictObject({ name: text, location: text, purpose: text, categories: text, classes: z.array(name) }),
    )
    .min(1),
});

export function toPolicy(file: z.output<typeof policyFile>): Policy {
  const { policy, notes: _notes, period: written, ...rest } = file;
  return { id: policy, ...rest, period: readPeriod(written) };
}

export function toLimits({ jurisdiction, limits = [] }: z.output<typeof limitsFile>): Limit[] {
  return limits.map(({ limit, period: written, countsFrom, status, ...rest }) => ({
    id: limit,
    ...rest,
    jurisdiction,
    period: readPeriod(written) as StatedPeriod,
    yearEnd: countsFrom === undefined ? null : readYearEnd(countsFrom.yearEnds),
    verified: status !== 'unverified',
  }));
}

/** A file that enters limits and says no more is taken to say that none applies to the other classes. */
export function toStatement({ jurisdiction, limits = [], none }: z.output<typeof limitsFile>): LawStatement {
  return {
    jurisdiction,
    limited: [...new Set(limits.map(limit => limit.class))],
    none: none?.classes ?? 'all',
    authority: none?.authority ?? null,
  };
}

export function toInstruction(file: z.output<typeof instructionFile>): Instruction {
  const scope = file.record ? 'record' : file.number ? 'number' : file.customer ? 'account' : 'all';
  return {
    id: file.instruction,
    class: file.class,
    scope,
    customer: file.customer ?? null,
    number: file.number ?? null,
    record: file.record ?? null,
    period: readPeriod(file.period) as StatedPeriod,
    fromMs: dayMs(file.from),
    untilMs: file.until === undefined ? null : dayMs(file.until),
    reference: file.reference,
  };
}

export function toHold(file: z.output<typeof holdFile>): Hold {
  return {
    id: file.hold,
    kind: file.kind,
    matter: file.matter,
    reason: file.reason,
    placedBy: file.placedBy,
    placedAtMs: dayMs(file.placed),
    releasedBy: file.released?.by ?? null,
    releasedAtMs: file.released === undefined ? null : dayMs(file.released.on) + DAY_MS,
    releaseReason: file.released?.reason ?? null,
    scope: toHoldScope(file.scope),
  };
}

/** Days of a hold are taken as wide as any zone on Earth makes them, both ends included: doubt keeps. */
export function toHoldScope(scope: z.output<typeof holdFile>['scope']): HoldScope {
  return {
    customers: scope.customers ?? null,
    numbers: scope.numbers ?? null,
    classes: scope.classes ?? null,
    fromMs: scope.from === undefined ? null : dayMs(scope.from) - WIDEST_OFFSET_MS,
    untilMs: scope.until === undefined ? null : dayMs(scope.until) + DAY_MS + WIDEST_OFFSET_MS,
    records: scope.records ?? null,
  };
}

export function toSubProcessors(file: z.output<typeof subProcessorsFile>): SubProcessor[] {
  return file.subProcessors;
}

const DAY_MS = 86_400_000;

function dayMs(written: string): number {
  const ms = parseUtcDay(written);
  if (ms === null) throw new Error(`unchecked day ${written}`);
  return ms;
}

function readPeriod(written: string): Period {
  const read = parsePeriod(written);
  if ('mistake' in read) throw new Error(`unchecked period ${written}`);
  return read.period;
}
