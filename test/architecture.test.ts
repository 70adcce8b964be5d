// Who may import whom, as data. An import that the table does not allow fails here with its file and line.
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

interface Import {
  readonly from: string;
  readonly line: number;
  readonly to: string;
  readonly typesOnly: boolean;
}

/** The rooms of the house; the first prefix that fits a file names its room. */
const rooms: readonly (readonly [prefix: string, room: string])[] = [
  ['errors.ts', 'base'],
  ['clock.ts', 'base'],
  ['digest.ts', 'base'],
  ['knex-log.ts', 'base'],
  ['knex-sqlite.ts', 'base'],
  ['database/', 'base'],
  ['masks/', 'masks'],
  ['stores/store.ts', 'store'],
  ['stores/child-table.ts', 'store'],
  ['stores/dated-tables.ts', 'store'],
  ['stores/file-place.ts', 'store'],
  ['stores/grants.ts', 'store'],
  ['stores/inventory.ts', 'store'],
  ['stores/last-change.ts', 'store'],
  ['stores/listed.ts', 'store'],
  ['stores/load.ts', 'store'],
  ['stores/mismatch.ts', 'store'],
  ['stores/order.ts', 'store'],
  ['stores/partition.ts', 'store'],
  ['stores/passed-over.ts', 'store'],
  ['stores/server-place.ts', 'store'],
  ['stores/start-rows.ts', 'store'],
  ['stores/kinds.ts', 'kinds'],
  ['stores/sql/', 'sql'],
  ['stores/', 'kind'],
  ['policy/', 'policy'],
  ['ledger/', 'ledger'],
  ['plan/', 'plan'],
  ['enforce/', 'enforce'],
  ['config/', 'config'],
  ['report/', 'report'],
  ['schedule.ts', 'schedule'],
  ['settings.ts', 'settings'],
  ['log.ts', 'log'],
  ['progress.ts', 'progress'],
  ['', 'top'],
];

/** For each room, the rooms that it may import; `types` allows no more than types. A room may import itself. */
const allowed: Readonly<Record<string, Readonly<Record<string, 'all' | 'types'>>>> = {
  base: {},
  masks: { base: 'all' },
  store: { base: 'all', masks: 'types', policy: 'types' },
  sql: { base: 'all', masks: 'all', store: 'types', policy: 'all' },
  kind: { base: 'all', store: 'types', policy: 'all', sql: 'all' },
  kinds: { kind: 'all', store: 'types' },
  policy: { base: 'all' },
  ledger: { base: 'all', policy: 'all', plan: 'types', store: 'types' },
  plan: { base: 'all', store: 'types', policy: 'all', ledger: 'all' },
  enforce: { base: 'all', store: 'types', policy: 'all', plan: 'all', ledger: 'all' },
  config: { base: 'all', masks: 'types', store: 'types', policy: 'all', plan: 'all', schedule: 'all' },
  report: { base: 'all', policy: 'all', plan: 'types', ledger: 'types' },
  schedule: { policy: 'all' },
  settings: { base: 'all', store: 'types' },
  log: {},
  progress: {},
};

/** Packages that have one door. */
const doors: Readonly<Record<string, RegExp>> = {
  luxon: /^(policy\/|clock\.ts)/,
  knex: /^(database\/|stores\/(mysql|sqlite)\.ts|stores\/(sql|mysql|sqlite)\/|ledger\/|knex-sqlite\.ts)/,
  mysql2: /^database\//,
  winston: /^log\.ts$/,
  'node-cron': /^schedule\.ts$/,
  yaml: /^config\/yaml-file\.ts$/,
  zod: /^config\//,
  commander: /^(command-line\.ts|commands\/)/,
  'cli-progress': /^progress\.ts$/,
  'prom-client': /^prometheus-file\.ts$/,
  'cli-table3': /^report\/tables\.ts$/,
  canonicalize: /^digest\.ts$/,
  picocolors: /^report\//,
  'libphonenumber-js': /^policy\/national-forms\.ts$/,
};

function importsOf(file: string, text: string): Import[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  return source.statements.flatMap(statement => {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return [];
    if (statement.moduleSpecifier === undefined || !ts.isStringLiteral(statement.moduleSpecifier)) return [];
    const { line } = source.getLineAndCharacterOfPosition(statement.getStart(source));
    return [
      { from: file, line: line + 1, to: statement.moduleSpecifier.text, typesOnly: isTypesOnly(statement) },
    ];
  });
}

function isTypesOnly(statement: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(statement)) return statement.isTypeOnly;
  const clause = statement.importClause;
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const named = clause.namedBindings;
  return (
    clause.name === undefined &&
    named !== undefined &&
    ts.isNamedImports(named) &&
    named.elements.every(one => one.isTypeOnly)
  );
}

function roomOf(file: string): string {
  return (
    rooms.find(([prefix]) => file === prefix || (prefix.endsWith('/') && file.startsWith(prefix)))?.[1] ??
    'top'
  );
}

/** What the table has against an import, or null. */
function objection({ from, to, typesOnly, line }: Import): string | null {
  const place = `src/${from}:${line}`;
  if (!to.startsWith('.')) {
    const door =
      doors[
        to
          .split('/')
          .slice(0, to.startsWith('@') ? 2 : 1)
          .join('/')
      ];
    return door === undefined || door.test(from)
      ? null
      : `${place}: ${to} may only be imported by ${door.source}`;
  }
  const target = posix.normalize(posix.join(posix.dirname(from), to));
  const [own, other] = [roomOf(from), roomOf(target)];
  if (own === 'top' || own === other) return null;
  const right = allowed[own]?.[other];
  if (right === 'all' || (right === 'types' && typesOnly)) return null;
  return `${place}: ${own} may import ${right === 'types' ? 'only types' : 'nothing'} from ${other} (${to})`;
}

function sourceFiles(): { file: string; text: string }[] {
  return readdirSync('src', { recursive: true })
    .map(String)
    .filter(file => /\.[jt]s$/.test(file))
    .map(file => ({ file: file.replaceAll('\\', '/'), text: readFileSync(join('src', file), 'utf8') }));
}

describe('architecture', () => {
  const files = sourceFiles();
  const imports = files.flatMap(({ file, text }) => importsOf(file, text));

  test('every import is one that the table allows', () => {
    expect(imports.length).toBeGreaterThan(200);
    expect(imports.map(objection).filter(one => one !== null)).toEqual([]);
  });

  test('the table objects to what it should', () => {
    const found = importsOf(
      'plan/x.ts',
      "import { openMysql } from '../stores/mysql.ts';\nimport { DateTime } from 'luxon';\nimport { type Store, x } from '../stores/store.ts';",
    );
    expect(found.map(objection)).toEqual([
      'src/plan/x.ts:1: plan may import nothing from kind (../stores/mysql.ts)',
      'src/plan/x.ts:2: luxon may only be imported by ^(policy\\/|clock\\.ts)',
      'src/plan/x.ts:3: plan may import only types from store (../stores/store.ts)',
    ]);
  });

  test('one file reads the environment, one asks the time, none writes to the console', () => {
    const uses = (pattern: RegExp): string[] =>
      files
        .filter(({ text }) => pattern.test(text))
        .map(({ file }) => file)
        .sort();
    expect(uses(/process\.env/)).toEqual(['settings.ts']);
    expect(uses(/Date\.now\(|performance\.now\(|new Date\(\)|DateTime\.(now|utc|local)\(\)/)).toEqual([
      'clock.ts',
    ]);
    expect(uses(/console\./)).toEqual([]);
  });

  test('files stay small', () => {
    expect(files.filter(({ text }) => text.split('\n').length > 260).map(({ file }) => file)).toEqual([]);
  });
});
