// Cells of CSV: what a spreadsheet would run is plain text, and what a terminal would obey is written as its number.
import { expect, test } from 'vitest';
import { csvLine } from '../../src/report/numbers.ts';

test.each([
  ['=1+1', "'=1+1"],
  ['-2', "'-2"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['\t=1+1', '"\'\t=1+1"'],
  ['\r=1+1', '"\'\r=1+1"'],
  [' =1+1', "' =1+1"],
  ['\tplain', '"\'\tplain"'],
  ['x\u001b[2Jy', '"x\\x1b[2Jy"'],
  ['\u009b2J', '"\\x9b2J"'],
  ['a\u0000b', '"a\\x00b"'],
  ['a "b", c', '"a ""b"", c"'],
  ['Zoë, 电话', '"Zoë, 电话"'],
  ['1e5', '1e5'],
])('%j', (value, cell) => {
  expect(csvLine(['first', value, 7, null])).toBe(`first,${cell},7,`);
});
