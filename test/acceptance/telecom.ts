// A telecom on MariaDB in the layouts that real ones have: FreePBX's table of calls, recordings whose files lie under
// YYYY/MM/DD, accounts, correspondence, invoices; and with it one of everything that must not go.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Knex } from 'knex';
import { numbersTo } from '../support/sql-spelling.ts';

/** Instructed to keep call detail records 90 days; seven years; under legal hold; closed long ago and reopened. */
export const NINETY_DAYS = '1001';
export const SEVEN_YEARS = '1002';
export const HELD = '1003';
export const REOPENED = '1004';
const ACCOUNTS = 50;

const DDL = [
  `CREATE TABLE accounts (
    id INT UNSIGNED NOT NULL PRIMARY KEY, contact_name VARCHAR(80), email VARCHAR(120), phone VARCHAR(40),
    status VARCHAR(20) NOT NULL, closed_at DATETIME NULL, retention_state VARCHAR(20) NULL, KEY (closed_at)) ENGINE=InnoDB`,
  `CREATE TABLE correspondence (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, account_id INT UNSIGNED NOT NULL, subject VARCHAR(200), body TEXT,
    FOREIGN KEY (account_id) REFERENCES accounts (id)) ENGINE=InnoDB`,
  `CREATE TABLE cdr (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, calldate DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00',
    clid VARCHAR(80) NOT NULL DEFAULT '', src VARCHAR(80) NOT NULL DEFAULT '', dst VARCHAR(80) NOT NULL DEFAULT '',
    dcontext VARCHAR(80) NOT NULL DEFAULT '', channel VARCHAR(80) NOT NULL DEFAULT '', dstchannel VARCHAR(80) NOT NULL DEFAULT '',
    lastapp VARCHAR(80) NOT NULL DEFAULT '', lastdata VARCHAR(80) NOT NULL DEFAULT '', duration INT NOT NULL DEFAULT 0,
    billsec INT NOT NULL DEFAULT 0, disposition VARCHAR(45) NOT NULL DEFAULT '', amaflags INT NOT NULL DEFAULT 0,
    accountcode VARCHAR(20) NOT NULL DEFAULT '', uniqueid VARCHAR(32) NOT NULL DEFAULT '', userfield VARCHAR(255) NOT NULL DEFAULT '',
    did VARCHAR(50) NOT NULL DEFAULT '', recordingfile VARCHAR(255) NOT NULL DEFAULT '', cnum VARCHAR(80) NOT NULL DEFAULT '',
    cnam VARCHAR(80) NOT NULL DEFAULT '', outbound_cnum VARCHAR(80) NOT NULL DEFAULT '', outbound_cnam VARCHAR(80) NOT NULL DEFAULT '',
    dst_cnam VARCHAR(80) NOT NULL DEFAULT '', linkedid VARCHAR(32) NOT NULL DEFAULT '', peeraccount VARCHAR(80) NOT NULL DEFAULT '',
    sequence INT NOT NULL DEFAULT 0, KEY (calldate), KEY (dst), KEY (accountcode), KEY (uniqueid)) ENGINE=InnoDB`,
  `CREATE TABLE recordings (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, recorded_at DATETIME NULL, account_number VARCHAR(20),
    caller VARCHAR(40), callee VARCHAR(40), filename VARCHAR(255), KEY (recorded_at)) ENGINE=InnoDB`,
  `CREATE TABLE billing_records (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, recorded_at DATETIME NOT NULL, account_number VARCHAR(20),
    caller VARCHAR(40), call_lines TEXT, amount_pence INT, retention_state VARCHAR(20) NULL, KEY (recorded_at)) ENGINE=InnoDB`,
  `CREATE TABLE invoices (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, issued_on DATE NULL, account_number VARCHAR(20), contact VARCHAR(80),
    total_pence INT, KEY (issued_on)) ENGINE=InnoDB`,
];

/** Wall time in London, as the telecom's machines write it. */
export function london(ms: number): string {
  return new Intl.DateTimeFormat('sv-SE', {
    timeZone: 'Europe/London',
    dateStyle: 'short',
    timeStyle: 'medium',
  }).format(ms);
}

/** Fills a database: `calls` call detail records over three years up to `nowMs`, and a fiftieth of it of recordings. */
export async function makeTelecom(database: Knex, root: string, calls: number, nowMs: number): Promise<void> {
  const now = london(nowMs);
  for (const statement of DDL) await database.raw(statement);
  await database.raw(
    `INSERT INTO accounts SELECT 1000 + seq, CONCAT('Contact ', seq), CONCAT('c', seq, '@example.com'), CONCAT('+44207946', LPAD(seq, 4, '0')),
       IF(seq % 5 = 3 AND seq <> 4, 'closed', 'active'), IF(seq % 5 = 3, ? - INTERVAL seq MONTH, NULL), NULL FROM ${numbersTo(ACCOUNTS)} ORDER BY seq`,
    [now],
  );
  await database.raw(
    `UPDATE accounts SET closed_at = ? - INTERVAL 40 MONTH WHERE id IN (${HELD}, ${REOPENED})`,
    [now],
  );
  await database.raw(
    "INSERT INTO accounts (id, status, closed_at) VALUES (1051, 'closed', NULL), (1052, 'closed', '0000-00-00')",
  );
  await database.raw(
    `INSERT INTO correspondence (account_id, subject, body) SELECT 1001 + seq % ${ACCOUNTS}, CONCAT('Letter ', seq), REPEAT('x', 200) FROM ${numbersTo(2_000)} ORDER BY seq`,
  );
  await database.raw(
    `INSERT INTO cdr (calldate, src, dst, duration, disposition, accountcode, uniqueid)
       SELECT ? - INTERVAL FLOOR(seq * (3 * 365 * 86400 / ${calls})) SECOND, CONCAT('+44207946', LPAD(seq % 1000, 4, '0')), '+442079460999',
         seq % 600, 'ANSWERED', 1001 + seq % ${ACCOUNTS}, CONCAT(seq, '.', seq % 7) FROM ${numbersTo(calls)} ORDER BY seq`,
    [now],
  );
  await database.raw(
    `INSERT INTO cdr (calldate, accountcode, uniqueid) VALUES ('0000-00-00 00:00:00', '1010', 'zero'), ('1000-01-01 00:00:00', '1010', 'sentinel'),
       ('1971-01-01 00:00:00', '1010', 'implausible'), (? + INTERVAL 10 YEAR, '1010', 'future')`,
    [now],
  );
  await database.raw(
    `INSERT INTO billing_records (recorded_at, account_number, caller, call_lines, amount_pence)
       SELECT ? - INTERVAL seq DAY, 1001 + seq % ${ACCOUNTS}, CONCAT('+44207946', LPAD(seq, 4, '0')), 'two calls', 1200 FROM ${numbersTo(1095)} ORDER BY seq`,
    [now],
  );
  await database.raw(
    `INSERT INTO invoices (issued_on, account_number, contact, total_pence)
       SELECT DATE(?) - INTERVAL seq DAY, 1001 + seq % ${ACCOUNTS}, 'Contact', 1200 FROM ${numbersTo(3650)} ORDER BY seq`,
    [now],
  );
  await database.raw('INSERT INTO invoices (issued_on) VALUES (NULL)');
  await makeRecordings(database, root, Math.max(200, Math.floor(calls / 50)), nowMs);
}

async function makeRecordings(database: Knex, root: string, count: number, nowMs: number): Promise<void> {
  writeFileSync(join(root, '.retention-canary'), '');
  mkdirSync(join(root, 'monitoring'));
  const rows: Record<string, string | null>[] = [];
  const folders = new Set<string>();
  for (let index = 0; index < count; index += 1) {
    const at = london(nowMs - index * Math.floor((60 * 86_400_000) / count) - 60_000);
    const folder = join(root, at.slice(0, 10).replaceAll('-', '/'));
    if (!folders.has(folder)) mkdirSync(folder, { recursive: true });
    folders.add(folder);
    const filename = `out-${index}.wav`;
    writeFileSync(join(folder, filename), 'RIFF');
    rows.push({
      recorded_at: at,
      account_number: String(1001 + (index % ACCOUNTS)),
      caller: '+442079460001',
      callee: '+442079460999',
      filename,
    });
  }
  // Two legs of one call name one file, and one of them is under hold: the other goes, the file stays.
  const heldLeg = rows.filter(row => row.account_number === HELD).at(-1);
  rows.push({ ...heldLeg, account_number: '1010' });
  rows.push({
    recorded_at: null,
    account_number: '1010',
    caller: null,
    callee: null,
    filename: 'undated.wav',
  });
  await database.batchInsert('recordings', rows, 500);
}
