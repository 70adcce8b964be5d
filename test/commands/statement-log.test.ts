// A server whose binary log is of statements takes no delete as we write it: doctor and plan say so before the night, by the
// variable's name, and enforce ends before it has begun.
import { afterEach, expect, test } from 'vitest';
import { type MysqlServer, startServer } from '../support/mysql-server.ts';
import { addCalls, type SmallTelecom, smallTelecom } from '../support/small-telecom.ts';
import { thisFlavour } from '../support/this-server.ts';

let server: MysqlServer | undefined;
let telecom: SmallTelecom | undefined;

afterEach(async () => {
  await telecom?.drop();
  await server?.stop();
});

test('a log of statements is named by doctor and by the plan, and nothing goes', async () => {
  server = await startServer(thisFlavour(), [
    '--log-bin=binlog',
    '--server-id=1',
    '--binlog-format=STATEMENT',
  ]);
  telecom = await smallTelecom({ kind: 'mysql', server });
  await addCalls(telecom, 50, 20);
  const named = 'binlog_format is STATEMENT: InnoDB then takes no delete at READ COMMITTED';
  const doctor = await telecom.cli('doctor', 'nightly');
  expect(doctor.code).toBe(3);
  expect(doctor.stdout).toContain(`refuses  ${named}`);
  const plan = await telecom.cli('plan', 'nightly');
  expect(plan.stdout).toContain(`50 records: ${named}`);
  const [, id = ''] = /(plan-\S+)/.exec(plan.stdout) ?? [];
  const enforce = await telecom.cli('enforce', id);
  expect(enforce.code).toBe(1);
  expect(enforce.stderr).toContain(named);
  expect(await telecom.database('cdr').pluck('id')).toHaveLength(70);
});
