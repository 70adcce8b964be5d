// The table of calls that is purged, as SQL: made by the server itself from a seed, the same rows for the same seed,
// number and day. Looks like a switch's table after three years: due rows first but not neatly so.
import { addDays } from './period.ts';

/** `int`: ascending numbers as keys. `uuid`: random ones. `partitioned`: a partition a month, numbers as keys. */
export type LayoutName = 'int' | 'uuid' | 'partitioned';

export interface Layout {
  readonly name: LayoutName;
  readonly rows: number;
  readonly seed: number;
  /** A third of the rows was recorded in the year before this day, the rest in the two years after it. */
  readonly pivot: string;
}

export const TABLE = 'cdr';
/** The same table without a row: what a command costs before it has read anything. */
export const EMPTY_TABLE = 'cdr_empty';
export const ACCOUNTS = 50_000;
/** Accounts from here on are those of the foreground load: its rows are left out of every check. */
export const FOREGROUND_ACCOUNT = 4_000_000_000;
/** Whole months in a partitioned table that are due. */
export const DUE_PARTITIONS = 12;

const DAYS_BEFORE = 365;
// The newest row is two days short of the next run's day, so that none of it lies ahead of the clock.
const DAYS_AFTER = 728;

/** The first day before which about this many rows were recorded, one day's at least: rows come evenly over time. */
export function dayByDue({ pivot, rows }: Layout, due: number): string {
  const days = Math.round((due / rows) * (DAYS_BEFORE + DAYS_AFTER));
  return addDays(pivot, Math.max(1, days) - DAYS_BEFORE);
}

/** The statements that make the table and fill it; to be run with unlogged writes on an idle server. */
export function layoutStatements(layout: Layout): readonly string[] {
  return [
    createTable(layout),
    `CREATE TABLE ${EMPTY_TABLE} LIKE ${TABLE}`,
    fillTable(layout),
    `ANALYZE TABLE ${TABLE}`,
  ];
}

function createTable(layout: Layout): string {
  const key =
    layout.name === 'uuid'
      ? 'id CHAR(36) CHARACTER SET ascii NOT NULL'
      : 'id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT';
  const primary = layout.name === 'partitioned' ? '(id, recorded_at)' : '(id)';
  return `CREATE TABLE ${TABLE} (
    ${key},
    recorded_at DATETIME NOT NULL,
    account_id INT UNSIGNED NOT NULL,
    started_at DATETIME NOT NULL,
    src VARCHAR(24) NOT NULL,
    dst VARCHAR(24) NOT NULL,
    duration INT UNSIGNED NOT NULL,
    disposition VARCHAR(16) NOT NULL,
    channel VARCHAR(64) NOT NULL,
    uniqueid VARCHAR(40) NOT NULL,
    PRIMARY KEY ${primary},
    KEY recorded_at (recorded_at),
    KEY account_started (account_id, started_at)
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4${layout.name === 'partitioned' ? partitions(layout.pivot) : ''}`;
}

/** Partitions of a month's length, counted so that a bound is the pivot day: twelve end there or before. */
function partitions(pivot: string): string {
  const months = [...Array(36).keys()].map(index => index - DUE_PARTITIONS + 1);
  const lines = months.map(
    month =>
      `PARTITION p${month + DUE_PARTITIONS} VALUES LESS THAN ('${addDays(pivot, Math.round(month * (DAYS_BEFORE / 12)))}')`,
  );
  return ` PARTITION BY RANGE COLUMNS (recorded_at) (${lines.join(', ')}, PARTITION p_rest VALUES LESS THAN (MAXVALUE))`;
}

/**
 * Rows in the order in which they were recorded, but for ten minutes up or down; one in a thousand comes from any
 * other time; ids leave a gap now and then. A number is drawn as the checksum of a product, each with its own factor.
 */
function fillTable({ name, rows, seed, pivot }: Layout): string {
  const drawn = (factor: number, below: number): string => `(CRC32(${seed} + seq * ${factor}) % ${below})`;
  const first = addDays(pivot, -DAYS_BEFORE);
  const seconds = (DAYS_BEFORE + DAYS_AFTER) * 86_400;
  // The last row stays where it is: some tools never take the highest key of a table.
  const place = `IF(${drawn(7919, 1000)} = 0 AND seq < ${rows}, ${drawn(104_729, 4_000_000_000)} / 4000000000, seq / ${rows})`;
  const jitter = `${drawn(15_485_863, 1200)} - 600`;
  const at = `'${first}' + INTERVAL GREATEST(0, LEAST(${seconds - 1}, FLOOR(${place} * ${seconds}) + ${jitter})) SECOND`;
  const hash = `MD5(CONCAT(${seed}, ':', seq))`;
  const part = (from: number, length: number): string => `SUBSTR(${hash}, ${from}, ${length})`;
  const id =
    name === 'uuid'
      ? `CONCAT(${part(1, 8)}, '-', ${part(9, 4)}, '-4', ${part(14, 3)}, '-a', ${part(18, 3)}, '-', ${part(21, 12)})`
      : 'seq + FLOOR(seq / 997) * 3';
  const number = (factor: number): string => `CONCAT('+4420', LPAD(${drawn(factor, 100_000_000)}, 8, '0'))`;
  return `INSERT INTO ${TABLE}
    SELECT id, at, account, at - INTERVAL talked SECOND, src, dst, talked, outcome, channel, uniqueid FROM (
      SELECT ${id} AS id, ${at} AS at, ${drawn(32_452_843, ACCOUNTS)} AS account, ${drawn(49_979_687, 900)} AS talked,
        ${number(67_867_967)} AS src, ${number(86_028_121)} AS dst,
        ELT(1 + ${drawn(122_949_823, 4)}, 'ANSWERED', 'ANSWERED', 'NO ANSWER', 'BUSY') AS outcome,
        CONCAT('PJSIP/carrier-', ${drawn(141_650_939, 8)}, '-trunk-', LPAD(HEX(seq), 8, '0')) AS channel,
        CONCAT('pbx-4-1764000000.', seq) AS uniqueid
      FROM seq_1_to_${rows}
    ) AS drawn`;
}
