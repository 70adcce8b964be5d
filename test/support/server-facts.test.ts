// What the suite says of itself: which tests only some servers can run, which files need a server, which servers are chosen.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { chosenServers } from './chosen-servers.ts';
import { flavours, USUAL } from './flavours.ts';
import { FACTS, testsNotOn } from './server-facts.ts';
import { testFiles } from './uses-server.ts';

const texts = new Map(testFiles().withServer.map(file => [file, readFileSync(file, 'utf8')]));

describe('tests that not every server can run', () => {
  test.each(Object.entries(FACTS))('%s: each that is named is there, once', (fact, { tests }) => {
    for (const name of tests) {
      const call = `testOn('${fact}', '${name}'`;
      const found = [...texts].filter(([, text]) =>
        text
          .replace(/testOn\(\s+/g, 'testOn(')
          .replace(/',\s+'/g, "', '")
          .includes(call),
      );
      expect(
        found.map(([file]) => file),
        call,
      ).toHaveLength(1);
    }
  });

  test('are told for the server that lacks what they need', () => {
    expect(testsNotOn('mariadb').length + testsNotOn('mysql').length).toBe(
      Object.values(FACTS).flatMap(({ tests }) => tests).length,
    );
  });
});

test('files with a server and files without are all the files there are, and none is both', () => {
  const { withServer, without } = testFiles();
  expect(withServer).toContain('test/stores/mysql.test.ts');
  expect(without).toContain('test/policy/decide.test.ts');
  expect(withServer.filter(file => without.includes(file))).toEqual([]);
});

describe('the servers of a run', () => {
  const flavoursOf = async (env: NodeJS.ProcessEnv): Promise<string[]> =>
    (await chosenServers(env)).map(({ flavour }) => flavour);

  test('are the usual two, or those that are named', async () => {
    expect(await flavoursOf({})).toEqual(USUAL);
    expect(await flavoursOf({ RETENTION_TEST_SERVERS: 'mariadb' })).toEqual(['mariadb']);
    expect(await flavoursOf({ RETENTION_TEST_SERVERS: 'mariadb-11.8, mysql-9' })).toEqual([
      'mariadb-11.8',
      'mysql-9',
    ]);
  });

  test('are none that nobody knows', async () => {
    await expect(flavoursOf({ RETENTION_TEST_SERVERS: 'postgres' })).rejects.toThrow(
      `RETENTION_TEST_SERVERS: postgres is none of ${Object.keys(flavours).join(', ')}`,
    );
  });
});
