// Trap 2: '0000-00-00' (FreePBX cdr.calldate, A2Billing cc_card.expirationdate, Magnus pkg_services_use.releasedate). It is
// less than every cutoff and is no NULL, and the driver would read it as 1899: it is a missing start all the same.
import { afterEach, test } from 'vitest';
import { type CaseRun, expectFates, openCase, usualRows, wallUtc } from '../support/case-rows.ts';

let run: CaseRun;
afterEach(() => run.drop());

const types = {
  datetime: ['DATETIME NOT NULL DEFAULT "0000-00-00 00:00:00"', '0000-00-00 00:00:00'],
  timestamp: ['TIMESTAMP NOT NULL DEFAULT 0', '0000-00-00 00:00:00'],
  date: ['DATE NOT NULL DEFAULT "0000-00-00"', '0000-00-00'],
} as const;

test.each([
  ['datetime', ''],
  ['datetime', ', KEY (calldate)'],
  ['timestamp', ', KEY (calldate)'],
  ['date', ', KEY (calldate)'],
] as const)('%s%s: zero dates stay, and the plan counts them', async (unit, index) => {
  const [column, zero] = types[unit];
  run = await openCase({
    ddl: [`CREATE TABLE cdr (id INT PRIMARY KEY, calldate ${column}, accountcode VARCHAR(20)${index})`],
    datasets: [
      {
        dataset: 'calls',
        table: 'cdr',
        key: ['id'],
        class: 'call',
        customer: 'accountcode',
        start: {
          ...{ event: 'recorded', column: 'calldate', unit },
          ...(unit === 'timestamp' ? {} : { zone: 'UTC' }),
        },
      },
    ],
  });
  // A date has no seconds: the boundary lies between two days, and an hour ahead may be tomorrow.
  const write = (ms: number) => ({ calldate: wallUtc(ms).slice(0, unit === 'date' ? 10 : 19) });
  const unknown = (what: string, values: object) =>
    ({ what, fate: 'undated: a zero date', values: { ...values, accountcode: 'plain' } }) as const;
  const zeros = [unknown('written', { calldate: zero }), unknown('by its default', {})];
  await expectFates(run, 'cdr', [...usualRows(write, 'accountcode'), ...zeros]);
});
