import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT, RetentionError } from '../errors.ts';
import { exitCodeOfRun } from '../exit-codes.ts';
import { findPlan } from '../find-saved.ts';
import { acknowledgeNew, confirmClock } from '../ledger/acknowledge.ts';
import type { AuditEntry } from '../ledger/audit-entry.ts';
import { expandMaps } from '../plan/expand-maps.ts';
import { isSameDatabase, type Places } from '../plan/place.ts';
import type { Hold } from '../policy/policy.ts';
import { isAsAnnounced, type Rehearsal, rehearse } from '../rehearse/rehearse.ts';
import { rehearsalReport } from '../report/rehearsal-report.ts';
import { enforceSaved, planJob } from '../run-job.ts';
import { print } from '../show.ts';
import { stopSignal } from '../stop-signal.ts';
import type { StoreReader } from '../stores/store.ts';
import { watchFor } from '../watch-for.ts';
import { type Wired, withLedger, withWired } from '../wire.ts';
import { type AddCommand, examples, type FormatFlag, flagsOf, formatOption } from './command.ts';

interface RehearseFlags extends FormatFlag {
  readonly thisIsACopy?: boolean;
  readonly databases?: readonly string[];
}

export const addRehearse: AddCommand = (program, exit) => {
  program
    .command('rehearse')
    .argument('<job>', 'the job to rehearse')
    .description(
      'on a restored copy: plan, enforce for good, and hold every table, mapped or not, against the plan',
    )
    .option(
      '--this-is-a-copy',
      "say that the stores' URLs and paths lead to a copy: what is due goes from it",
    )
    .option('--databases <names...>', 'look at the tables of these databases only, rather than of all')
    .addOption(formatOption())
    .addHelpText('after', examples('retention rehearse nightly --this-is-a-copy'))
    .action(async (name: string, options: RehearseFlags, command) => {
      if (options.thisIsACopy !== true)
        throw new RetentionError(
          'usage-invalid',
          'a rehearsal disposes of records for good',
          "Restore a backup, point the stores' variables at it, and add --this-is-a-copy",
        );
      const flags = flagsOf(command);
      const known = await whatIsKnown(flags);
      const signal = stopSignal();
      const scratch = await mkdtemp(join(tmpdir(), 'retention-rehearsal-'));
      try {
        await withWired(
          { ...flags, ledger: join(scratch, 'ledger.db'), state: scratch },
          'make',
          async wired => {
            const done = await rehearsal(wired, name, scratch, known, options.databases ?? null, signal);
            print(rehearsalReport(done, options.format));
            exit(isAsAnnounced(done) ? exitCodeOfRun(done.run.state) : EXIT.unverified);
          },
        );
      } finally {
        await rm(scratch, { recursive: true, force: true });
      }
    });
};

interface Known {
  /** The holds of the real ledger hold in the rehearsal too. */
  readonly holds: readonly Hold[];
  /** Where runs under the real ledger have disposed of records. */
  readonly servers: readonly Places[];
}

async function whatIsKnown(flags: Parameters<typeof withLedger>[0]): Promise<Known> {
  return withLedger(flags, async ledger => {
    const servers: Places[] = [];
    for await (const entry of ledger.audit.entries({ kind: 'run-started' })) {
      const { event } = JSON.parse(entry.body) as AuditEntry;
      if (event.kind === 'run-started' && event.servers !== undefined) servers.push(event.servers);
    }
    return { holds: await ledger.holds.list(), servers };
  });
}

async function rehearsal(
  wired: Wired,
  name: string,
  scratch: string,
  known: Known,
  databases: readonly string[] | null,
  signal: AbortSignal,
): Promise<Rehearsal> {
  const { ledger, clock } = wired;
  const job = wired.job(name);
  const maps = wired.maps(job);
  const readers = wired.readers(maps);
  // Where it looks is often a replica: what matters is where it acts.
  for (const reader of [...readers.values(), ...wired.actingReaders(maps).values()])
    if (reader !== null) await requireCopy(reader, known.servers);
  const said = { nowMs: clock.nowMs(), stateFolder: scratch, reason: 'A rehearsal on a copy' };
  await acknowledgeNew(ledger, { ...said, lostHolds: false });
  await confirmClock(ledger, said);
  for (const hold of known.holds) await ledger.holds.place(hold);
  const { stores } = await expandMaps(maps, readers);
  return rehearse({
    maps: stores,
    whole: wired.whole(maps),
    databases,
    ledger,
    hashKey: wired.settings.hashKey,
    scratch,
    plan: () => planJob(wired, job),
    enforce: async plan => enforceSaved(wired, await findPlan(ledger, plan.id), signal, watchFor(wired, job)),
  });
}

/** The database that runs under the real ledger were at is no copy, whatever is said of it. */
async function requireCopy({ name, server }: StoreReader, earlier: readonly Places[]): Promise<void> {
  const place = await server?.place();
  if (place === undefined) return;
  const isReal = earlier.some(places => {
    const then = places[name];
    return then !== undefined && isSameDatabase(place, then);
  });
  if (!isReal) return;
  throw new RetentionError(
    'plan-not-enforceable',
    `store ${name} is at ${place.called}, database ${place.database}, where runs under this ledger dispose of records: it is no copy`,
    'Restore a backup elsewhere, at least into another database, and point the variables of the store at it',
  );
}
