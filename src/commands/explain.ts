import { EXIT, RetentionError } from '../errors.ts';
import { addressOf, datasetNamed, isWithoutTable } from '../plan/expand-maps.ts';
import { explainRecord } from '../plan/explain-record.ts';
import { stalenessOf } from '../plan/place.ts';
import { explainReport } from '../report/explain-report.ts';
import { nextRun } from '../schedule.ts';
import { print } from '../show.ts';
import { type Wired, withWired } from '../wire.ts';
import { type AddCommand, examples, type FormatFlag, flagsOf, formatOption } from './command.ts';

export const addExplain: AddCommand = (program, exit) => {
  program
    .command('explain')
    .argument('<store>', 'the store')
    .argument('<dataset>', 'the dataset')
    .argument('<key...>', 'the key, one value for each key column')
    .description('why is this record still here? why was it deleted, when, by which run?')
    .addOption(formatOption())
    .addHelpText(
      'after',
      examples(
        'retention explain telecom call-detail-records 1042',
        'retention explain recordings monitoring 2026/10/01/call-7.wav',
        'retention explain homer sip-captures:sip_capture_call_20150407 1042',
      ),
    )
    .action(async (store: string, dataset: string, key: string[], options: FormatFlag, command) => {
      await withWired(flagsOf(command), 'refuse', async wired => {
        print(explainReport(await explain(wired, store, dataset, key), options.format));
        exit(EXIT.done);
      });
    });
};

async function explain(wired: Wired, storeName: string, datasetName: string, key: readonly string[]) {
  const { config, clock, ledger, settings } = wired;
  const map = config.stores.find(one => one.name === storeName);
  if (map === undefined)
    throw new RetentionError(
      'not-found',
      `there is no store "${storeName}"`,
      `Known: ${config.stores.map(one => one.name).join(', ')}`,
    );
  const dataset = datasetNamed(map, datasetName);
  if (dataset === null)
    throw new RetentionError(
      'not-found',
      `store ${storeName} has no dataset "${datasetName}"`,
      `It has ${map.datasets.map(addressOf).join(', ')}`,
    );
  if (isWithoutTable(dataset))
    throw new RetentionError(
      'usage-invalid',
      `${datasetName} is many tables, and a record is in one of them`,
      `Name the table: ${addressOf(dataset)}`,
    );
  if (key.length !== dataset.key.length)
    throw new RetentionError(
      'usage-invalid',
      `a key of ${datasetName} has ${dataset.key.length} values`,
      `Give ${dataset.key.join(', ')}`,
    );
  if (dataset.keysPersonal && settings.hashKey === '')
    throw new RetentionError(
      'hash-key-missing',
      `keys of ${datasetName} are in the audit log as keyed hashes`,
      'Set RETENTION_HASH_KEY to the secret that the runs had',
    );
  const reader = wired.readers([map]).get(map.name);
  if (reader === undefined) throw new Error(`store ${map.name} was not opened`);
  const [mismatch] = (await reader.datedTables?.isGone(dataset)) ? [] : await reader.check(dataset, []);
  if (mismatch !== undefined) throw new RetentionError('store-mismatch', mismatch.message, mismatch.hint);
  const job = config.jobs.find(one => one.mode === 'enforce' && one.stores.includes(map.name));
  const nowMs = clock.nowMs();
  const nextRunMs = job === undefined ? nowMs : (nextRun(job.schedule, job.zone, nowMs) ?? nowMs);
  const explanation = await explainRecord({
    reader,
    dataset,
    rowParts: map.datasets.filter(one => one.partOf === dataset.name),
    key,
    policySet: config.policySet,
    ledger,
    moment: { nowMs, nextRunMs },
    hashKey: settings.hashKey,
  });
  const stale = await stalenessOf(reader);
  return { store: storeName, dataset: datasetName, explanation, ...(stale === null ? {} : { stale }) };
}
