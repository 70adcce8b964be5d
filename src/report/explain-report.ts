// The answer to "why is this record still here?" and "why was it deleted?", for people and for programs.
import pc from 'picocolors';
import { isoInstant } from '../clock.ts';
import type { Explanation } from '../plan/explain-record.ts';
import type { Stale } from '../plan/place.ts';
import { describeDecision, describeRule } from '../policy/describe.ts';
import { csvLine } from './numbers.ts';
import type { Format } from './plan-report.ts';

export interface ExplainReportInput {
  readonly store: string;
  readonly dataset: string;
  readonly explanation: Explanation;
  /** Why what it was looked up through is too old to go by; left out where it is not. */
  readonly stale?: Stale;
}

export function explainReport(input: ExplainReportInput, format: Format): string {
  switch (format) {
    case 'text':
      return explainText(input);
    case 'json':
      return `${JSON.stringify(explainJson(input), null, 2)}\n`;
    case 'csv':
      return explainCsv(input);
  }
}

function explainText({ store, dataset, explanation, stale }: ExplainReportInput): string {
  const { now, history, key } = explanation;
  const lines = [pc.bold(`${store}/${dataset} ${key.join(' ')}`), ''];
  if (stale !== undefined)
    lines.push(`${pc.yellow('warning')}  ${stale.message}`, `         ${stale.hint}`, '');
  if (now === null) {
    lines.push(
      history.length === 0
        ? 'There is no such record, and the audit log has never seen this key.'
        : 'There is no such record now.',
    );
  } else {
    lines.push(sentenceOf(now), '');
    lines.push(`class    ${now.record.class ?? 'unknown'}`);
    if (now.record.customer != null) lines.push(`customer ${now.record.customer}`);
    if (now.record.start.kind === 'at') lines.push(`started  ${isoInstant(now.record.start.ms)}`);
    lines.push(`verdict  ${now.decision.verdict}`);
    lines.push(
      'rules that matched, the first decides:',
      ...now.decision.matched.map(rule => `  ${describeRule(rule)}`),
    );
  }
  if (history.length > 0) {
    lines.push('', 'In the audit log:');
    for (const event of history) {
      lines.push(
        `  ${event.at}  ${event.did}${event.why === '' ? '' : ` (${event.why})`}  by ${event.run}, plan ${event.plan}, entry ${event.seq}`,
      );
    }
  }
  return `${lines.join('\n')}\n`;
}

function sentenceOf({ decision, rules, keeper }: NonNullable<Explanation['now']>): string {
  const own = describeDecision(decision, rules);
  if (keeper === null) return own;
  return `${own} The row waits for its part ${keeper.part}: ${describeDecision(keeper.decision, keeper.rules)}`;
}

function explainJson({
  store,
  dataset,
  explanation: { key, now, history },
  stale,
}: ExplainReportInput): unknown {
  return {
    store,
    dataset,
    key,
    exists: now !== null,
    decision: now === null ? null : { ...now.decision, sentence: sentenceOf(now) },
    waitsFor: now?.keeper?.part ?? null,
    class: now?.record.class ?? null,
    start: now?.record.start ?? null,
    history,
    ...(stale === undefined ? {} : { stale }),
  };
}

function explainCsv({ store, dataset, explanation: { key, now, history } }: ExplainReportInput): string {
  const head = csvLine(['store', 'dataset', 'key', 'at', 'what', 'why', 'run']);
  const place = [store, dataset, key.join(' ')];
  const rows = history.map(event => csvLine([...place, event.at, event.did, event.why, event.run]));
  const current =
    now === null ? [] : [csvLine([...place, 'now', now.decision.verdict, sentenceOf(now), null])];
  return `${[head, ...rows, ...current].join('\r\n')}\r\n`;
}
