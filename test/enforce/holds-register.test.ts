// A hold that was taken out of the register by another hand than this program's is not a released hold: nothing is
// disposed of until somebody has looked into it.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { spyOn } from '../support/small-ledger.ts';
import { addCalls, countOf, type SmallTelecom, smallTelecom } from '../support/small-telecom.ts';

let telecom: SmallTelecom;

beforeEach(async () => {
  telecom = await smallTelecom({ kind: 'sqlite' });
  await addCalls(telecom, 20, 5);
});

afterEach(async () => {
  await telecom.drop();
});

test('a run is refused while the register is not what the audit log tells of', async () => {
  const place = [
    'hold',
    'place',
    '--id',
    'case-1',
    '--matter',
    'a',
    '--reason',
    'b',
    '--class',
    'call-detail-record',
  ];
  expect((await telecom.cli(...place)).code).toBe(0);
  const ledger = spyOn(telecom.ledger);
  await ledger('holds').delete();
  await ledger.destroy();
  const run = await telecom.cli('run', 'nightly');
  expect([run.code, run.stderr]).toEqual([
    3,
    expect.stringContaining('hold case-1 in the register is not the one'),
  ]);
  expect(await countOf(telecom.database, 'cdr')).toBe(25);
});
