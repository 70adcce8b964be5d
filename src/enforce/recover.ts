// The first thing that any run does: every intent without an outcome, of a run that was killed, is settled by looking
// at which of its keys are still there. The outcome says that it was settled that way.
import { keysDigest, runsOf } from '../ledger/evidence.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { toldSince } from '../ledger/told.ts';
import type { Places } from '../plan/place.ts';
import { auditedKeys, keysOf, splitKeys } from '../policy/key-text.ts';
import type { Outcome } from '../stores/order.ts';
import type { Dataset, Store } from '../stores/store.ts';
import { packedFor, placeOf, writeOutcome } from './batch-log.ts';
import { settledFiles } from './files-of-batch.ts';
import { settledOutcomes } from './look-back.ts';
import { doubtOfDeeds } from './whose-deed.ts';

export interface Recovery {
  /** Batches settled. */
  readonly settled: number;
  /** Batches of stores that this job does not reach, whose keys were hashed with another secret, or that somebody still has locked: left open. */
  readonly left: number;
  /** Of those that were settled: what is not there of them need not have been purged by their run. */
  readonly elsewhere: number;
}

export interface RecoverInput {
  readonly ledger: Ledger;
  readonly stores: ReadonlyMap<string, Store>;
  /** Where these stores are now. */
  readonly servers: Places;
  readonly datasetOf: (store: string, dataset: string) => Dataset | null;
  readonly hashKey: string;
}

export async function recover(input: RecoverInput): Promise<Recovery> {
  const { ledger, stores, datasetOf, hashKey } = input;
  let [settled, left, elsewhere] = [0, 0, 0];
  for (const header of await ledger.plans.unsettled()) {
    const saved = await ledger.plans.find(header.plan);
    const part = saved?.plan.parts[header.part];
    const store = stores.get(part?.store ?? '');
    const dataset = part === undefined ? null : datasetOf(part.store, part.dataset);
    if (
      saved === null ||
      part === undefined ||
      part.disposition === null ||
      store === undefined ||
      dataset === null ||
      header.run === null
    ) {
      left += 1;
      continue;
    }
    const batch = await ledger.plans.load(header);
    const audited = auditedKeys(batch.keys, dataset.keysPersonal ? hashKey : null);
    if (keysDigest(audited) !== batch.keysDigest) {
      left += 1;
      continue;
    }
    await ledger.plans.claim(header);
    const doubt = await doubtOfDeeds(ledger, header.run, dataset, store, input.servers[store.name]);
    const settledAs = await settledOutcomes(store, dataset, part.disposition, keysOf(batch.keys), doubt);
    const outcomes =
      settledAs && (await settledFiles(settledAs, dataset, { seq: header.seq, part }, store, stores));
    if (outcomes === null) {
      left += 1;
      continue;
    }
    const place = placeOf(saved.plan, { part, disposition: part.disposition }, batch);
    const told = await toldSince(ledger.audit, place, header.run);
    const texts = splitKeys(audited);
    const own = outcomes.map(
      (outcome, index): Outcome =>
        told.has(texts[index] ?? '') && outcome.did !== 'spared'
          ? { key: outcome.key, did: 'spared', why: 'gone', by: null }
          : outcome,
    );
    await writeOutcome({ ledger, run: header.run }, place, batch, runsOf(own), {
      packedKeys: packedFor(batch, audited),
      settled: true,
    });
    settled += 1;
    if (doubt !== null) elsewhere += 1;
  }
  return { settled, left, elsewhere };
}
