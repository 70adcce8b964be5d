// What the world does is told as the world's, by the numbers that servers give; the driver's names are wrong for some of them.
import { describe, expect, test } from 'vitest';
import { explainMysqlError, mysqlErrorName } from '../../src/database/mysql-errors.ts';
import { explainSqliteTrouble } from '../../src/database/sqlite-errors.ts';
import { errorReport } from '../../src/report/error-report.ts';

const ofServer = (errno: number, message = '', code?: string) => ({
  errno,
  message,
  code,
  sqlState: 'HY000',
});

describe('an error of a server', () => {
  test.each([
    [1927, 'unreachable'],
    [3169, 'unreachable'],
    [1040, 'unreachable'],
    [1020, 'locked'],
    [1205, 'locked'],
    [1213, 'locked'],
    [3572, 'locked'],
    [1451, 'blocked'],
    [1644, 'blocked'],
    [1146, 'gone'],
    [1142, 'denied'],
    [1143, 'denied'],
    [1836, 'world'],
    [1969, 'world'],
    [3024, 'world'],
    [1114, 'world'],
    [1021, 'world'],
    [3, 'world'],
    [1153, 'world'],
    [1665, 'world'],
    [1317, 'world'],
    [4025, 'other'],
    [4079, 'other'],
    [1064, 'other'],
  ] as const)('%i is %s', (errno, kind) => {
    const explained = explainMysqlError(ofServer(errno));
    expect(explained.kind).toBe(kind);
    expect(explained.by).toMatch(kind === 'blocked' ? /a foreign key|a trigger/ : new RegExp(`${errno}$`));
    if (kind === 'world') expect([explained.message, explained.hint]).not.toContain(undefined);
  });

  test('has the name that its server has for it, where the driver has another', () => {
    expect(mysqlErrorName(ofServer(4025, '', 'ER_INNODB_AUTOEXTEND_SIZE_OUT_OF_RANGE'))).toBe(
      'ER_CONSTRAINT_FAILED 4025',
    );
    expect(mysqlErrorName(ofServer(1969))).toBe('ER_STATEMENT_TIMEOUT 1969');
    expect(mysqlErrorName(ofServer(4999, '', 'ER_NAMED_BY_GUESS'))).toBe('error 4999 of the server');
  });

  test('of an option names the option; of a right, the right and the table', () => {
    const option =
      'The MariaDB server is running with the --read-only option so it cannot execute this statement';
    expect(explainMysqlError(ofServer(1290, option))).toMatchObject({
      kind: 'world',
      message: expect.stringContaining('can only be read'),
    });
    const denied = "SELECT command denied to user 'a'@'b' for table `telecom`.`calls`";
    expect(explainMysqlError(ofServer(1142, denied))).toMatchObject({
      message: 'this user may not SELECT telecom.calls',
      hint: expect.stringContaining('GRANT SELECT ON telecom.calls'),
    });
  });

  test('that has no number and comes after the connection was lost is that it was lost', () => {
    const closed = new Error("ROLLBACK - Can't add new command when connection is in closed state");
    expect(explainMysqlError(closed).kind).toBe('unreachable');
    expect(explainMysqlError({ code: 'ECONNRESET', errno: -104 }).kind).toBe('unreachable');
    expect(explainMysqlError(new TypeError('x is not a function')).kind).toBe('other');
  });
});

test('a full disk, a file that can only be read and a broken one are told', () => {
  expect(explainSqliteTrouble('SQLITE_FULL')?.message).toBe('there is no room on its disk');
  expect(explainSqliteTrouble('', 'COMMIT; - database or disk is full')?.by).toBe('SQLITE_FULL');
  expect(explainSqliteTrouble('SQLITE_READONLY_DBMOVED')?.kind).toBe('world');
  expect(explainSqliteTrouble('SQLITE_ERROR')).toBeNull();
});

test('what the machine does not let us do is no mistake of the program; what has no such reason is one', () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {
    code: 'ENOSPC',
    syscall: 'write',
  });
  expect(errorReport(full)).toMatch(/^.*error: ENOSPC.*\n {2}There is no room on the disk/);
  expect(errorReport(full)).not.toContain('mistake in the program');
  expect(errorReport(new TypeError('x'))).toContain('mistake in the program');
});
