// Names of tables with a date in them: which tables they mean, which they do not, and what is wrong with them as written.
import { describe, expect, test } from 'vitest';
import {
  datedNameMistake,
  familyOf,
  isDatedTable,
  memberName,
  readDatedName,
  tableOf,
} from '../../src/policy/dated-names.ts';

const HOMER = 'sip_capture_call_{yyyyMMdd}';

describe('which tables a name means', () => {
  test.each([
    [HOMER, 'sip_capture_call_20150407'],
    [HOMER, 'sip_capture_call_20240229'],
    ['cdr_{yyyyMM}', 'cdr_202401'],
    ['cdr_{yyyy_MM}_archive', 'cdr_2024_12_archive'],
    ['hep_{yyyy_MM_dd}', 'hep_2024_12_31'],
    ['{yyyy}cdr', '2024cdr'],
    ['homer_data.cdr_{yyyy}', 'cdr_2024'],
  ])('%s means %s', (written, table) => {
    expect(isDatedTable(written, table)).toBe(true);
  });

  test.each([
    // Partitions of HOMER's that are never a day, and what is nearly one.
    [HOMER, 'sip_capture_call_p99999999'],
    [HOMER, 'sip_capture_call_99999999'],
    [HOMER, 'sip_capture_call_max'],
    [HOMER, 'sip_capture_call_20150231'],
    [HOMER, 'sip_capture_call_20230229'],
    [HOMER, 'sip_capture_call_20151301'],
    [HOMER, 'sip_capture_call_20150400'],
    [HOMER, 'sip_capture_call_2015040'],
    [HOMER, 'sip_capture_call_201504071'],
    [HOMER, 'sip_capture_call_20150407_old'],
    [HOMER, 'xsip_capture_call_20150407'],
    [HOMER, 'sip_capture_call_2015_04_07'],
    // An underscore is one, and no wildcard.
    [HOMER, 'sipXcaptureXcallX20150407'],
    [HOMER, 'SIP_CAPTURE_CALL_20150407'],
    [HOMER, 'sip_capture_call_２０１５0407'],
    [HOMER, 'sip_capture_call_{yyyyMMdd}'],
    ['cdr_{yyyyMM}', 'cdr_20240101'],
    ['cdr_{yyyyMM}', 'cdr_202413'],
    ['cdr_{yyyy_MM}', 'cdr_2024-12'],
    ['cdr_{yyyy}', 'cdr_0000x'],
    ['cdr_{yyyy}', 'cdr_'],
  ])('%s does not mean %s', (written, table) => {
    expect(isDatedTable(written, table)).toBe(false);
  });
});

test.each([
  ['cdr', '"cdr" has no date in it'],
  ['cdr_{yyyy}_{MM}', '"cdr_{yyyy}_{MM}" has 2 dates in it'],
  ['cdr_{MMdd}', '"{MMdd}" is not a date that names of tables carry'],
  ['cdr_{yyyyMMdd HH}', '"{yyyyMMdd HH}" is not a date that names of tables carry'],
  ['cdr_{}', '"{}" is not a date that names of tables carry'],
  ['{yyyy}', 'a date alone names no table'],
  ['homer_{yyyy}.cdr', '"homer_{yyyy}.cdr" is not the name of a table in one schema'],
  ['a.b.cdr_{yyyy}', '"a.b.cdr_{yyyy}" is not the name of a table in one schema'],
  ['cdr_{yyyy}}', '"cdr_{yyyy}}" is not the name of a table in one schema'],
  ['{cdr_{yyyy}', '"{cdr_{yyyy}" is not the name of a table in one schema'],
])('%s is a mistake', (written, mistake) => {
  expect(datedNameMistake(written)).toBe(mistake);
});

test('a schema is read apart from the name', () => {
  expect(datedNameMistake('homer_data.cdr_{yyyyMM}_x')).toBeNull();
  expect(readDatedName('homer_data.cdr_{yyyyMM}_x')).toEqual({
    schema: 'homer_data',
    before: 'cdr_',
    format: 'yyyyMM',
    after: '_x',
  });
});

test('the dataset of a table is named by both, and either is found again', () => {
  const name = memberName('sip-captures', 'odd:name_20150407');
  expect(name).toBe('sip-captures:odd:name_20150407');
  expect(familyOf(name)).toBe('sip-captures');
  expect(tableOf(name)).toBe('odd:name_20150407');
  expect(familyOf('sip-captures')).toBe('sip-captures');
  expect(tableOf('sip-captures')).toBeNull();
});
