// The servers that a plan is looked up through: which they are, which of them are too far behind to plan by, and what
// they show again that an earlier run had purged.
import type { ServerPlace } from '../stores/server-place.ts';
import type { Dataset, StoreReader } from '../stores/store.ts';
import { type CameBack, cameBack, hasArrived, lastPurges } from './come-back.ts';
import type { PlanInput } from './make-plan.ts';
import { type Places, placeOf, type Stale, staleness } from './place.ts';

export interface LookedThrough {
  readonly readFrom: Places;
  /** Stores whose server is too far behind, and why. */
  readonly stale: ReadonlyMap<string, Stale>;
  /** Null where it was not looked at. */
  readonly cameBack: (dataset: Dataset, reader: StoreReader) => Promise<CameBack | null>;
}

export async function lookedThrough(
  input: Pick<PlanInput, 'readers' | 'ledger' | 'job' | 'madeAtMs' | 'source'>,
): Promise<LookedThrough> {
  const readFrom: Record<string, Places[string]> = {};
  const stale = new Map<string, Stale>();
  const places = new Map<string, ServerPlace>();
  for (const reader of input.readers.values()) {
    const place = await reader.server?.place();
    if (place === undefined) continue;
    places.set(reader.name, place);
    readFrom[reader.name] = placeOf(place);
    const old = staleness(reader.name, place);
    if (old !== null) stale.set(reader.name, old);
  }
  // A replay looks for all of it.
  const last = input.source.kind === 'replay' ? null : await lastPurges(input.ledger, input.job.name);
  return {
    readFrom,
    stale,
    cameBack: async (dataset, reader) =>
      last === null || !hasArrived(last.run, places.get(dataset.store), input.madeAtMs)
        ? null
        : cameBack(input.ledger, last, dataset, reader),
  };
}
