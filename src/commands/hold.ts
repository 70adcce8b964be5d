import { type Command, Option } from 'commander';
import { sleep, systemClock } from '../clock.ts';
import { ordersChangedMs } from '../config/follow-orders.ts';
import { loadConfig } from '../config/load-config.ts';
import { holdFile, toHoldScope } from '../config/policy-schema.ts';
import { countInStores } from '../count-in-stores.ts';
import { awaitWrites, WAIT_MS } from '../enforce/await-writes.ts';
import { guardPlacing, guardReleasing, markOrder } from '../enforce/guard-orders.ts';
import { EXIT, RetentionError } from '../errors.ts';
import { ofHold, ordersInForce } from '../plan/count-orders.ts';
import { addressOf, datasetNamed } from '../plan/expand-maps.ts';
import type { Hold } from '../policy/policy.ts';
import { holdsReport } from '../report/holds-report.ts';
import { orderLines } from '../report/orders-report.ts';
import { longestPause } from '../schedule.ts';
import type { Settings } from '../settings.ts';
import { print } from '../show.ts';
import { newId, stateFolder, withHolds, withLedger } from '../wire.ts';
import { type AddCommand, examples, type FormatFlag, flagsOf, formatOption } from './command.ts';

interface PlaceFlags {
  readonly id?: string;
  readonly kind: 'legal' | 'restriction';
  readonly matter: string;
  readonly reason: string;
  readonly customer?: string[];
  readonly number?: string[];
  readonly class?: string[];
  readonly from?: string;
  readonly until?: string;
  readonly record?: string[];
}

export const addHold: AddCommand = (program, exit) => {
  const hold = program
    .command('hold')
    .description('place, release and list holds: records that must be kept whatever the policy says')
    .addHelpText('after', examples('retention hold list', 'retention hold place --help'));
  addPlace(hold, exit);
  addRelease(hold, exit);
  hold
    .command('list')
    .description('every hold, in force or released, from the register and from the policies folder')
    .addOption(formatOption())
    .addHelpText('after', examples('retention hold list'))
    .action(async (options: FormatFlag, command) => {
      await withHolds(flagsOf(command), async ({ ledger, policySet, clock, settings }) => {
        const registered = await ledger.holds.list();
        const agoMs = clock.nowMs() - ordersChangedMs(settings.policiesFolder);
        // Below it says of files that were written just now that they are in force.
        if (agoMs < WAIT_MS) await awaitWrites(ledger, Math.max(0, agoMs), sleep);
        const orders = ordersInForce(policySet, registered, clock.nowMs());
        const counted = await countInStores(settings, orders);
        const all = [...policySet.holds, ...registered];
        print(holdsReport({ holds: all, ...counted, nowMs: clock.nowMs() }, options.format));
        exit(EXIT.done);
      });
    });
};

function addPlace(hold: Command, exit: Parameters<AddCommand>[1]): void {
  hold
    .command('place')
    .description(
      'place a hold; every scope given must match, and what a record cannot answer counts as matching',
    )
    .requiredOption('--matter <text>', 'the case or request it belongs to')
    .requiredOption('--reason <text>', 'why these records must be kept')
    .option('--id <id>', 'an id of your own, such as the case number')
    .addOption(
      new Option('--kind <kind>', 'legal, or restriction (GDPR Article 18)')
        .choices(['legal', 'restriction'])
        .default('legal'),
    )
    .option('--customer <id...>', 'customers')
    .option('--number <number...>', 'telephone numbers; compared by their digits')
    .option('--class <class...>', 'classes of records')
    .option('--from <day>', 'records that started on this day or later')
    .option('--until <day>', 'records that started on this day or earlier')
    .option(
      '--record <store/dataset/key...>',
      'single records; parts of a composite key are separated by |. Of tables that are named by date store/dataset:table/key, or without the table for any of them',
    )
    .addHelpText(
      'after',
      examples(
        "retention hold place --matter 'Case 2026-17' --reason 'Preservation order' --number '+44 20 7946 0018'",
        "retention hold place --matter 'Dispute' --reason 'Invoice contested' --customer 1042 --class invoice",
      ),
    )
    .action(async (options: PlaceFlags, command) => {
      await withHolds(flagsOf(command), async ({ ledger, clock, settings, policySet }) => {
        const placed: Hold = {
          id: options.id ?? newId('hold', clock),
          kind: options.kind,
          matter: options.matter,
          reason: options.reason,
          placedBy: settings.actor,
          placedAtMs: clock.nowMs(),
          releasedBy: null,
          releasedAtMs: null,
          releaseReason: null,
          scope: readScope(options),
        };
        if (policySet.holds.some(one => one.id === placed.id))
          throw new RetentionError(
            'usage-invalid',
            `hold ${placed.id} stands in the policies folder already`,
            'Give the new one another id',
          );
        const unknown = (placed.scope.classes ?? []).find(
          name => !policySet.policies.some(policy => policy.class === name),
        );
        if (unknown !== undefined)
          throw new RetentionError(
            'usage-invalid',
            `there is no class "${unknown}"`,
            `Known: ${[...new Set(policySet.policies.map(policy => policy.class))].sort().join(', ')}`,
          );
        if (placed.scope.records !== null) requireDatasets(placed.scope.records, settings);
        const folder = stateFolder(settings);
        const told = await guardPlacing(ledger, folder);
        await ledger.holds.place(placed);
        await markOrder(ledger, folder, clock.nowMs());
        if (told !== null) process.stderr.write(`${told}\n`);
        const wasBusy = await awaitWrites(ledger, 0, sleep);
        print(
          told === null
            ? `Hold ${placed.id} is in force.`
            : `Hold ${placed.id} is written down here, and is not in force.`,
        );
        if (wasBusy)
          print('A batch was being disposed of meanwhile: records in it may have gone before the hold.');
        const { counts, uncounted } = await countInStores(settings, [ofHold(placed)]);
        const said = [...orderLines(counts), ...uncounted.map(line => `  ${line}`)];
        print(said.length === 0 ? '  It speaks of no dataset that is mapped.' : said.join('\n'));
        exit(EXIT.done);
      });
    });
}

function addRelease(hold: Command, exit: Parameters<AddCommand>[1]): void {
  hold
    .command('release')
    .argument('<id>', 'the hold')
    .description('release a hold; nothing of it is disposed of for thirty days more')
    .requiredOption('--reason <text>', 'why it is released')
    .addHelpText('after', examples("retention hold release case-2026-17 --reason 'Case closed on appeal'"))
    .action(async (id: string, options: { reason: string }, command) => {
      await withLedger(flagsOf(command), async (ledger, settings) => {
        const folder = stateFolder(settings);
        const nowMs = systemClock.nowMs();
        await guardReleasing(ledger, folder, nowMs, gapOf(settings, nowMs));
        // Within the tolerance the log's own time may be ahead: thirty days are counted from the later.
        const { atMs } = await ledger.audit.latest();
        await ledger.holds.release(id, settings.actor, Math.max(nowMs, atMs ?? nowMs), options.reason);
        await markOrder(ledger, folder, nowMs);
        print(`Hold ${id} is released. What it held can be disposed of after thirty days.`);
        exit(EXIT.done);
      });
    });
}

/** Two schedules of the job that runs least; two months where no job can be read: a hold can be released without any. */
function gapOf({ policiesFolder, jobsFolder }: Settings, nowMs: number): number {
  try {
    const { jobs } = loadConfig(policiesFolder, jobsFolder);
    const pauses = jobs.map(job => longestPause(job.schedule, job.zone, nowMs));
    if (pauses.length > 0) return 2 * Math.max(...pauses);
  } catch (error) {
    if (!(error instanceof RetentionError)) throw error;
  }
  return 62 * 86_400_000;
}

/** The flags through the same schema that a hold's file goes through. */
function readScope(options: PlaceFlags): Hold['scope'] {
  const written = {
    customers: options.customer,
    numbers: options.number,
    classes: options.class,
    from: options.from,
    until: options.until,
    records: options.record?.map(readAddress),
  };
  const given = Object.fromEntries(Object.entries(written).filter(([, value]) => value !== undefined));
  if (Object.keys(given).length === 0) {
    throw new RetentionError(
      'usage-invalid',
      'this hold covers nothing in particular',
      'Say what it covers: --customer, --number, --class, --from, --until or --record',
    );
  }
  if (options.from !== undefined && options.until !== undefined && options.until < options.from) {
    throw new RetentionError('usage-invalid', 'this range ends before it begins', 'Put --until after --from');
  }
  const read = holdFile.shape.scope.safeParse(given);
  if (read.success) return toHoldScope(read.data);
  const issue = read.error.issues[0];
  throw new RetentionError(
    'usage-invalid',
    issue?.message ?? 'the scope cannot be read',
    'See: retention hold place --help',
  );
}

/** A hold on a record of a store or dataset that nobody maps would hold nothing. */
function requireDatasets(records: NonNullable<Hold['scope']['records']>, settings: Settings): void {
  const { stores } = loadConfig(settings.policiesFolder, settings.jobsFolder);
  for (const { store, dataset, key } of records) {
    const map = stores.find(one => one.name === store);
    const known = map === undefined ? null : datasetNamed(map, dataset);
    if (known !== null && known.key.length === key.length) continue;
    if (map === undefined)
      throw new RetentionError(
        'usage-invalid',
        `there is no store "${store}"`,
        `Known: ${stores.map(one => one.name).join(', ')}`,
      );
    throw new RetentionError(
      'usage-invalid',
      known === null
        ? `store ${store} has no dataset "${dataset}"`
        : `a key of ${dataset} has ${known.key.length} values`,
      known === null ? `It has ${map.datasets.map(addressOf).join(', ')}` : `Give ${known.key.join('|')}`,
    );
  }
}

function readAddress(text: string): { store: string; dataset: string; key: string[] } {
  const [store, dataset, ...rest] = text.split('/');
  const key = rest.join('/');
  if (store === undefined || dataset === undefined || key === '') {
    throw new RetentionError(
      'usage-invalid',
      `"${text}" does not name a record`,
      'Write store/dataset/key: telecom/invoices/1042',
    );
  }
  return { store, dataset, key: key.split('|') };
}
