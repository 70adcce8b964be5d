// What a server says that it has granted, in every way in which servers write it, and what keeps a table's rows.
import { expect, test } from 'vitest';
import { engineOf } from '../../src/stores/mysql/engines.ts';
import { readGrants, rightsOn } from '../../src/stores/mysql/rights.ts';

const asked = (...lines: string[]) =>
  rightsOn(async () => lines.map(line => ({ line })), 'te_lecom', 'cdr', 'mysql');

test.each([
  'GRANT SELECT, DELETE, TRIGGER ON `te_lecom`.`cdr` TO `u`@`%`',
  'GRANT SELECT, DELETE, TRIGGER ON "te_lecom"."cdr" TO "u"@"%"',
  'GRANT ALL PRIVILEGES ON `te\\_lecom`.* TO `u`@`%` WITH GRANT OPTION',
  'GRANT DELETE, TRIGGER ON `te%`.* TO `u`@`%`',
])('%s is understood', async line => {
  expect(await asked('GRANT USAGE ON *.* TO `u`@`%`', line)).toMatchObject({
    deletes: true,
    seesTriggers: true,
    seesForeignKeys: false,
    unread: [],
  });
});

test('roles, proxies and routines are beside it, and any other line is told', () => {
  const beside = [
    'GRANT `reader`@`%`,`writer`@`%` TO `u`@`%`',
    'GRANT "reader" TO "u"@"%" WITH ADMIN OPTION',
    "GRANT PROXY ON ''@'%' TO 'u'@'%'",
    'GRANT EXECUTE ON PROCEDURE `x`.`y` TO `u`@`%`',
    'SET DEFAULT ROLE `reader` FOR `u`@`%`',
  ];
  expect(readGrants(beside).unread).toEqual([]);
  expect(readGrants(['GIVE ALL TO `u`']).unread).toEqual(['GIVE ALL TO `u`']);
});

test('what is revoked again in one database is not had there', async () => {
  const all = 'GRANT SELECT, DELETE, TRIGGER, REFERENCES, EVENT ON *.* TO `u`@`%`';
  expect(await asked(all)).toMatchObject({
    deletes: true,
    seesTriggers: true,
    seesForeignKeys: true,
    seesEvents: true,
  });
  expect(await asked(all, 'REVOKE TRIGGER, DELETE ON `te_lecom`.* FROM `u`@`%`')).toMatchObject({
    deletes: false,
    seesTriggers: false,
    seesEvents: true,
  });
});

test('engines are known in any letters, and one that is not is refused by its name', () => {
  expect(engineOf('InnoDB')).toEqual({ unsafe: null, refused: null });
  expect(engineOf('MyISAM')).toEqual({ unsafe: 'MyISAM', refused: null });
  for (const name of ['MRG_MyISAM', 'MRG_MYISAM', 'MERGE'])
    expect(engineOf(name).refused?.hint).toBe('Map the tables that it merges');
  for (const name of [
    'FEDERATED',
    'CONNECT',
    'SPIDER',
    'S3',
    'ARCHIVE',
    'CSV',
    'BLACKHOLE',
    'ROCKSDB',
    'ndbcluster',
    'Columnstore',
    'x',
  ])
    expect(engineOf(name).refused?.name).toBe(name);
});
