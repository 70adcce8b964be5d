// The second half of which rule wins: ceilings, instructions, several policies and the two horizons, where it is a
// matter of which period ends first.
import { describe, expect, test } from 'vitest';
import { decide } from '../../src/policy/decide.ts';
import type { ClassRules, Instruction, Moment } from '../../src/policy/policy.ts';
import type { RecordFacts } from '../../src/policy/record.ts';
import { instruction, limit, ms, policy, record, rules } from './make.ts';

/** Noon on 1 June 2026; the job comes by again a day later. */
const now: Moment = { nowMs: ms('2026-06-01T12:00:00Z'), nextRunMs: ms('2026-06-02T12:00:00Z') };

function ruling(one: RecordFacts, by: ClassRules, moment: Moment = now): string {
  const { verdict, operative, matched } = decide(one, by, moment);
  const name = (rule: { kind: string; id: string }) => `${rule.kind} ${rule.id}`;
  return `${verdict}: ${name(operative)} | ${matched.map(name).join(', ')}`;
}

/** A record that started so many whole days before 1 June 2026. */
const aged = (days: number, more: Partial<RecordFacts> = {}): RecordFacts =>
  record(ms('2026-06-01T06:00:00Z') - days * 86_400_000, more);

describe('the two horizons', () => {
  const most = rules();
  const least = rules({ policies: [policy('P30D', { bound: 'at-least' })] });

  test.each([
    // A record of n days ago ends 30 - n + 1 days from the start of today.
    [31, 'due', 'due'],
    [30, 'due', 'not-due'],
    [29, 'not-due', 'not-due'],
  ])('%s days old: at-most is %s, at-least is %s', (days, atMost, atLeast) => {
    expect(decide(aged(days), most, now).verdict).toBe(atMost);
    expect(decide(aged(days), least, now).verdict).toBe(atLeast);
  });

  test('an at-most period is over by the next run at the latest', () => {
    const weekly = { ...now, nextRunMs: ms('2026-06-08T12:00:00Z') };
    expect(decide(aged(24), most, weekly).verdict).toBe('due');
    expect(decide(aged(23), most, weekly).verdict).toBe('not-due');
    expect(decide(aged(24), least, weekly).verdict).toBe('not-due');
  });

  test('exact hours are exact', () => {
    const fax = rules({ policies: [policy('PT24H')] });
    expect(decide(record(now.nextRunMs - 86_400_000), fax, now).verdict).toBe('due');
    expect(decide(record(now.nextRunMs - 86_400_000 + 1), fax, now).verdict).toBe('not-due');
  });
});

describe('5. the shortest ceiling', () => {
  const ceilings = [limit('gb-a', 'ceiling', 'GB', 'P60D'), limit('gb-b', 'ceiling', 'GB', 'P40D')];
  const gb = { jurisdiction: 'GB' };

  test('beats a longer policy and a longer instruction', () => {
    const by = rules({
      policies: [policy('P90D')],
      limits: ceilings,
      instructions: [instruction('long', 'P5Y')],
    });
    expect(ruling(aged(40, gb), by)).toBe('due: ceiling gb-b | ceiling gb-b, instruction long, policy cdr');
    expect(ruling(aged(39, gb), by)).toBe(
      'not-due: instruction long | ceiling gb-b, instruction long, policy cdr',
    );
    expect(decide(aged(39, gb), by, now).expiryMs).toBe(ms('2026-06-02T23:00:00Z'));
  });

  test('is reached by the next run, even for an at-least policy', () => {
    const by = rules({ policies: [policy('P5Y', { bound: 'at-least' })], limits: ceilings });
    expect(ruling(aged(40, gb), by)).toBe('due: ceiling gb-b | ceiling gb-b, policy cdr');
  });

  test('of another or an unknown jurisdiction pushes nothing out', () => {
    const by = rules({ policies: [policy('P90D')], limits: ceilings });
    expect(ruling(aged(70, { jurisdiction: 'AU' }), by)).toBe('not-due: policy cdr | policy cdr');
    expect(ruling(aged(70, { jurisdiction: null }), by)).toBe('not-due: policy cdr | policy cdr');
  });

  test('that nobody has verified pushes nothing out, while such a floor keeps', () => {
    const unverified = { verified: false };
    const top = rules({
      policies: [policy('P90D')],
      limits: [limit('x', 'ceiling', 'GB', 'P10D', unverified)],
    });
    expect(ruling(aged(70, gb), top)).toBe('not-due: policy cdr | policy cdr');
    const floor = rules({ limits: [limit('x', 'floor', 'GB', 'P99D', unverified)] });
    expect(ruling(aged(70, gb), floor)).toBe('not-due: floor x | floor x, policy cdr');
  });

  test('a floor that is not reached keeps all the same', () => {
    const by = rules({ limits: [...ceilings, limit('gb-f', 'floor', 'GB', 'P40D')] });
    expect(ruling(aged(40, gb), by)).toBe('not-due: floor gb-f | floor gb-f, ceiling gb-b, policy cdr');
    expect(ruling(aged(41, gb), by)).toBe('due: ceiling gb-b | floor gb-f, ceiling gb-b, policy cdr');
  });
});

describe('6. instructions', () => {
  const short = instruction('short', 'P10D');
  const long = instruction('long', 'P90D');

  test('one that shortens acts as a ceiling, by the next run', () => {
    const by = rules({ instructions: [short] });
    expect(ruling(aged(10), by)).toBe('due: instruction short | instruction short, policy cdr');
    expect(ruling(aged(9), by)).toBe('not-due: instruction short | instruction short, policy cdr');
  });

  test('one that lengthens is not applied a day early', () => {
    const by = rules({ instructions: [long] });
    expect(ruling(aged(90), by)).toBe('not-due: instruction long | instruction long, policy cdr');
    expect(ruling(aged(91), by)).toBe('due: instruction long | instruction long, policy cdr');
  });

  test('an at-least policy can be lengthened and not shortened', () => {
    const least = [policy('P30D', { bound: 'at-least' })];
    expect(ruling(aged(20), rules({ policies: least, instructions: [short] }))).toBe(
      'not-due: policy cdr | policy cdr',
    );
    expect(ruling(aged(60), rules({ policies: least, instructions: [long] }))).toBe(
      'not-due: instruction long | instruction long, policy cdr',
    );
  });

  test('one below a floor is raised to it', () => {
    const by = rules({ instructions: [short], limits: [limit('us', 'floor', 'US', 'P20D')] });
    const us = { jurisdiction: 'US' };
    expect(ruling(aged(20, us), by)).toBe('not-due: floor us | floor us, instruction short, policy cdr');
    expect(ruling(aged(21, us), by)).toBe('due: instruction short | floor us, instruction short, policy cdr');
    expect(decide(aged(20, us), by, now).expiryMs).toBe(ms('2026-06-02T06:00:00Z'));
  });

  test('one that is not in force does nothing', () => {
    const fromMs = now.nowMs;
    const by = (more: Partial<Instruction>) => rules({ instructions: [instruction('long', 'P90D', more)] });
    expect(ruling(aged(60), by({ fromMs }))).toBe('not-due: instruction long | instruction long, policy cdr');
    expect(ruling(aged(60), by({ fromMs: fromMs + 1 }))).toBe('due: policy cdr | policy cdr');
    expect(ruling(aged(60), by({ untilMs: fromMs + 1 }))).toContain('instruction long');
    expect(ruling(aged(60), by({ untilMs: fromMs }))).toBe('due: policy cdr | policy cdr');
  });

  const scoped = {
    record: instruction('record', 'P11D', {
      scope: 'record',
      record: { store: 'telecom', dataset: 'cdr', key: ['1'] },
    }),
    number: instruction('number', 'P12D', { scope: 'number', number: '+44 20 7946 0000' }),
    account: instruction('account', 'P13D', { scope: 'account', customer: 'C1' }),
    all: instruction('all', 'P14D'),
  };

  test.each([
    [['all', 'account', 'number', 'record'], 'record'],
    [['all', 'account', 'number'], 'number'],
    [['account', 'all'], 'account'],
    [['all'], 'all'],
  ] as const)('of %s, %s wins', (present, winner) => {
    const by = rules({ instructions: present.map(name => scoped[name]) });
    expect(ruling(aged(13), by)).toContain(`instruction ${winner} |`);
  });

  test('one for another record, number or customer does nothing', () => {
    const by = rules({ instructions: [scoped.record, scoped.number, scoped.account] });
    const other = aged(20, { key: ['2'], numbers: ['1'], customer: 'C2' });
    expect(ruling(other, by)).toBe('not-due: policy cdr | policy cdr');
    const nobody = aged(20, { key: ['2'], numbers: undefined, customer: undefined });
    expect(ruling(nobody, by)).toBe('not-due: policy cdr | policy cdr');
  });

  test('of two of one scope the longer wins', () => {
    const by = rules({ instructions: [short, long, instruction('middle', 'P50D')] });
    expect(ruling(aged(60), by)).toBe('not-due: instruction long | instruction long, policy cdr');
  });
});

describe('7. the policies themselves', () => {
  const p = (id: string, period: string, bound: 'at-most' | 'at-least' = 'at-most') =>
    policy(period, { id, bound });

  test.each([
    ['the shortest at-most', [p('a', 'P60D'), p('b', 'P30D')], 'due: policy b | policy b'],
    [
      'the longest at-least',
      [p('a', 'P40D', 'at-least'), p('b', 'P20D', 'at-least')],
      'not-due: policy a | policy a',
    ],
    [
      'an at-least over an at-most',
      [p('a', 'P10D'), p('b', 'P40D', 'at-least')],
      'not-due: policy b | policy b',
    ],
    [
      'an at-least, also a shorter one',
      [p('a', 'P90D'), p('b', 'P20D', 'at-least')],
      'due: policy b | policy b',
    ],
  ])('%s', (_, policies, expected) => {
    expect(ruling(aged(35), rules({ policies }))).toBe(expected);
  });

  test.each(['unstated', 'forever'])('%s is never due, whatever else says so', word => {
    const by = rules({
      policies: [p('a', 'P10D'), p('b', word)],
      limits: [limit('gb', 'ceiling', 'GB', 'P1D')],
      instructions: [instruction('short', 'P1D')],
    });
    const old = aged(5000, { jurisdiction: 'GB' });
    expect(ruling(old, by)).toBe('not-due: policy b | ceiling gb, policy b');
    expect(decide(old, by, now).expiryMs).toBeNull();
  });
});
