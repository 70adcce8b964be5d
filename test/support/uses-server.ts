// Which test files need a server: those run once on each server that is chosen, all others once.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const SUPPORT =
  /support\/(databases|small-telecom|case-rows|sql-fixture|parts|replica-pair|mysql-server|this-server|first-server)\.ts/;
const ASKS =
  /freshMysql|mysqlFixture|openCase|replicaPair|startServer|thisServerUrl|thisFlavour|'mysql'|support\/parts/;

export interface TestFiles {
  readonly withServer: readonly string[];
  readonly without: readonly string[];
}

export function testFiles(folder = 'test'): TestFiles {
  const files = readdirSync(folder, { recursive: true })
    .map(name => join(folder, String(name)))
    .filter(name => name.endsWith('.test.ts'))
    .sort();
  const uses = new Set(files.filter(usesServer));
  return { withServer: [...uses], without: files.filter(file => !uses.has(file)) };
}

function usesServer(file: string): boolean {
  const text = readFileSync(file, 'utf8');
  return SUPPORT.test(text) && ASKS.test(text);
}
