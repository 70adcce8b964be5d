// A store that writes stays at the server of its first connection, in the state that it had or a later one: what a server
// answers of itself, and which later answers are refused.
import { expect, test } from 'vitest';
import { oneServer } from '../../src/stores/mysql/at-server.ts';

type Values = Readonly<Record<string, string>>;

const VARIABLES: Values = {
  server_uuid: 'u-1',
  hostname: 'db-1',
  port: '3306',
  read_only: 'OFF',
  gtid_executed: 'u-1:1-9,\nu-2:1-4',
};
const STATUS: Values = { Innodb_redo_log_current_lsn: '1000' };

const rowsOf = (values: Values) =>
  Object.entries(values).map(([name, value]) => ({ Variable_name: name, Value: value }));

/** What comes of a second connection that answers so. */
async function second(variables: Values, status: Values = STATUS): Promise<string> {
  const ask = oneServer('telecom');
  const answering = (now: Values, of: Values) => async (sql: string) =>
    rowsOf(/GLOBAL VARIABLES/.test(sql) ? now : of);
  await ask(new Map(), answering(VARIABLES, STATUS));
  return ask(new Map(), answering({ ...VARIABLES, ...variables }, status)).then(
    () => 'let in',
    (error: Error) => error.message,
  );
}

test.each<[string, Values, Values, RegExp]>([
  ['the same state', {}, STATUS, /^let in$/],
  [
    'a later state',
    { gtid_executed: 'u-1:1-12,u-2:1-4' },
    { Innodb_redo_log_current_lsn: '2000' },
    /^let in$/,
  ],
  ['another server', { server_uuid: 'u-3' }, STATUS, /the server was changed/],
  ['an older place in its log', {}, { Innodb_redo_log_current_lsn: '999' }, /older state .*\(lsn\)/],
  ['fewer transactions', { gtid_executed: 'u-1:1-8,u-2:1-4' }, STATUS, /older state .*\(gtid u-1\)/],
  ['transactions that it has lost', { gtid_executed: 'u-1:1-9' }, STATUS, /older state .*\(gtid u-2\)/],
  ['a server that is read-only now', { read_only: 'ON' }, STATUS, /may not be written any more/],
])('a later connection to %s', async (_, variables, status, says) => {
  expect(await second(variables, status)).toMatch(says);
});
