// Files of limits: which place they speak of, from which day they count, who has checked them, and what they say of classes
// without a limit.
import { describe, expect, onTestFinished, test } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { ConfigurationError, type Problem } from '../../src/errors.ts';
import { lawNotes } from '../../src/plan/law-notes.ts';
import { type ConfigFolders, configFolders, JOB, LIMITS, POLICY, STORE } from './config-folders.ts';

const NONE = 'none:\n  classes: all\n  authority: { document: Counsel, passage: A letter }\n';

function opened(more: Readonly<Record<string, string>>): ConfigFolders {
  const known = { 'policies/cdr.yaml': POLICY, 'jobs/nightly.yaml': JOB, 'jobs/stores/telecom.yaml': STORE };
  const folders = configFolders({ ...known, ...more });
  onTestFinished(folders.remove);
  return folders;
}

function config(more: Readonly<Record<string, string>>) {
  const { policies, jobs } = opened(more);
  return loadConfig(policies, jobs);
}

function problems(more: Readonly<Record<string, string>>): readonly Problem[] {
  try {
    config(more);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

const limits = (text: string): Readonly<Record<string, string>> => ({ 'policies/limits/x.yaml': text });
const said = (text: string): string[] => problems(limits(text)).map(one => `${one.path}: ${one.message}`);

describe('a jurisdiction', () => {
  test.each([
    ['UK', 'Write GB:'],
    ['USA', 'Write US:'],
    ['Florida', 'Write US-FL or '],
    ['EL', 'Write GR:'],
    ['XX', 'Write an ISO 3166 code'],
    ['US-ZZ', 'Write an ISO 3166 code'],
  ])('%s is refused in limits and in a data map, with what is meant', (written, hint) => {
    for (const files of [
      limits(LIMITS.replace('jurisdiction: US', `jurisdiction: ${written}`)),
      { 'jobs/stores/telecom.yaml': STORE.replace('class: cdr', `class: cdr\n    jurisdiction: ${written}`) },
    ]) {
      const [problem, ...others] = problems(files);
      expect(others).toEqual([]);
      expect(problem?.message).toBe(`"${written}" is not a jurisdiction`);
      expect(problem?.hint).toContain(hint);
    }
  });
});

describe('a file', () => {
  test('may state that no limit applies, without any limit and without a zone', () => {
    const { policySet } = config(limits(`jurisdiction: SG\n${NONE}`));
    expect(policySet.statements).toEqual([
      {
        ...{ jurisdiction: 'SG', limited: [], none: 'all' },
        authority: { document: 'Counsel', passage: 'A letter' },
      },
    ]);
    expect(policySet.limits).toEqual([]);
  });

  test('that says nothing is refused', () => {
    expect(said('jurisdiction: SG\n')).toEqual([': this file says nothing of the law of SG']);
  });

  test('may not say of a class that it has a limit and none', () => {
    expect(said(`${LIMITS}${NONE.replace('all', '[cdr]')}`)).toEqual([
      'none.classes[0]: class cdr has a limit in this file, and is said to have none',
    ]);
  });

  test('may not speak of a class without a policy', () => {
    expect(said(`${LIMITS}${NONE.replace('all', '[fax]')}`)).toEqual([
      'none.classes[0]: there is no policy for class "fax"',
    ]);
  });

  test('may count from the end of a year, in whole days', () => {
    const from = (day: string, period = 'P7Y'): string =>
      LIMITS.replace('period: P18M', `period: ${period}\n    countsFrom: { yearEnds: '${day}' }`);
    expect(config(limits(from('03-31'))).policySet.limits[0]?.yearEnd).toEqual({ month: 3, day: 31 });
    expect(config(limits(from('02-29'))).policySet.limits[0]?.yearEnd).toEqual({ month: 2, day: 29 });
    for (const day of ['02-30', '13-01', '3-31', '00-10', '06-31'])
      expect(said(from(day))).toEqual([`limits[0].countsFrom.yearEnds: "${day}" is not a day of the year`]);
    expect(said(from('03-31', 'PT24H'))).toEqual([
      "limits[0].countsFrom: PT24H is counted in exact hours, which have no year's end",
    ]);
  });

  test('a floor that counts from the end of a year may be longer than a ceiling of as many years', () => {
    const floor = LIMITS.replace('P18M', 'P2Y').replace(
      'kind: floor',
      "kind: floor\n    countsFrom: { yearEnds: '03-31' }",
    );
    const ceiling = LIMITS.replace('us-cdr', 'us-top').replace('floor', 'ceiling').replace('P18M', 'P2Y');
    const both = { 'policies/limits/a.yaml': floor, 'policies/limits/b.yaml': ceiling };
    expect(problems(both).map(one => one.message)).toEqual([
      'floor us-cdr (P2Y) is longer than ceiling us-top (P2Y)',
    ]);
    // One that nobody has checked does nothing, and so contradicts nothing.
    const unchecked = ceiling.replace('kind: ceiling', 'kind: ceiling\n    status: unverified');
    expect(problems({ ...both, 'policies/limits/b.yaml': unchecked })).toEqual([]);
  });
});

describe('what is told', () => {
  const notes = (more: Readonly<Record<string, string>>): string[] => {
    const { policySet, stores } = config(more);
    return lawNotes(policySet, stores);
  };
  const within = (code: string): Readonly<Record<string, string>> => ({
    'jobs/stores/telecom.yaml': STORE.replace('class: cdr', `class: cdr\n    jurisdiction: ${code}`),
  });

  test('a data map whose jurisdiction nobody has spoken of, until none applies', () => {
    const [note, ...others] = notes(within('SG'));
    expect(others).toEqual([]);
    expect(note).toContain(
      'nothing is stated of the law of SG: its records stay until policies/limits/sg.yaml',
    );
    expect(notes({ ...within('SG'), ...limits(`jurisdiction: SG\n${NONE}`) })).toEqual([]);
    // A part is covered where its country is.
    expect(notes({ ...within('US-TX'), ...limits(`jurisdiction: US\n${NONE}`) })).toEqual([]);
  });

  test('limits that nobody has verified', () => {
    const unverified = LIMITS.replace('kind: floor', 'kind: floor\n    status: unverified');
    expect(notes(limits(unverified))).toEqual([
      'nobody has verified us-cdr: what is said to be kept by law is kept',
    ]);
  });

  test('a class that limits say nothing of, where it is not said that none applies', () => {
    const fax = POLICY.replace('policy: cdr', 'policy: fax').replace('class: cdr', 'class: fax');
    const files = { 'policies/fax.yaml': fax, ...limits(LIMITS) };
    expect(notes(files)).toEqual([expect.stringContaining('the limits of US say nothing of fax')]);
    expect(notes({ ...files, ...limits(`${LIMITS}${NONE}`) })).toEqual([]);
    // Who lists classes means those: of any other nothing is stated, and its records stay.
    const listed = {
      ...files,
      ...within('US'),
      ...limits(`jurisdiction: US\n${NONE.replace('all', '[fax]')}`),
    };
    expect(notes(listed)).toEqual([expect.stringContaining('cdr: nothing is stated of the law of US')]);
  });
});
