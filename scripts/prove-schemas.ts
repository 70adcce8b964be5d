// Tries thousands of random schemas on SQLite, MariaDB and MySQL, and counts what was tried. Goes on where it was ended.
//   npm run prove:schemas                       5,000 schemas
//   npm run prove:schemas -- --count 500 --from 1
//   npm run prove:schemas -- --seed 17 --server mysql      one of them again, with its data map
//   npm run prove:schemas -- --seed 17 --server mysql --setting "global autocommit = 0"      and under an adverse setting
// A tenth of them is tried on servers that are set against it, as test/servers has them: a few servers for many schemas each.
// Ends with 1 where something changed that nothing had named, or was refused needlessly.
import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { openPlace } from '../test/schemas/places.ts';
import { type Server, schemaOf } from '../test/schemas/schema.ts';
import { type Tried, trySchema } from '../test/schemas/try-schema.ts';
import {
  type HostileStart,
  hostileStart,
  hostileStartOf,
  nameOf,
  settingsFor,
} from '../test/servers/hostile-choice.ts';
import { startServer } from '../test/support/mysql-server.ts';

/** Of ten seeds one after the other. */
const SERVERS: readonly Server[] = [
  'sqlite',
  'mariadb',
  'mysql',
  'mariadb',
  'sqlite',
  'mysql',
  'mariadb',
  'mysql',
  'sqlite',
  'mariadb',
];

const FLAVOURS = { mariadb: 'mariadb', mysql: 'mysql-9' } as const;

/** Of twenty seeds one after the other: one of MariaDB and one of MySQL. */
const HOSTILE: ReadonlySet<number> = new Set([3, 17]);
/** As many seeds have one setting, for each of the two. */
const SEEDS_OF_SETTING = 800;

interface Line extends Tried {
  readonly server: Server;
  /** What its server was set to; absent for one as it is. */
  readonly setting?: string;
}

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '5000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    server: { type: 'string' },
    state: { type: 'string', default: 'prove-schemas.jsonl' },
    setting: { type: 'string' },
    again: { type: 'boolean', default: false },
  },
});

await main();

async function main(): Promise<void> {
  if (values.again) rmSync(values.state, { force: true });
  const first = Number(values.seed ?? values.from);
  const count = values.seed === undefined ? Number(values.count) : 1;
  const known = new Map<number, Line>();
  if (values.seed === undefined && existsSync(values.state))
    for (const line of readFileSync(values.state, 'utf8').split('\n').filter(Boolean)) {
      const tried = JSON.parse(line) as Line;
      known.set(tried.seed, tried);
    }
  const wanted = Array.from({ length: count }, (_, index) => first + index).filter(seed => !known.has(seed));
  process.stderr.write(`${wanted.length} schemas to try, ${count - wanted.length} tried before\n`);
  const began = performance.now();
  let done = 0;
  for (const group of groupsOf(wanted)) {
    const [first] = group;
    if (first === undefined) continue;
    const start = startOf(first);
    const server = await openServer(serverOf(first), start);
    if (start !== null)
      process.stderr.write(`${group.length} on ${serverOf(first)} under ${start.setting}\n`);
    try {
      for (const seed of group) {
        const tried = await tryOne(seed, server.url, start);
        known.set(seed, tried);
        if (values.seed === undefined) appendFileSync(values.state, `${JSON.stringify(tried)}\n`);
        else
          process.stdout.write(
            `${JSON.stringify({ schema: schemaOf(seed, tried.server), tried }, null, 2)}\n`,
          );
        if (tried.wrong.length + tried.needless.length > 0)
          process.stderr.write(
            `${tried.server} ${seed}: ${JSON.stringify([...tried.wrong, ...tried.needless])}\n`,
          );
        done += 1;
        if (done % 100 === 0)
          process.stderr.write(
            `${done} of ${wanted.length}, ${Math.round((performance.now() - began) / 1000)} s\n`,
          );
      }
    } finally {
      await server.stop();
    }
  }
  process.exitCode = report([...known.values()].filter(one => one.seed >= first && one.seed < first + count))
    ? 0
    : 1;
}

function serverOf(seed: number): Server {
  return (values.server as Server | undefined) ?? SERVERS[seed % SERVERS.length] ?? 'sqlite';
}

/** What its server is set to; null for one as it is. */
function startOf(seed: number): HostileStart | null {
  const server = serverOf(seed);
  if (server === 'sqlite') return null;
  const flavour = FLAVOURS[server];
  if (values.setting !== undefined) {
    const setting = settingsFor(flavour).find(one => nameOf(one) === values.setting);
    if (setting === undefined) throw new Error(`${flavour} has no adverse setting "${values.setting}"`);
    return hostileStartOf(setting);
  }
  if (!HOSTILE.has(seed % 20)) return null;
  // Where names of tables are of one case, some of these schemas cannot be made.
  return hostileStart(
    flavour,
    Math.floor(seed / SEEDS_OF_SETTING),
    one => !one.set.includes('lower-case-table-names'),
  );
}

/** Seeds that share a server, in their order; those on servers as they are come first. */
function groupsOf(seeds: readonly number[]): readonly (readonly number[])[] {
  const groups = new Map<string, number[]>();
  for (const seed of seeds) {
    const start = startOf(seed);
    const of = `${start === null ? '' : '~'}${serverOf(seed)} ${start?.setting ?? ''}`;
    groups.set(of, [...(groups.get(of) ?? []), seed]);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}

interface OpenServer {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

async function openServer(server: Server, start: HostileStart | null): Promise<OpenServer> {
  if (server === 'sqlite') return { url: '', stop: async () => undefined };
  return startServer(FLAVOURS[server], start?.options, { initSql: start?.initSql ?? [] });
}

async function tryOne(seed: number, url: string, start: HostileStart | null): Promise<Line> {
  const server = serverOf(seed);
  const place = await openPlace(server, url);
  try {
    const tried = { ...(await trySchema(schemaOf(seed, server), place)), server };
    return start === null ? tried : { ...tried, setting: start.setting };
  } finally {
    await place.drop();
  }
}

/** False where something was wrong. */
function report(all: readonly Line[]): boolean {
  const sum = (of: (one: Line) => number): number => all.reduce((total, one) => total + of(one), 0);
  const [datasets, refused] = [sum(one => one.datasets), sum(one => one.refused)];
  const wrong = all.filter(one => one.wrong.length > 0);
  const needless = all.filter(one => one.needless.length > 0);
  process.stdout.write(
    [
      `schemas tried: ${all.length}`,
      `records that went or were changed: ${sum(one => one.disposed)}`,
      `datasets: ${datasets}, refused: ${refused} (${((100 * refused) / datasets).toFixed(1)} %)`,
      `changed, and not named or counted otherwise: ${wrong.length}${seedsOf(wrong)}`,
      `refused needlessly: ${needless.length}${seedsOf(needless)}`,
      'schemas by setting of a server:',
      ...countedBy(all.flatMap(one => (one.setting === undefined ? [] : `${one.server}: ${one.setting}`))),
      'schemas by feature:',
      ...countedBy(all.flatMap(({ features }) => features)),
      '',
    ].join('\n'),
  );
  return wrong.length + needless.length === 0;
}

/** How often each was, the rarest first. */
function countedBy(names: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts]
    .sort((a, b) => a[1] - b[1])
    .map(([name, count]) => `  ${String(count).padStart(6)}  ${name}`);
}

function seedsOf(all: readonly Line[]): string {
  return all.length === 0
    ? ''
    : `: ${all
        .slice(0, 20)
        .map(one => `${one.server} ${one.seed}`)
        .join(', ')}`;
}
