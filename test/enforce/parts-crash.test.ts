// What a SIGKILL leaves of rows that are two records: no file that no row names, no row that is half cleared, and a next run
// that tells what had become of the batch in hand and clears the rest.
import { setTimeout as wait } from 'node:timers/promises';
import type { Knex } from 'knex';
import { afterEach, expect, test } from 'vitest';
import { kindsHere } from '../support/first-server.ts';
import { countKind, spyOn } from '../support/small-ledger.ts';
import { addRecordings, policy, type SmallTelecom, smallTelecom } from '../support/small-telecom.ts';
import { expectSettled, lapseLease, plannedNightly, signalWhen } from './killing.ts';

let telecom: SmallTelecom;
let ledger: Knex;
afterEach(async () => {
  await ledger.destroy();
  await telecom.drop();
});

const DUE = 600;
const KEPT = 40;

/** The calls stand in the table of recordings, for two years. */
async function open(kind: 'sqlite' | 'mysql'): Promise<void> {
  telecom = await smallTelecom({ kind, job: { batch: 20 } });
  ledger = spyOn(telecom.ledger);
  telecom.write('policies/call-detail-record.yaml', policy('call-detail-record', 'P2Y', {}));
  telecom.map([
    {
      ...{
        dataset: 'calls',
        table: 'recordings',
        key: ['id'],
        class: 'call-detail-record',
        customer: 'account',
      },
      start: { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' },
    },
    {
      ...{ dataset: 'recordings', partOf: 'calls', class: 'call-recording' },
      files: [{ store: 'audio', path: '{filename}' }],
      anonymise: { fields: [{ column: 'filename', mask: null }] },
    },
  ]);
  await addRecordings(telecom, DUE, KEPT);
}

const named = (): Promise<string[]> =>
  telecom.database('recordings').whereNotNull('filename').orderBy('filename').pluck('filename');

test.each(kindsHere)(
  'killed over and over, in %s: no file is ever left that no row names, and in the end they are the same',
  async kind => {
    await open(kind);
    const plan = await plannedNightly(telecom);
    let [done, kills] = [0, 0];
    for (const more of [0, 2, 7]) {
      const moment = done + more;
      await signalWhen(telecom, ['enforce', plan], 'SIGKILL', async () => {
        if ((await countKind(ledger, 'intended')) === 0 || (await countKind(ledger, 'done')) < moment)
          return false;
        await wait(Math.random() * 10);
        return true;
      });
      done = await countKind(ledger, 'done');
      // The server may take a moment to undo what the dead process had begun.
      if (kind === 'mysql') await wait(300);
      const rows = new Set(await named());
      expect(telecom.files().filter(file => !rows.has(file))).toEqual([]);
      kills += 1;
      expect(rows.size - telecom.files().length).toBeLessThanOrEqual(20 * kills);
      expect(rows.size).toBeGreaterThanOrEqual(KEPT);
      await lapseLease(telecom);
    }
    const last = await telecom.cli('enforce', plan, '--quiet');
    expect([0, 4], last.stderr).toContain(last.code);
    await expectSettled(telecom, ledger, 'recordings', DUE);
    expect(telecom.files()).toEqual((await named()).sort());
    expect(telecom.files()).toHaveLength(KEPT);
    expect(await telecom.database('recordings').count({ n: '*' })).toMatchObject([{ n: expect.anything() }]);
    expect((await telecom.database('recordings').pluck('id')).length).toBe(DUE + KEPT);
  },
  120_000,
);
