// A random schema with its data map: two to eight tables in one or two databases, foreign keys of every rule, triggers,
// engines, odd names, rows, and who has acknowledged what. Pure: nothing is made of it here.
import { type Random, randomOf } from './random.ts';

export type Server = 'sqlite' | 'mariadb' | 'mysql';
export type OnDelete = 'CASCADE' | 'SET NULL' | 'SET DEFAULT' | 'RESTRICT' | 'NO ACTION';

export interface ATable {
  /** 0: the store's own database; 1: another one. */
  readonly home: 0 | 1;
  readonly name: string;
  readonly key: string;
  readonly at: string;
  readonly engine: 'InnoDB' | 'MyISAM' | 'MEMORY';
  readonly isVersioned: boolean;
  readonly rows: number;
  /** Its own foreign keys, each on a column of its own. */
  readonly keys: readonly AKey[];
  readonly triggers: readonly ATrigger[];
}

export interface AKey {
  readonly column: string;
  /** The table that it refers to, by its place in the schema, and by its key or by the column that masks write to. */
  readonly to: number;
  readonly refers: 'key' | 'val';
  readonly onDelete: OnDelete;
  readonly onUpdate: OnDelete;
}

export interface ATrigger {
  readonly name: string;
  readonly when: 'BEFORE' | 'AFTER';
  readonly on: 'DELETE' | 'UPDATE';
  readonly does: 'deletes' | 'changes' | 'writes';
  readonly to: number;
}

export type Disposal = 'purge' | 'anonymise' | 'flag';

export interface ADataset {
  readonly table: number;
  readonly disposal: Disposal;
  readonly isKeyless: boolean;
  /** Tables whose rows go with a record's: by which of their keys; and so on below them. */
  readonly children: readonly AChild[];
  readonly acknowledges: 'all' | 'some' | 'nothing';
}

export interface AChild {
  readonly table: number;
  readonly by: string;
  readonly children: readonly AChild[];
}

export interface ASchema {
  readonly seed: number;
  readonly server: Server;
  readonly tables: readonly ATable[];
  readonly datasets: readonly ADataset[];
}

const ODD = [
  'calls.2020',
  'call legs',
  'Calls',
  'calls',
  'what?',
  'a as b',
  "o'calls",
  'order',
  '2020',
  'größe',
  't',
  'r',
  'x{y}',
  'semi;colon',
  ':name',
  '日本',
  'tab_0',
  'call-log',
  'CALLS',
  'select',
  '$money',
  'a`b',
  'a"b',
  '%s',
  'notes[1]',
];
const ODD_COLUMNS = [
  'ended?',
  'call.at',
  'the day',
  'Group',
  'zeit für',
  'a as b',
  ':at',
  'x{y}',
  'key',
  'o`clock',
  'at"',
];

/** The names that the data map cannot hold, and says so: they are tried by themselves. */
const REFUSED = /[`"]/;

export function schemaOf(seed: number, server: Server): ASchema {
  const random = randomOf(seed);
  const size = 2 + random.below(7);
  const homes = server !== 'sqlite' && random.chance(0.45) ? 2 : 1;
  const bare: Omit<ATable, 'keys' | 'triggers'>[] = [];
  while (bare.length < size) {
    const one = tableOf(random, server, homes, bare.length);
    if (!bare.some(other => areSame(one, other, server))) bare.push(one);
  }
  const keys = keysOf(random, server, bare);
  const tables = bare.map(
    (one, index): ATable => ({
      ...one,
      keys: keys.filter(key => key.from === index).map(({ from: _, ...key }) => key),
      triggers: triggersOf(random, server, bare, index),
    }),
  );
  return { seed, server, tables, datasets: datasetsOf(random, server, tables) };
}

function areSame(
  a: { home: number; name: string },
  b: { home: number; name: string },
  server: Server,
): boolean {
  const fold = (name: string): string => (server === 'sqlite' ? name.toLowerCase() : name);
  return a.home === b.home && fold(a.name) === fold(b.name);
}

function tableOf(
  random: Random,
  server: Server,
  homes: number,
  index: number,
): Omit<ATable, 'keys' | 'triggers'> {
  const name = random.chance(0.35)
    ? random.pick(ODD.filter(one => !REFUSED.test(one)))
    : `table_${random.chance(0.3) ? 0 : index}`;
  const columns = ODD_COLUMNS.filter(one => !REFUSED.test(one));
  const odd = random.chance(0.25);
  const key = odd ? random.pick(columns) : 'id';
  const at = random.chance(0.25) ? random.pick(columns.filter(one => one !== key)) : 'at';
  const engine =
    server === 'sqlite' || random.chance(0.88) ? 'InnoDB' : random.pick(['MyISAM', 'MEMORY'] as const);
  return {
    home: homes === 2 && random.chance(0.4) ? 1 : 0,
    name,
    key,
    at,
    engine,
    isVersioned: server === 'mariadb' && engine === 'InnoDB' && random.chance(0.05),
    rows: 4 + random.below(9),
  };
}

function keysOf(
  random: Random,
  server: Server,
  tables: readonly Omit<ATable, 'keys' | 'triggers'>[],
): (AKey & { readonly from: number })[] {
  const rules: OnDelete[] = [
    'CASCADE',
    'CASCADE',
    'CASCADE',
    'SET NULL',
    'SET NULL',
    'RESTRICT',
    'NO ACTION',
  ];
  // InnoDB takes no SET DEFAULT.
  if (server === 'sqlite') rules.push('SET DEFAULT');
  const keys: (AKey & { readonly from: number })[] = [];
  const several = 1 + random.below(tables.length + 4);
  for (let made = 0; made < several; made += 1) {
    const from = random.below(tables.length);
    const to = random.chance(0.15) ? from : random.below(tables.length);
    // Other engines take the words and keep no key; versioned ones take no key that changes their rows.
    if (tables[from]?.engine !== 'InnoDB' || tables[to]?.engine !== 'InnoDB') continue;
    const rule = (): OnDelete => (tables[from]?.isVersioned ? 'RESTRICT' : random.pick(rules));
    const refers = random.chance(0.22) ? 'val' : 'key';
    const onUpdate = refers === 'val' ? rule() : 'RESTRICT';
    keys.push({ from, to, refers, onDelete: rule(), onUpdate, column: `ref_${made}` });
  }
  return keys;
}

function triggersOf(
  random: Random,
  server: Server,
  tables: readonly Omit<ATable, 'keys' | 'triggers'>[],
  index: number,
): ATrigger[] {
  if (!random.chance(0.3)) return [];
  const others = tables.flatMap((other, to) =>
    to === index || tables[index]?.home !== other.home ? [] : [to],
  );
  if (others.length === 0) return [];
  const on = random.pick(['DELETE', 'UPDATE'] as const);
  return [
    {
      name: `trigger_${index}`,
      when: server === 'sqlite' ? 'AFTER' : random.pick(['BEFORE', 'AFTER'] as const),
      on,
      does: random.pick(['deletes', 'changes', 'writes'] as const),
      to: random.pick(others),
    },
  ];
}

function datasetsOf(random: Random, server: Server, tables: readonly ATable[]): ADataset[] {
  const wanted = 1 + random.below(Math.min(3, tables.length));
  const mapped = new Set<number>();
  while (mapped.size < wanted) mapped.add(random.below(tables.length));
  const taken = new Set(mapped);
  return [...mapped].map((table): ADataset => {
    const disposal = random.pick(['purge', 'purge', 'anonymise', 'flag'] as const);
    const isKeyless = server !== 'sqlite' && disposal === 'purge' && random.chance(0.12);
    return {
      table,
      disposal,
      isKeyless,
      children:
        disposal === 'purge' && !isKeyless && tables[table]?.engine === 'InnoDB'
          ? childrenOf(random, tables, table, taken, 2)
          : [],
      acknowledges: random.chance(0.62) ? 'all' : random.pick(['some', 'nothing'] as const),
    };
  });
}

/** Tables that refer to this one by any key, some of them mapped as its children, once each. */
function childrenOf(
  random: Random,
  tables: readonly ATable[],
  above: number,
  taken: Set<number>,
  depth: number,
): AChild[] {
  if (depth === 0) return [];
  const children: AChild[] = [];
  tables.forEach((table, index) => {
    const key = table.keys.find(one => one.to === above && one.refers === 'key');
    if (key === undefined || taken.has(index) || table.engine !== 'InnoDB' || !random.chance(0.4)) return;
    taken.add(index);
    children.push({
      table: index,
      by: key.column,
      children: childrenOf(random, tables, index, taken, depth - 1),
    });
  });
  return children;
}
