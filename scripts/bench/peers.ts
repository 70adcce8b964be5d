// What people use today, at its best: one single DELETE, and pt-archiver with the options that measured fastest.
import { join } from 'node:path';
import { DATABASE } from './bench-server.ts';
import type { Contestant, Target } from './contestant.ts';
import { TABLE } from './layout.ts';
import { done } from './retention-folder.ts';
import { type Timed, timedProcess } from './timed-process.ts';

/** One statement, one transaction: no evidence, and no way to stop it gently. */
export const singleDelete: Contestant = {
  name: 'one DELETE',
  prepare: async target => {
    const { host, port, user, password } = target.server;
    const login = [`--host=${host}`, `--port=${port}`, `--user=${user}`, `--password=${password}`];
    const statement = `DELETE FROM ${TABLE} WHERE recorded_at < '${target.cutoff.before}'`;
    return act(['mariadb', '--no-defaults', ...login, DATABASE, '--execute', statement]);
  },
};

/** pt-archiver at its fastest: no evidence, keys only, one ranged DELETE a batch. */
export const archiver: Contestant = {
  name: 'pt-archiver',
  prepare: async target => act(archive(target, ['--limit', '5000', '--primary-key-only'])),
};

/** pt-archiver with the rows that it deletes in a text file, which is the evidence that it can give. */
export const archiverWithFile: Contestant = {
  name: 'pt-archiver --file',
  prepare: async target =>
    act(archive(target, ['--limit', '5000', '--file', join(target.scratch, 'rows.txt'), '--buffer'])),
};

/** pt-archiver with a second's sleep (the least that it has) after each batch of so many rows. */
export function archiverSlowed(limit: number): Contestant {
  return {
    name: 'pt-archiver slowed',
    prepare: async target =>
      act(archive(target, ['--limit', String(limit), '--primary-key-only', '--sleep', '1'])),
  };
}

function archive({ server, cutoff }: Target, how: readonly string[]): readonly string[] {
  const { host, port, user, password } = server;
  return [
    'pt-archiver',
    '--source',
    `h=${host},P=${port},u=${user},p=${password},D=${DATABASE},t=${TABLE}`,
    '--where',
    `recorded_at < '${cutoff.before}'`,
    '--purge',
    '--bulk-delete',
    '--commit-each',
    // Without this it adds a condition that spares the highest key, which is not due here anyway.
    '--no-safe-auto-increment',
    '--no-check-charset',
    // It would ask its vendor's site.
    '--no-version-check',
    ...how,
  ];
}

function act(command: readonly string[]): Awaited<ReturnType<Contestant['prepare']>> {
  return async signal => {
    const timed: Timed = await timedProcess(command, signal === undefined ? {} : { signal });
    return { processes: [signal?.aborted === true ? timed : done(timed)], says: null };
  };
}
