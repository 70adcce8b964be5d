// The owner's folder as it is shipped: it loads, nothing personal that the privacy policy names is outside of it, and
// what has no period says so.
import { afterAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
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

test('statutory limits stand for four countries and three states', () => {
  expect(
    policySet.limits.map(({ jurisdiction, kind, class: name, period }) =>
      [jurisdiction, kind, name, period.iso].join(' '),
    ),
  ).toEqual([
    'AU floor call-detail-record P2Y',
    'GB floor invoice P6Y',
    'NZ floor invoice P7Y',
    'US-FL floor call-detail-record P3Y',
    'US-MO floor call-detail-record P3Y',
    'US-VA floor call-detail-record P3Y',
    'US floor call-detail-record P18M',
  ]);
});
