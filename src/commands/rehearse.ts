import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT, RetentionError } from '../errors.ts';
import { exitCodeOfRun } from '../exit-codes.ts';
import { findPlan } from '../find-saved.ts';
import { expandMaps } from '../plan/expand-maps.ts';
import type { Hold } from '../policy/policy.ts';
import { isAsAnnounced, rehearse } from '../rehearse/rehearse.ts';
import { rehearsalReport } from '../report/rehearsal-report.ts';
import { enforceSaved, planJob } from '../run-job.ts';
import { print } from '../show.ts';
import { stopSignal } from '../stop-signal.ts';
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
      const held = await holdsNow(flags);
      const signal = stopSignal();
      const scratch = await mkdtemp(join(tmpdir(), 'retention-rehearsal-'));
      try {
        await withWired({ ...flags, ledger: join(scratch, 'ledger.db') }, async wired => {
          for (const hold of held) await wired.ledger.holds.place(hold);
          const done = await rehearsal(wired, name, scratch, options.databases ?? null, signal);
          print(rehearsalReport(done, options.format));
          exit(isAsAnnounced(done) ? exitCodeOfRun(done.run.state) : EXIT.unverified);
        });
      } finally {
        await rm(scratch, { recursive: true, force: true });
      }
    });
};

/** The holds of the real ledger hold in the rehearsal too. */
async function holdsNow(flags: Parameters<typeof withLedger>[0]): Promise<readonly Hold[]> {
  return withLedger(flags, ledger => ledger.holds.list());
}

async function rehearsal(
  wired: Wired,
  name: string,
  scratch: string,
  databases: readonly string[] | null,
  signal: AbortSignal,
) {
  const job = wired.job(name);
  const maps = wired.maps(job);
  const whole = wired.whole(maps);
  const { stores } = await expandMaps(maps, wired.readers(maps));
  return rehearse({
    maps: stores,
    whole,
    databases,
    ledger: wired.ledger,
    hashKey: wired.settings.hashKey,
    scratch,
    plan: () => planJob(wired, job),
    enforce: async plan => enforceSaved(wired, await findPlan(wired.ledger, plan.id), signal),
  });
}
