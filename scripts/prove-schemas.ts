// Tries thousands of random schemas on SQLite, MariaDB and MySQL, and counts what was tried. Goes on where it was ended.
//   npm run prove:schemas                       5,000 schemas
//   npm run prove:schemas -- --count 500 --from 1
//   npm run prove:schemas -- --seed 17 --server mysql      one of them again, with its data map
// Ends with 1 where something changed that nothing had named, or was refused needlessly.
import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { openPlace } from '../test/schemas/places.ts';
import { type Server, schemaOf } from '../test/schemas/schema.ts';
import { type Tried, trySchema } from '../test/schemas/try-schema.ts';
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

interface Line extends Tried {
  readonly server: Server;
}

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '5000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    server: { type: 'string' },
    state: { type: 'string', default: 'prove-schemas.jsonl' },
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
  const servers = await openServers(wanted);
  const began = performance.now();
  try {
    for (const [index, seed] of wanted.entries()) {
      const tried = await tryOne(seed, servers);
      known.set(seed, tried);
      if (values.seed === undefined) appendFileSync(values.state, `${JSON.stringify(tried)}\n`);
      else
        process.stdout.write(`${JSON.stringify({ schema: schemaOf(seed, tried.server), tried }, null, 2)}\n`);
      if (tried.wrong.length + tried.needless.length > 0)
        process.stderr.write(
          `${tried.server} ${seed}: ${JSON.stringify([...tried.wrong, ...tried.needless])}\n`,
        );
      if ((index + 1) % 100 === 0)
        process.stderr.write(
          `${index + 1} of ${wanted.length}, ${Math.round((performance.now() - began) / 1000)} s\n`,
        );
    }
  } finally {
    for (const { stop } of servers.values()) await stop();
  }
  process.exitCode = report([...known.values()].filter(one => one.seed >= first && one.seed < first + count))
    ? 0
    : 1;
}

function serverOf(seed: number): Server {
  return (values.server as Server | undefined) ?? SERVERS[seed % SERVERS.length] ?? 'sqlite';
}

async function openServers(
  seeds: readonly number[],
): Promise<ReadonlyMap<Server, { readonly url: string; readonly stop: () => Promise<void> }>> {
  const flavours = { mariadb: 'mariadb', mysql: 'mysql-9' } as const;
  const opened = new Map<Server, { url: string; stop: () => Promise<void> }>();
  for (const server of ['mariadb', 'mysql'] as const)
    if (seeds.some(seed => serverOf(seed) === server))
      opened.set(server, await startServer(flavours[server]));
  return opened;
}

async function tryOne(seed: number, servers: ReadonlyMap<Server, { readonly url: string }>): Promise<Line> {
  const server = serverOf(seed);
  const place = await openPlace(server, servers.get(server)?.url ?? '');
  try {
    return { ...(await trySchema(schemaOf(seed, server), place)), server };
  } finally {
    await place.drop();
  }
}

/** False where something was wrong. */
function report(all: readonly Line[]): boolean {
  const sum = (of: (one: Line) => number): number => all.reduce((total, one) => total + of(one), 0);
  const features = new Map<string, number>();
  for (const { features: some } of all)
    for (const one of some) features.set(one, (features.get(one) ?? 0) + 1);
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
      'schemas by feature:',
      ...[...features]
        .sort((a, b) => a[1] - b[1])
        .map(([name, count]) => `  ${String(count).padStart(6)}  ${name}`),
      '',
    ].join('\n'),
  );
  return wrong.length + needless.length === 0;
}

function seedsOf(all: readonly Line[]): string {
  return all.length === 0
    ? ''
    : `: ${all
        .slice(0, 20)
        .map(one => `${one.server} ${one.seed}`)
        .join(', ')}`;
}
