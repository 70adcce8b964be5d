// Trap 24, with a period for each of the two (FusionPBX v_xml_cdr: the call for two years, its recording and transcript
// for thirty days; an invoice for seven years, its call lines for two). A part is cleared at its own class's time, files
// first, and the row stays; the row goes at its own, and never while a part of it must stay.
import { afterEach, describe, expect, test } from 'vitest';
import {
  countOutcomes,
  countReasons,
  evidenceDigest,
  packKeys,
  writeOutcomes,
} from '../../src/ledger/evidence.ts';
import { joinKeys, keyText } from '../../src/policy/key-text.ts';
import type { Key } from '../../src/policy/policy.ts';
import { policyOf } from '../ledger/sample-log.ts';
import { instruction } from '../policy/make.ts';
import { DAY_MS, HELD, wallUtc } from '../support/case-rows.ts';
import { kindsHere } from '../support/first-server.ts';
import {
  CLEARED,
  calls,
  openParts,
  type Parts,
  type PartsInput,
  recordings,
  XML_CDR,
} from '../support/parts.ts';
import { RIGHTS_TO_DELETE } from '../support/server-facts.ts';
import { holdOn } from '../support/small-run.ts';
import { addRecordings, policy, type SmallTelecom, smallTelecom } from '../support/small-telecom.ts';
import { thisFamily } from '../support/this-server.ts';

const PART = 'recordings-of-calls';
const CALL = policyOf('call', 'P2Y', 'purge');
const RECORDING = policyOf('recording', 'P30D', 'purge');
/** The reverse: the row is over long before what is in it. */
const SHORT_CALL = policyOf('call', 'P30D', 'purge');
const LONG_RECORDING = policyOf('recording', 'P1Y', 'purge');

let parts: Parts;
let telecom: SmallTelecom | null = null;
afterEach(async () => {
  await (telecom ?? parts).drop();
  telecom = null;
});

const named = async (): Promise<[number, string | null][]> =>
  (await parts.rows()).map(({ id, record_name }) => [id, record_name]);

/** Lets a call have been so many days ago. */
const age = (id: number, days: number) =>
  parts
    .knex('v_xml_cdr')
    .where({ id })
    .update({ start_stamp: wallUtc(Date.now() - days * DAY_MS) });

/** What recovery writes of a batch whose run was killed before it committed. */
async function interruptedOf(dataset: string, keys: Key[]): Promise<void> {
  const outcomes = [{ keys: keys.length, did: 'spared', why: 'interrupted' }] as const;
  const evidence = {
    packedKeys: packKeys(joinKeys(keys.map(key => keyText(key, null)))),
    outcomes: writeOutcomes(outcomes),
  };
  await parts.small.ledger.audit.append(
    {
      ...{
        kind: 'done',
        plan: 'plan-0',
        batch: 0,
        store: 'tested',
        dataset,
        class: 'call',
        disposition: 'purge',
      },
      ...{ counts: countOutcomes(outcomes), reasons: countReasons(outcomes) },
      ...{ evidenceDigest: evidenceDigest(evidence), settled: true },
    },
    'run-0',
    { evidence },
  );
}

describe.each(kindsHere)('in %s', kind => {
  const open = async (more: Partial<PartsInput> = {}): Promise<void> => {
    parts = await openParts({ kind, policies: [CALL, RECORDING], ...more });
  };
  const reversed = (more: Partial<PartsInput> = {}): Promise<void> =>
    open({ policies: [SHORT_CALL, LONG_RECORDING], ...more });

  test.each(['purge', 'anonymise'] as const)(
    'recordings end (%s) after 30 days with their files, and the calls after two years',
    async disposition => {
      await open({ policies: [CALL, policyOf('recording', 'P30D', disposition)] });
      await parts.add(1, 1, 'fresh.wav');
      await parts.add(2, 90, 'over.wav');
      await parts.add(3, 90, null);
      await parts.add(4, 900, 'both.wav');
      await parts.add(5, 900, null);
      const { plan, of } = await parts.plan();
      expect(plan.parts.map(part => [part.dataset, part.disposition])).toEqual([
        [PART, 'anonymise'],
        ['calls', 'purge'],
      ]);
      expect(of(PART)).toMatchObject({ files: 2, counts: { due: 2, alreadyDone: 2 } });
      expect(of('calls').counts).toMatchObject({ due: 2, held: 0, keptOtherwise: 0 });
      expect(await parts.enforce(plan)).toEqual({});
      expect(await parts.knex('v_xml_cdr').where({ id: 2 }).first()).toMatchObject({
        ...{ id: 2, domain: 'plain', duration: 60 },
        ...CLEARED,
      });
      expect(await named()).toEqual([
        [1, 'fresh.wav'],
        [2, null],
        [3, null],
      ]);
      expect(parts.files()).toEqual(['rec/fresh.wav']);
      expect(await parts.disposed(PART)).toEqual(['["2"]', '["4"]']);
      expect(await parts.disposed('calls')).toEqual(['["4"]', '["5"]']);
      // Twice is once.
      const again = await parts.plan();
      expect(again.of(PART).counts).toMatchObject({ due: 0, alreadyDone: 2 });
      expect(again.of('calls').counts).toMatchObject({ due: 0 });
      // What comes back is found again.
      await parts.knex('v_xml_cdr').where({ id: 2 }).update({ record_transcription: 'late' });
      const late = await parts.plan();
      expect(late.of(PART)).toMatchObject({ files: 0, counts: { due: 1 } });
      expect(await parts.enforce(late.plan)).toEqual({});
      expect(await parts.knex('v_xml_cdr').where({ id: 2 }).first()).toMatchObject(CLEARED);
    },
  );

  test('a row that is over waits for a part that is not, unless nothing is in it', async () => {
    await reversed();
    await parts.add(1, 90, 'stays.wav');
    await parts.add(2, 90, null);
    await parts.add(3, 400, 'over.wav');
    await parts.add(4, 90, null);
    await parts.knex('v_xml_cdr').where({ id: 4 }).update({ record_path: '', record_name: '' });
    const { plan, of } = await parts.plan();
    expect(of(PART).counts).toMatchObject({ due: 1 });
    expect(of('calls').counts).toMatchObject({ due: 3, held: 0, keptOtherwise: 1 });
    expect(of('calls').findings.filter(({ code }) => code === 'kept-by-part')).toMatchObject([
      {
        severity: 'advice',
        message: `the row waits for its part ${PART}, which is kept by policy recording`,
        ...{ count: 1, samples: ['["1"]'] },
      },
    ]);
    expect(await parts.small.keysOf(plan, 'calls')).toEqual([['2'], ['3'], ['4']]);
    expect(await parts.enforce(plan)).toEqual({});
    expect(await named()).toEqual([[1, 'stays.wav']]);
    expect(parts.files()).toEqual(['rec/stays.wav']);
    await age(1, 400);
    expect(await parts.enforce((await parts.plan()).plan)).toEqual({});
    expect([await named(), parts.files()]).toEqual([[], []]);
  });

  test('a hold on recordings alone keeps the row at its end, and says so', async () => {
    await open({ holds: [holdOn('case-17', { customers: [HELD], classes: ['recording'] })] });
    await parts.add(1, 900, 'held.wav', HELD);
    await parts.add(2, 900, 'plain.wav');
    await parts.add(3, 900, null, HELD);
    const { plan, of } = await parts.plan();
    expect(of(PART).counts).toMatchObject({ due: 1, held: 1 });
    expect(of('calls').counts).toMatchObject({ due: 2, held: 1, keptOtherwise: 0 });
    expect(of('calls').findings.map(({ message }) => message)).toContain(
      `the row waits for its part ${PART}, which is kept by hold case-17`,
    );
    expect(await parts.enforce(plan)).toEqual({});
    expect(await named()).toEqual([[1, 'held.wav']]);
    expect(parts.files()).toEqual(['rec/held.wav']);
  });

  test('a hold on calls alone lets the recording go', async () => {
    await open({ holds: [holdOn('case-17', { customers: [HELD], classes: ['call'] })] });
    await parts.add(1, 900, 'held.wav', HELD);
    const { plan, of } = await parts.plan();
    expect([of(PART).counts.due, of('calls').counts.held]).toEqual([1, 1]);
    expect(await parts.enforce(plan)).toEqual({});
    expect([await named(), parts.files()]).toEqual([[[1, null]], []]);
  });

  test.each(['calls', PART])('a hold on one record of %s holds all of its row', async dataset => {
    const records = [{ store: 'tested', dataset, key: ['1'] }];
    await open({ holds: [holdOn('case-17', { records })] });
    await parts.add(1, 900, 'held.wav');
    await parts.add(2, 900, 'plain.wav');
    await parts.enforce((await parts.plan()).plan);
    expect([await named(), parts.files()]).toEqual([[[1, 'held.wav']], ['rec/held.wav']]);
  });

  test('an instruction for recordings is for recordings: longer, the row waits for it', async () => {
    const longer = { class: 'recording', scope: 'account', customer: 'careful' } as const;
    await open({ instructions: [instruction('longer', 'P3Y', longer)] });
    await parts.add(1, 900, 'long.wav', 'careful');
    const { plan, of } = await parts.plan();
    expect(of(PART).counts).toMatchObject({ due: 0, keptByInstruction: 1 });
    expect(of('calls').counts).toMatchObject({ due: 0, keptOtherwise: 1 });
    await parts.enforce(plan);
    expect(await named()).toEqual([[1, 'long.wav']]);
  });

  test('what changes between the plan and the run is seen under lock', async () => {
    await reversed();
    for (const id of [1, 2, 3]) await parts.add(id, 90, null);
    const { plan, of } = await parts.plan();
    expect(of('calls').counts.due).toBe(3);
    await parts.knex('v_xml_cdr').where({ id: 2 }).update({ record_transcription: 'late' });
    await parts.knex('v_xml_cdr').where({ id: 3 }).update({ record_transcription: 'late', domain: HELD });
    await parts.small.ledger.holds.place(holdOn('case-18', { customers: [HELD], classes: ['recording'] }));
    expect(await parts.enforce(plan)).toEqual({ [`calls blocked: ${PART}`]: 1, 'calls held: case-18': 1 });
    expect((await parts.rows()).map(({ id }) => id)).toEqual([2, 3]);
  });

  test('a file stays while another leg names it whose recording stays', async () => {
    await open();
    await parts.add(1, 90, 'both.wav');
    await parts.add(2, 10, 'both.wav');
    await parts.add(3, 90, 'two.wav');
    await parts.add(4, 90, 'two.wav');
    await parts.add(5, 900, 'old.wav');
    await parts.add(6, 10, 'old.wav');
    expect(await parts.enforce((await parts.plan()).plan)).toEqual({});
    expect(await named()).toEqual([
      [1, null],
      [2, 'both.wav'],
      [3, null],
      [4, null],
      [6, 'old.wav'],
    ]);
    expect(parts.files()).toEqual(['rec/both.wav', 'rec/old.wav']);
    await age(2, 40);
    await age(6, 40);
    expect(await parts.enforce((await parts.plan()).plan)).toEqual({});
    expect(parts.files()).toEqual([]);
  });

  test('where a file cannot be removed, its columns are as they were, and so is its row', async () => {
    await open();
    for (const id of [1, 2, 3]) await parts.add(id, id === 3 ? 900 : 90, `${id}.wav`);
    for (const id of [2, 3]) parts.spoil(`rec/${id}.wav`);
    const reasons = await parts.enforce((await parts.plan()).plan);
    expect(reasons).toEqual({
      [`${PART} file-kept: it is not a plain file`]: 2,
      'calls file-kept: it is not a plain file': 1,
    });
    expect(await named()).toEqual([
      [1, null],
      [2, '2.wav'],
      [3, '3.wav'],
    ]);
    expect(await parts.knex('v_xml_cdr').where({ id: 3 }).pluck('record_transcription')).toEqual(['hello']);
  });

  test('a job that reaches calls alone takes along what of them is over, and no more', async () => {
    await open({ classes: ['call'] });
    await parts.add(1, 900, 'over.wav');
    await parts.add(2, 90, 'over-too.wav');
    await parts.add(3, 5, 'over.wav');
    const { plan } = await parts.plan();
    expect(plan.parts.map(({ dataset }) => dataset)).toEqual(['calls']);
    expect(await parts.enforce(plan)).toEqual({});
    expect((await parts.rows()).map(({ id }) => id)).toEqual([2, 3]);
    expect(parts.files()).toEqual(['rec/over-too.wav', 'rec/over.wav']);
    await parts.knex('v_xml_cdr').where({ id: 3 }).update({ record_name: 'other.wav' });
    await parts.add(4, 900, 'over.wav');
    expect(await parts.enforce((await parts.plan()).plan)).toEqual({});
    expect(parts.files()).toEqual(['rec/over-too.wav']);
  });

  test('a restore brings a recording back, and a replay clears it again', async () => {
    await open();
    await parts.add(1, 90, 'back.wav');
    await parts.add(2, 90, 'gone.wav');
    const { plan } = await parts.plan();
    await parts.enforce(plan);
    await parts.knex('v_xml_cdr').where({ id: 1 }).update({ record_path: 'rec', record_name: 'back.wav' });
    parts.put('rec/back.wav');
    const replay = await parts.plan(`run-${plan.id}`);
    expect(replay.of(PART).counts).toMatchObject({ due: 1, alreadyDone: 1 });
    expect(await parts.enforce(replay.plan)).toEqual({});
    expect([await named(), parts.files()]).toEqual([
      [
        [1, null],
        [2, null],
      ],
      [],
    ]);
  });

  test('files that a killed run took along with their rows are not missing from the parts of those', async () => {
    await open({ policies: [policyOf('call', 'P60D', 'purge'), RECORDING] });
    for (const id of [1, 2, 3]) await parts.add(id, 90, `${id}.wav`);
    for (const id of [1, 2]) parts.remove(`rec/${id}.wav`);
    const missing = async () => {
      const { plan, of } = await parts.plan();
      return [plan, of(PART).findings.filter(({ code }) => code === 'files-missing').length] as const;
    };
    expect((await missing())[1]).toBe(1);
    await interruptedOf('calls', [['1'], ['2']]);
    const [plan, count] = await missing();
    expect(count).toBe(0);
    expect(await parts.enforce(plan)).toEqual({});
    expect([await named(), parts.files()]).toEqual([[], []]);
  });

  test('an itemised invoice: its call lines go after two years, amounts stay, it goes after seven', async () => {
    const years = (count: number): number => Math.round(count * 365.25);
    await open({
      ddl: [
        'CREATE TABLE invoices (id INT PRIMARY KEY, issued_on DATE, account VARCHAR(20), call_lines TEXT, caller VARCHAR(20), amount DECIMAL(10,2), state VARCHAR(20))',
      ],
      datasets: [
        {
          ...{ dataset: 'invoices', table: 'invoices', key: ['id'], class: 'invoice', customer: 'account' },
          start: { event: 'issued', column: 'issued_on', unit: 'date', zone: 'UTC' },
        },
        {
          ...{ dataset: 'call-lines', partOf: 'invoices', class: 'billing-record' },
          start: { event: 'recorded', column: 'issued_on', unit: 'date', zone: 'UTC' },
          anonymise: {
            fields: [
              { column: 'call_lines', mask: { text: 'removed' } },
              { column: 'caller', mask: 'last-three-digits' },
            ],
            marker: { column: 'state', value: 'anonymised' },
          },
        },
      ],
      policies: [
        policyOf('billing-record', 'P2Y', 'anonymise'),
        { ...policyOf('invoice', 'P7Y', 'purge'), start: 'issued', bound: 'at-least' },
      ],
    });
    const row = (id: number, age: number) => ({
      ...{ id, issued_on: wallUtc(Date.now() - years(age) * DAY_MS).slice(0, 10), account: '7' },
      ...{ call_lines: '+442079460018 3 min', caller: '02079460018', amount: '12.50', state: 'paid' },
    });
    await parts.knex('invoices').insert([row(1, 1), row(2, 3), row(3, 8)]);
    const { plan, of } = await parts.plan();
    expect([of('call-lines').counts.due, of('invoices').counts.due]).toEqual([2, 1]);
    expect(await parts.enforce(plan)).toEqual({});
    const left = await parts.knex('invoices').orderBy('id');
    expect(left).toMatchObject([
      { id: 1, call_lines: '+442079460018 3 min', state: 'paid' },
      { id: 2, call_lines: 'removed', caller: '02079460xxx', state: 'anonymised' },
    ]);
    expect(left.map(({ amount }: { amount: unknown }) => Number(amount))).toEqual([12.5, 12.5]);
    expect((await parts.plan()).of('call-lines').counts).toMatchObject({ due: 0, alreadyDone: 1 });
  });
});

describe('what a part does not go with is refused for it and for its row', () => {
  const refusals = async (more: Partial<PartsInput>): Promise<[string, string[]][]> => {
    parts = await openParts({ kind: 'mysql', policies: [CALL, RECORDING], ...more });
    await parts.add(1, 900, 'kept.wav');
    const { plan } = await parts.plan();
    await parts.enforce(plan);
    expect(await named()).toEqual([[1, 'kept.wav']]);
    expect(parts.files()).toEqual(['rec/kept.wav']);
    return plan.parts.map(part => [part.dataset, part.findings.map(({ message }) => message)]);
  };
  const both = (message: string): [string, string[]][] => [
    [PART, [message]],
    ['calls', [`its part ${PART} does not fit: ${message}`]],
  ];

  test('a column that takes no NULL', async () => {
    expect(await refusals({ ddl: [XML_CDR.replace('record_name VARCHAR(80)', '$& NOT NULL')] })).toEqual(
      both(
        `column "record_name" does not take NULL. Mask it with a text: { column: record_name, mask: { text: '' } }`,
      ),
    );
  });

  test('a trigger that every update sets off', async () => {
    const trigger =
      'CREATE TRIGGER noting AFTER UPDATE ON v_xml_cdr FOR EACH ROW SET @noted = OLD.record_name';
    expect(await refusals({ ddl: [XML_CDR, trigger] })).toEqual(
      both(
        'writing to "v_xml_cdr" sets off the trigger "noting". See what it does: SHOW CREATE TRIGGER noting. If that is as it should be, write acknowledged: { triggers: [noting] }',
      ),
    );
  });

  test('a table that can undo nothing', async () => {
    expect(await refusals({ ddl: [`${XML_CDR} ENGINE=MyISAM`] })).toEqual(
      both(
        '"v_xml_cdr" is kept by MyISAM, which cannot undo a write: a row could be left half masked. ALTER TABLE v_xml_cdr ENGINE=InnoDB; until then map "calls" alone, under the longer of its classes',
      ),
    );
  });

  test('a column that is not there', async () => {
    const found = await refusals({
      datasets: [
        calls(),
        recordings({
          anonymise: {
            fields: [
              { column: 'record_name', mask: null },
              { column: 'mos', mask: null },
            ],
          },
        }),
      ],
    });
    expect(found.map(([dataset, messages]) => [dataset, messages[0]?.split('. ')[0]])).toEqual([
      [PART, 'table "v_xml_cdr" has no column "mos"'],
      ['calls', `its part ${PART} does not fit: table "v_xml_cdr" has no column "mos"`],
    ]);
  });
});

test("a start that updates move does not move when a part is cleared, its own or its row's", async () => {
  const moving = 'TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP';
  const changed = { event: 'recorded', column: 'changed', unit: 'timestamp' } as const;
  parts = await openParts({
    kind: 'mysql',
    policies: [CALL, RECORDING],
    ddl: [XML_CDR.replace('duration INT', `$&, changed ${moving}`)],
    datasets: [
      calls({ start: changed, acknowledged: { restarts: ['changed'] } }),
      recordings({ start: { event: 'recorded', column: 'start_stamp', unit: 'datetime', zone: 'UTC' } }),
    ],
  });
  await parts.add(1, 90, 'over.wav');
  const at = wallUtc(Date.now() - 90 * DAY_MS);
  await parts.knex('v_xml_cdr').update({ changed: at });
  const before = await parts.knex('v_xml_cdr').pluck('changed');
  expect(await parts.enforce((await parts.plan()).plan)).toEqual({});
  expect(await named()).toEqual([[1, null]]);
  expect(await parts.knex('v_xml_cdr').pluck('changed')).toEqual(before);
});

test('explain says what a row waits for, and doctor which columns are written to', async () => {
  telecom = await smallTelecom({ kind: 'mysql' });
  telecom.write('policies/call-recording.yaml', policy('call-recording', 'P1Y', {}));
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
  await addRecordings(telecom, 1, 0);
  const explained = await telecom.cli('explain', 'telecom', 'calls', '1');
  expect(explained.stdout, explained.stderr).toMatch(
    /^It is due \(purge\) because policy call-detail-record \(P30D\) ended on .* UTC\. The row waits for its part recordings: It is kept until .* by policy call-recording \(P1Y\)\.$/m,
  );
  const part = await telecom.cli('explain', 'telecom', 'recordings', '1', '--format', 'json');
  expect(JSON.parse(part.stdout)).toMatchObject({
    class: 'call-recording',
    decision: { verdict: 'not-due' },
  });
  const looked = await telecom.cli('doctor', 'nightly');
  expect(looked.code, looked.stderr).toBe(0);
  expect(looked.stdout).toMatch(
    new RegExp(
      `GRANT SELECT, ${RIGHTS_TO_DELETE[thisFamily()]}, UPDATE \\(\`?filename\`?\\) ON \\S+recordings\`? TO 'retention_enforce'`,
    ),
  );
});
