// What a plan says of partitions: which go as a whole, in which batches their rows are listed, and why the others go row
// by row. What is said here is part of the plan's digest; what is dropped is looked at once more under lock.
import type { DuePartition, ListedOfPartition, PartitionSurvey } from '../stores/partition.ts';
import type { PlannedPartition } from './plan.ts';
import type { Tally } from './tally.ts';

export interface PartitionTally {
  /** Takes note of a page of a partition; `batch`: the number of the batch that lists it, or null where nothing was sure. */
  readonly add: (page: ListedOfPartition, batch: number | null) => void;
  /** The partitions that were due, in their order. Puts what people should know of them into the findings. */
  readonly close: (sums: Pick<Tally, 'note'>) => readonly PlannedPartition[];
}

interface Seen {
  records: number;
  /** Rows that are not sure, or that no batch lists. */
  strays: number;
  batches: readonly [first: number, last: number] | null;
}

/** `survey`: null where partitions are not to be dropped. */
export function partitionTally(dataset: string, survey: PartitionSurvey | null): PartitionTally {
  const seen = new Map<string, Seen>();
  return {
    add: (page, batch) => {
      const known = seen.get(page.partition) ?? { records: 0, strays: 0, batches: null };
      known.records += page.records;
      known.strays += page.apart.length + page.others;
      if (batch !== null) known.batches = [known.batches?.[0] ?? batch, batch];
      seen.set(page.partition, known);
    },
    close: sums => {
      if (survey === null) return [];
      if (survey.why !== null) {
        const message = `partitions of ${dataset} are not dropped, and its rows go one by one: ${survey.why}`;
        sums.note('advice', 'partitions-as-rows', message, null, 0);
      }
      const planned = survey.due.flatMap(one => plannedOf(one, seen.get(one.name)));
      for (const { name, why } of planned)
        if (why !== null)
          sums.note('advice', 'partitions-as-rows', `partition ${name} goes row by row: ${why}`, null, 0);
      return planned;
    },
  };
}

function plannedOf({ name, bound, why }: DuePartition, seen: Seen | undefined): PlannedPartition[] {
  if (why !== null) return [{ name, bound, as: 'rows', why, records: null, batches: null }];
  // An empty partition has no record to speak of, and is left.
  if (seen === undefined || seen.batches === null) return [];
  const { records, strays, batches } = seen;
  const found = strays === 0 ? null : `${strays} of its rows had changed by the time that they were listed`;
  return [{ name, bound, as: found === null ? 'drop' : 'rows', why: found, records, batches }];
}
