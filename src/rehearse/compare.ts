// Holds what really changed in a table against what the plan announced and what the audit log says of it.
import { SAMPLES, type Snapshots } from './snapshot.ts';

/** What plan and audit log say of the rows of a table that are no records of their own. */
export interface Named {
  /** Records that the plan listed for purging, and for masks and flags. */
  readonly listed: number;
  /** Rows that went with records by the audit log, and as many as the plan announced at the most. */
  readonly along: number;
  readonly announced: number;
  /** Rows of which a foreign key set a column to NULL or its default, by the audit log. */
  readonly cleared: number;
  /** The audit log does not count what goes along, as with the files of rows: what was announced is the most. */
  readonly isUncounted: boolean;
  /** Its rows are told apart by a key. */
  readonly isKeyed: boolean;
}

export const NOTHING_NAMED: Named = {
  listed: 0,
  along: 0,
  announced: 0,
  cleared: 0,
  isUncounted: false,
  isKeyed: true,
};

export interface TableVerdict {
  readonly table: string;
  readonly was: number;
  readonly gone: number;
  readonly changed: number;
  readonly added: number;
  /** What nothing names, or is counted otherwise than it was; empty where all is as it was said. */
  readonly wrong: readonly string[];
}

/** Reads both snapshots of a table. `named` is what has been said of it. */
export async function compareTable(snapshots: Snapshots, table: string, named: Named): Promise<TableVerdict> {
  const sums = { gone: 0, changed: 0, added: 0, along: 0, cleared: 0, records: 0 };
  const beyond = notes();
  for await (const page of snapshots.changes(table)) {
    const said = await snapshots.saidOf(
      table,
      page.map(row => row.id),
    );
    for (const { id, was, is, kept } of page) {
      const did = said.get(id);
      if (did !== undefined) sums.records += 1;
      if (is < was) {
        sums.gone += was - is;
        if (did !== 'purged') sums.along += was - is;
      } else if (is > was) {
        sums.added += is - was;
        if (named.isKeyed) beyond.add('are new', id);
      } else {
        sums.changed += 1;
        // A masked row may have a column changed by a foreign key besides.
        if (did === undefined || !kept) sums.cleared += 1;
      }
    }
  }
  if (!named.isKeyed) pairUp(sums, named.cleared, beyond);
  const there = await snapshots.goneAndThere(table);
  beyond.addAll('are said to be gone, and are there', there.samples, there.count);
  const along = named.isUncounted ? Math.min(sums.along, named.announced) : named.along;
  const wrong = [
    ...beyond.told(),
    ...differ('went along with records', sums.along, along),
    // A row is counted once for each key that changes it, and may go later in the run.
    ...(sums.cleared > named.cleared ? differ('were changed', sums.cleared, named.cleared) : []),
    ...(named.along > named.announced
      ? [`${named.along} rows went along, and the plan announced ${named.announced} at the most`]
      : []),
    ...(sums.records > named.listed
      ? [`${sums.records} records were disposed of, and the plan listed ${named.listed}`]
      : []),
  ];
  const { gone, changed, added } = sums;
  return { table, was: await snapshots.rows('before', table), gone, changed, added, wrong };
}

/** Where nothing tells rows apart but what is in them, one that changes looks like one that went and one that came. */
function pairUp(
  sums: { gone: number; changed: number; added: number; along: number; cleared: number },
  cleared: number,
  beyond: Notes,
): void {
  const pairs = Math.min(sums.added, sums.along, cleared);
  sums.changed += pairs;
  sums.cleared += pairs;
  sums.gone -= pairs;
  sums.along -= pairs;
  sums.added -= pairs;
  beyond.addAll('are new', [], sums.added);
}

type Notes = ReturnType<typeof notes>;

function differ(what: string, found: number, said: number): string[] {
  return found === said ? [] : [`${found} rows ${what}, and the audit log says ${said}`];
}

/** Collects rows by what is wrong with them, and names a few of each. */
function notes() {
  const all = new Map<string, { count: number; samples: string[] }>();
  const addAll = (what: string, ids: readonly string[], count: number): void => {
    if (count === 0) return;
    const known = all.get(what) ?? { count: 0, samples: [] };
    known.samples.push(...ids.slice(0, SAMPLES - known.samples.length));
    all.set(what, { count: known.count + count, samples: known.samples });
  };
  return {
    add: (what: string, id: string) => addAll(what, [id], 1),
    addAll,
    told: () =>
      [...all].map(([what, { count, samples }]) =>
        samples.length === 0 ? `${count} rows ${what}` : `${count} rows ${what}: ${samples.join(', ')}`,
      ),
  };
}
