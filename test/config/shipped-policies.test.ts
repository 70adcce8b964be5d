// The owner's folder as it is shipped: it loads, nothing personal that the privacy policy names is outside of it, and
// what has no period says so.
import { afterAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { decide } from '../../src/policy/decide.ts';
import { describeDecision } from '../../src/policy/describe.ts';
import { assumedPlaces, lawDoubt, statedLaw } from '../../src/policy/law.ts';
import { rulesFor } from '../../src/policy/rules.ts';
import { record } from '../policy/make.ts';
import { addShippedPolicies, configFolders } from './config-folders.ts';

const folders = configFolders({});
addShippedPolicies(folders);
const { policySet } = loadConfig(folders.policies, folders.jobs);
const byClass = new Map(policySet.policies.map(policy => [policy.class, policy]));

afterAll(() => {
  folders.remove();
});

/** The section "The Period for which the Personal Data will be Stored" of the privacy policy. */
test.each([
  ['call-recording', 'P30D', 'recorded', 'at-most'],
  ['call-monitoring-record', 'P30D', 'recorded', 'at-most'],
  ['customer-account', 'P24M', 'account-closed', 'at-least'],
  ['customer-correspondence', 'P24M', 'account-closed', 'at-least'],
  ['call-detail-record', 'P2Y', 'recorded', 'at-most'],
  ['billing-record', 'P2Y', 'recorded', 'at-most'],
  ['invoice', 'P7Y', 'issued', 'at-least'],
])('%s: %s from %s, %s', (name, iso, start, bound) => {
  expect(byClass.get(name)).toMatchObject({ period: { iso }, start, bound, zone: 'Europe/London' });
});

/** Categories and uses of personal data that the privacy policy names, and the classes that hold them. */
const categories: Readonly<Record<string, readonly string[]>> = {
  'Customer Representative Data': ['customer-account', 'customer-correspondence', 'invoice'],
  'Guarantee records': ['guarantee-record'],
  'Security checks': ['security-check'],
  'User Data': ['user-record'],
  'Call Detail Records': ['call-detail-record', 'billing-record'],
  'Number of calls, quality, recipient': ['call-quality-record'],
  'Call recordings and monitoring': ['call-recording', 'call-monitoring-record'],
  'Fax-to-email and email-to-fax': ['fax-transmission'],
  'Help desk, fault, fraud and maintenance notices': ['support-ticket'],
  'Teams Managed Services': ['teams-tenant-data'],
  'Number Portability Verification Data': ['number-porting-identity'],
  'Inquiry Data': ['inquiry'],
  'Website Visitor Data': ['website-access-log', 'website-usage'],
  'Prospect Customer Representative Data': ['prospect'],
  'Marketing, purchased lists among it': ['marketing-contact'],
  'Consent and objection': ['consent-based-data'],
};

describe.each(Object.entries(categories))('%s', (_, classes) => {
  test.each(classes)('%s is in the schedule', name => {
    expect(byClass.get(name)?.authority.passage).toMatch(/Section "/);
  });
});

test('every class belongs to a category of the privacy policy', () => {
  expect([...byClass.keys()].sort()).toEqual(Object.values(categories).flat().sort());
});

test('every class without a stated period is listed, and is only ever flagged', () => {
  const unstated = policySet.policies.filter(policy => policy.period.kind === 'unstated');
  expect(unstated.map(policy => policy.class).sort()).toEqual([
    'call-quality-record',
    'consent-based-data',
    'guarantee-record',
    'inquiry',
    'marketing-contact',
    'number-porting-identity',
    'prospect',
    'security-check',
    'support-ticket',
    'teams-tenant-data',
    'user-record',
    'website-access-log',
    'website-usage',
  ]);
  expect(unstated.every(policy => policy.disposition === 'flag')).toBe(true);
  expect(byClass.get('fax-transmission')).toMatchObject({ period: { kind: 'exact' }, disposition: 'flag' });
});

test('the register holds its 52 sub-processors, once each', () => {
  const names = policySet.subProcessors.map(party => party.name);
  expect(names).toHaveLength(52);
  expect(new Set(names).size).toBe(52);
  for (const party of policySet.subProcessors)
    for (const name of party.classes) expect(byClass.has(name), `${party.name}: ${name}`).toBe(true);
});

test('statutory limits stand for four countries, and unverified ones for ten states', () => {
  const written = policySet.limits.map(({ jurisdiction, kind, class: name, period, yearEnd, verified }) =>
    [
      ...[jurisdiction, kind, name, period.iso],
      ...(yearEnd === null ? [] : [`from ${yearEnd.month}-${yearEnd.day}`]),
      ...(verified ? [] : ['unverified']),
    ].join(' '),
  );
  const unverified = (years: string, states: readonly string[]): string[] =>
    states.map(state => `US-${state} floor call-detail-record ${years} unverified`);
  expect(written.sort()).toEqual(
    [
      ...['AU floor call-detail-record P2Y', 'GB floor invoice P6Y', 'NZ floor invoice P7Y from 3-31'],
      'US floor call-detail-record P18M',
      ...unverified('P2Y', ['AR', 'CO', 'IL', 'NH', 'NM', 'OK', 'WY']),
      ...unverified('P3Y', ['FL', 'MO', 'VA']),
    ].sort(),
  );
});

test('of every class the law is stated where the owner has offices, and nothing of Singapore and Hong Kong', () => {
  for (const name of byClass.keys()) {
    const stated = statedLaw(name, policySet.statements);
    for (const place of ['AU', 'GB', 'NZ', 'US', 'US-FL', 'US-TX'])
      expect(lawDoubt(place, { stated }), `${name} ${place}`).toBeNull();
    for (const place of ['AU', 'GB', 'NZ', 'US']) expect(assumedPlaces(stated)).not.toContain(place);
    for (const place of ['SG', 'HK']) expect(lawDoubt(place, { stated })).toBe(`law-unstated ${place}`);
  }
});

test('a New Zealand invoice of 10 April 2019 is kept to the end of 31 March 2027', () => {
  const rules = rulesFor('invoice', policySet, [], { partOf: null });
  const nowMs = Date.UTC(2026, 10, 28);
  const invoice = record('2019-04-10T00:00:00Z', { class: 'invoice', jurisdiction: 'NZ' });
  const decision = decide(invoice, rules, { nowMs, nextRunMs: nowMs });
  // Chatham's clocks are the first to end the day, and Auckland's, three quarters of an hour later, the last.
  const day = Date.UTC(2027, 2, 31, 11);
  expect(decision).toMatchObject({ verdict: 'not-due', operative: { kind: 'floor' }, expiryMs: day });
  expect(describeDecision(decision, rules)).toBe(
    'It is kept until 2027-03-31 11:00 UTC by the statutory minimum nz-taa1994-22.',
  );
});

test('two years in Colorado are two years', () => {
  const rules = rulesFor('call-detail-record', policySet, [], { partOf: null });
  const nowMs = Date.UTC(2026, 10, 28, 11, 4);
  const call = record('2024-11-28T10:00:00Z', { class: 'call-detail-record', jurisdiction: 'US-CO' });
  const decision = decide(call, rules, { nowMs, nextRunMs: nowMs + 86_400_000 });
  expect(decision).toMatchObject({ verdict: 'not-due', expiryMs: Date.UTC(2026, 10, 29, 7) });
  expect(decision.operative.id).toBe('us-co-cdr');
});
