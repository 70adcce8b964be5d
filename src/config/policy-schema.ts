// The shapes of the files in the owner's folder, and how each becomes what `decide` works with.
import { z } from 'zod';
import { WIDEST_OFFSET_MS } from '../policy/hold.ts';
import { parsePeriod } from '../policy/period.ts';
import type {
  Hold,
  HoldScope,
  Instruction,
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
  zone,
  limits: z
    .array(
      z.strictObject({
        limit: name,
        kind: z.enum(['floor', 'ceiling']),
        class: name,
        period: statedPeriod,
        authority,
      }),
    )
    .min(1),
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

export function toLimits(file: z.output<typeof limitsFile>): Limit[] {
  return file.limits.map(({ limit, period: written, ...rest }) => ({
    id: limit,
    ...rest,
    jurisdiction: file.jurisdiction,
    zone: file.zone,
    period: readPeriod(written) as StatedPeriod,
  }));
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
