// More than thirty tables in the shapes of three products (a switchboard, a dialler, a billing system), mapped as somebody
// would who has read their documentation: `doctor` and `plan` agree on each, and whoever is refused hears which table and
// column, why, and what to do.
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { daysAgo, type SmallTelecom, smallTelecom } from '../support/small-telecom.ts';
import type { DatasetFile } from '../support/store-maps.ts';

type Start = NonNullable<DatasetFile['start']>;
interface Mapped {
  /** Null: rows have none, and are told apart by all of their columns. */
  readonly key?: readonly string[] | null;
  readonly start: Start;
  readonly more?: Partial<DatasetFile>;
  /** Two rows, one of them due. */
  readonly rows?: readonly Readonly<Record<string, unknown>>[];
  /** Null: it is taken. */
  readonly refused: { readonly message: RegExp; readonly hint: RegExp } | null;
  readonly warned?: RegExp;
}

const [OLD, NEW] = [daysAgo(90), daysAgo(5)];
const seconds = (at: string): number => Date.parse(`${at.replace(' ', 'T')}Z`) / 1000;
const at = (
  column: string,
  unit: NonNullable<Start['unit']> = 'datetime',
  more: Partial<Start> = {},
): Start => ({
  event: 'recorded',
  column,
  unit,
  ...(unit === 'datetime' || unit === 'date' || unit === 'text' ? { zone: 'UTC' } : {}),
  ...more,
});
const both = (column: string, write: (at: string) => unknown = one => one, more: object = {}) =>
  [OLD, NEW].map((one, index) => ({ ...more, id: index + 1, [column]: write(one) }));
const bare = (rows: readonly Readonly<Record<string, unknown>>[]) => rows.map(({ id: _, ...row }) => row);
const MYISAM = /kept by MyISAM, which can neither lock a row nor undo a write/;

const TABLES: Readonly<Record<string, Mapped>> = {
  cdr: {
    key: ['uniqueid'],
    start: at('calldate'),
    rows: bare(both('calldate')),
    refused: {
      message: /"uniqueid" is not a primary or unique NOT NULL key of "cdr"/,
      hint: /AUTO_INCREMENT/,
    },
    warned: /"cdr_counts" is named like "cdr", and no dataset maps it/,
  },
  cel: {
    start: at('eventtime'),
    rows: both('eventtime'),
    refused: {
      message: /deleting from "cel" sets off the trigger "cel_counts"/,
      hint: /SHOW CREATE TRIGGER cel_counts.*acknowledged: \{ triggers: \[cel_counts\] \}/,
    },
  },
  voicemessages: {
    key: ['dir', 'msgnum'],
    start: at('origtime', 'epoch-s'),
    rows: bare(both('origtime', seconds)).map((row, msgnum) => ({ ...row, dir: '/INBOX', msgnum })),
    refused: null,
  },
  queue_log: {
    start: at('time', 'datetime'),
    rows: both('time'),
    refused: {
      message: /start column "time" is declared as datetime and is a varchar\(32\)/,
      hint: /unit that the column/,
    },
  },
  transient_cdr: {
    key: ['linkedid'],
    start: at('calldate'),
    refused: { message: /"linkedid" is not a primary or unique/, hint: /Use key: \[uniqueid\]/ },
  },
  fax_details: { start: at('faxdate'), rows: both('faxdate'), refused: null },
  meetme_log: { start: at('joined', 'timestamp'), rows: both('joined'), refused: null },
  view_recordings: {
    key: ['uniqueid'],
    start: at('calldate'),
    refused: { message: /"view_recordings" is a view/, hint: /table that the view reads|cdr/ },
  },
  acc_cdrs: {
    start: at('start_time'),
    rows: both('start_time'),
    refused: {
      message: /start column "start_time" is "2000-01-01 00:00:00" where a row was given none/,
      hint: /sentinels: \['2000-01-01 00:00:00'\]/,
    },
  },
  vicidial_log: {
    key: ['uniqueid'],
    start: at('call_date'),
    rows: bare(both('call_date')).map((row, index) => ({ ...row, uniqueid: `1.${index}` })),
    refused: null,
    warned: MYISAM,
  },
  vicidial_log_archive: {
    key: ['uniqueid'],
    start: at('start_epoch', 'epoch-ms'),
    rows: bare(both('start_epoch', seconds)).map((row, index) => ({ ...row, uniqueid: `1.${index}` })),
    refused: {
      message: /none of 2 starts read from "start_epoch" is a plausible time by its unit epoch-ms/,
      hint: /unit: epoch-s/,
    },
  },
  recording_log: {
    key: ['recording_id'],
    start: at('start_time'),
    rows: bare(both('start_time')),
    refused: null,
    warned: MYISAM,
  },
  vicidial_list: {
    key: ['lead_id'],
    start: at('modify_date', 'timestamp'),
    rows: bare(both('modify_date')),
    refused: {
      message: /start column "modify_date" is set anew by every update of its row/,
      hint: /restarts: \[modify_date\]/,
    },
  },
  vicidial_did_log: {
    key: null,
    start: at('call_date'),
    rows: bare(both('call_date')),
    refused: null,
    warned: MYISAM,
  },
  call_log: {
    key: ['uniqueid'],
    start: at('start_epoch', 'epoch-s'),
    rows: bare(both('start_epoch', seconds)).map((row, index) => ({ ...row, uniqueid: `1.${index}` })),
    refused: null,
    warned: MYISAM,
  },
  vicidial_email_list: {
    key: ['email_row_id'],
    start: at('email_date'),
    more: {
      class: 'prospect',
      start: at('email_date', 'datetime', { event: 'collected' }),
      anonymise: { fields: [{ column: 'email_from', mask: null }], marker: { column: 'message', value: '' } },
    },
    rows: bare(both('email_date')),
    refused: { message: /kept by MyISAM, which cannot undo a write/, hint: /ENGINE=InnoDB, or purge/ },
  },
  vicidial_live_agents: {
    key: ['live_agent_id'],
    start: at('last_update_time', 'timestamp'),
    rows: bare(both('last_update_time')),
    refused: null,
    warned: /kept by MEMORY/,
  },
  log_all: {
    start: at('call_date'),
    refused: { message: /"log_all" is a MERGE table/, hint: /Map the tables that it merges/ },
  },
  pkg_user: {
    start: at('creationdate', 'timestamp'),
    rows: both('creationdate'),
    refused: {
      message:
        /deleting from "pkg_user" reaches into "pkg_refill_note" by foreign key \(pkg_user > pkg_refill > pkg_refill_note\)/,
      hint: /map "pkg_refill_note" as a dataset/,
    },
  },
  pkg_refill_note: {
    start: at('note', 'text', { format: 'yyyy-MM-dd' }),
    rows: both('note', one => one.slice(0, 10)),
    refused: null,
  },
  pkg_sms: {
    start: at('date', 'timestamp'),
    more: { acknowledged: { restarts: ['date'] } },
    rows: both('date'),
    refused: null,
  },
  pkg_cdr: { start: at('starttime'), rows: both('starttime'), refused: null },
  pkg_cdr_archive: {
    start: at('startime'),
    refused: {
      message: /table "pkg_cdr_archive" has no column "startime"/,
      hint: /It has id, starttime, id_user/,
    },
  },
  cdrs: {
    key: ['uniqueid'],
    start: at('callstart'),
    refused: { message: /"uniqueid" is not a primary or unique/, hint: /ALTER TABLE cdrs/ },
  },
  contracts: {
    start: {
      ...at('terminate_timestamp'),
      event: 'account-closed',
      status: { column: 'status', closed: ['terminated'] },
    },
    more: { class: 'customer-account' },
    rows: both('terminate_timestamp', one => one, { status: 'terminated' }),
    refused: {
      message: /deleting from "contracts" reaches into "invoices"/,
      hint: /ON DELETE RESTRICT and map "invoices"/,
    },
  },
  invoices: {
    start: at('period_end'),
    rows: [],
    refused: null,
  },
  sip_cdr: {
    key: ['id', 'start_time'],
    start: at('start_time', 'epoch-s'),
    more: { acknowledged: { triggers: ['sip_cdr_after_delete'] } },
    rows: both('start_time', seconds),
    refused: null,
    warned: /"sip_cdr_relation" is named like "sip_cdr"/,
  },
  payments: {
    start: at('paid_on', 'text', { format: 'dd.MM.yyyy' }),
    rows: both('paid_on', one => one.slice(0, 10)),
    refused: { message: /none of 2 starts read from "paid_on" is a plausible time/, hint: /./ },
  },
  missing_table: {
    start: at('at'),
    refused: { message: /has no table "missing_table"/, hint: /Mend dataset missing-table/ },
  },
};

const names = Object.keys(TABLES);
let telecom: SmallTelecom;
let doctor: { of: ReadonlyMap<string, readonly Note[]>; code: number | null };
let plan: {
  of: ReadonlyMap<string, readonly Finding[]>;
  code: number | null;
  due: ReadonlyMap<string, number>;
};

interface Note {
  readonly verdict: string;
  readonly message: string;
  readonly hint: string;
}
interface Finding {
  readonly severity: string;
  readonly message: string;
}

beforeAll(async () => {
  telecom = await smallTelecom({ kind: 'mysql', job: { stores: ['telecom'] } });
  const folder = new URL('schema/', import.meta.url);
  await telecom.database.raw('DROP TABLE cdr, recordings, prospects, accounts');
  await telecom.database.transaction(async connection => {
    await connection.raw("SET SESSION sql_mode = ''");
    for (const file of readdirSync(folder).sort())
      for (const line of readFileSync(new URL(file, folder), 'utf8').split('\n'))
        if (/^CREATE/.test(line)) await connection.raw(line);
    for (const [table, { rows = [] }] of Object.entries(TABLES))
      for (const row of rows) await connection(table).insert(row);
    await connection.raw('SET SESSION sql_mode = DEFAULT');
  });
  telecom.map(
    names.map(table => {
      const { key = ['id'], start, more = {} } = TABLES[table] as Mapped;
      const told = key === null ? { keyless: true } : { key };
      return {
        dataset: table.replaceAll('_', '-'),
        table,
        ...told,
        class: 'call-detail-record',
        start,
        ...more,
      };
    }),
  );
  const examined = await telecom.cli('doctor', 'nightly', '--format', 'json');
  const said = JSON.parse(examined.stdout) as { datasets: { dataset: string; notes: Note[] }[] };
  doctor = { code: examined.code, of: new Map(said.datasets.map(({ dataset, notes }) => [dataset, notes])) };
  const planned = await telecom.cli('plan', 'nightly', '--format', 'json');
  const { parts } = JSON.parse(planned.stdout) as {
    parts: { dataset: string; counts: { due: number }; findings: Finding[] }[];
  };
  plan = {
    code: planned.code,
    of: new Map(parts.map(({ dataset, findings }) => [dataset, findings])),
    due: new Map(parts.map(({ dataset, counts }) => [dataset, counts.due])),
  };
}, 120_000);
afterAll(() => telecom.drop());

test('there are thirty tables at least, and each that is refused is refused by both', () => {
  expect(doctor.of.size).toBe(names.length);
  expect(doctor.code).toBe(3);
});

describe.each(names)('%s', table => {
  const mapped = TABLES[table] as Mapped;
  const dataset = table.replaceAll('_', '-');

  test('is seen by doctor for what it is', () => {
    const notes = doctor.of.get(dataset) ?? [];
    const refusals = notes.filter(({ verdict }) => verdict === 'refuses');
    if (mapped.refused === null) expect(refusals).toEqual([]);
    else {
      expect(refusals.map(({ message }) => message)).toContainEqual(
        expect.stringMatching(mapped.refused.message),
      );
      expect(refusals.map(({ hint }) => hint)).toContainEqual(expect.stringMatching(mapped.refused.hint));
    }
    const warnings = notes.filter(({ verdict }) => verdict === 'warns').map(({ message }) => message);
    if (mapped.warned === undefined) expect(warnings).toEqual([]);
    else expect(warnings).toContainEqual(expect.stringMatching(mapped.warned));
  });

  test('is planned accordingly', () => {
    const refusals = (plan.of.get(dataset) ?? []).filter(({ severity }) => severity === 'refused');
    if (mapped.refused === null) {
      expect(refusals).toEqual([]);
      expect(plan.due.get(dataset)).toBe(mapped.rows?.length === 0 ? 0 : 1);
    } else {
      expect(refusals.map(({ message }) => message)).toContainEqual(
        expect.stringMatching(mapped.refused.message),
      );
      expect(plan.due.get(dataset)).toBe(0);
    }
  });
});
