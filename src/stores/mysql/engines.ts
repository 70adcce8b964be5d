// What keeps a table's rows, as servers spell it, in whatever letters. Only three kinds are known well enough to be written
// to; every other one is refused by its name.

/** Rows can be locked, and a write undone. */
const SAFE = new Set(['innodb']);
/** Neither, but the whole table can be locked for a small write. */
const LOCKED_WHOLE = new Set(['myisam', 'aria', 'memory', 'heap']);

const TO_INNODB = 'ALTER TABLE ... ENGINE=InnoDB, or take it out of the data map';
const HINTS: Readonly<Record<string, string>> = {
  mrg_myisam: 'Map the tables that it merges',
  merge: 'Map the tables that it merges',
  federated: 'Its rows stand on another server: map them there',
  connect: 'Its rows stand elsewhere: map them there',
  spider: 'Its rows stand on other servers: map them there',
  s3: 'Its rows stand in S3 and cannot be deleted one by one: DROP the table, or ALTER TABLE ... ENGINE=InnoDB',
  archive: 'It deletes no row: ALTER TABLE ... ENGINE=InnoDB',
  blackhole: 'It keeps no row: take it out of the data map',
  sequence: 'It keeps no row: take it out of the data map',
};

export interface Engine {
  readonly unsafe: string | null;
  readonly refused: { readonly name: string; readonly hint: string } | null;
}

/** `null`: a view, or a table that the server cannot open. */
export function engineOf(name: string | null): Engine {
  const spelt = (name ?? '').toLowerCase();
  if (name === null || SAFE.has(spelt)) return { unsafe: null, refused: null };
  if (LOCKED_WHOLE.has(spelt)) return { unsafe: name, refused: null };
  return { unsafe: name, refused: { name, hint: HINTS[spelt] ?? TO_INNODB } };
}
