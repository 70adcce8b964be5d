// What has to be written or confirmed before this program can go on from what an earlier one left: one check for each thing,
// in one list. A check looks at plain values and touches nothing; a new one is one function and one line in the list.
import type { Config } from '../config/load-config.ts';
import { lawNotes } from '../plan/law-notes.ts';
import type { LedgerFound } from './look-at-ledger.ts';

export interface UpgradeInput {
  /** Null where today's program does not take it: then `mistakes` says why, and checks of the configuration say nothing. */
  readonly config: Config | null;
  /** What today's program has against the configuration, each with its place. */
  readonly mistakes: readonly string[];
  /** Null where there is no ledger. */
  readonly ledger: LedgerFound | null;
}

/** `write`: a file must be changed first. `confirm`: a person has to say something. `know`: it goes by itself, and is said. */
export interface UpgradeNote {
  readonly must: 'write' | 'confirm' | 'know';
  /** The file and line, or the ledger. */
  readonly where: string;
  readonly what: string;
}

export type UpgradeCheck = (input: UpgradeInput) => readonly UpgradeNote[];

/** In the order in which they are told. */
export const UPGRADE_CHECKS: readonly UpgradeCheck[] = [
  mistakesNow,
  noLedger,
  newerLedger,
  unnamedLedger,
  timesGoBack,
  plansOfBefore,
  lawUnstated,
];

/** What was taken before and is not any more. */
function mistakesNow({ mistakes }: UpgradeInput): readonly UpgradeNote[] {
  return mistakes.map(what => ({ must: 'write', where: 'configuration', what }));
}

/** Records of a law that nobody has stated stay from now on. */
function lawUnstated({ config }: UpgradeInput): readonly UpgradeNote[] {
  if (config === null) return [];
  return lawNotes(config.policySet, config.stores).map(what => ({
    must: 'know',
    where: 'policies/limits',
    what,
  }));
}

function noLedger({ ledger }: UpgradeInput): readonly UpgradeNote[] {
  if (ledger !== null) return [];
  const what = "there is none. A new one is made by: retention ledger new --reason 'Why'";
  return [{ must: 'confirm', where: 'ledger', what }];
}

function newerLedger({ ledger }: UpgradeInput): readonly UpgradeNote[] {
  if (ledger === null || ledger.unknownMigrations.length === 0) return [];
  const what = `it was used by a newer retention (${ledger.unknownMigrations.join(', ')}): run that version`;
  return [{ must: 'write', where: 'ledger', what }];
}

/** A ledger of before ledgers had names. */
function unnamedLedger({ ledger }: UpgradeInput): readonly UpgradeNote[] {
  if (ledger === null || ledger.isNamed) return [];
  if (!ledger.hasRun) {
    const what =
      "it has no name and nothing was ever enforced under it: before the next run say that it is right: retention ledger accept --reason 'Why'; or, where nothing is in it, retention ledger new --reason 'Why'";
    return [{ must: 'confirm', where: 'ledger', what }];
  }
  if (ledger.broken !== null) {
    const what = `it has no name, and its log does not verify: ${ledger.broken}. Look at it; if it is the right one all the same: retention ledger accept --reason 'Why'`;
    return [{ must: 'confirm', where: 'ledger', what }];
  }
  const what = `it has no name. The next run gives it one, takes it over since it has run and its log verifies, and leaves its mark in ${ledger.stateFolder} (RETENTION_STATE): keep that folder from run to run`;
  return [{ must: 'know', where: 'ledger', what }];
}

/** What is digested of policies and data maps has grown: a plan of before is of other ones. */
function plansOfBefore({ ledger }: UpgradeInput): readonly UpgradeNote[] {
  if (ledger === null || ledger.isNamed || ledger.openPlans === 0) return [];
  const what = `${ledger.openPlans} of its plans were not enforced: where one is refused as made under other policies or another data map, make a new one: retention plan JOB`;
  return [{ must: 'know', where: 'ledger', what }];
}

function timesGoBack({ ledger }: UpgradeInput): readonly UpgradeNote[] {
  if (ledger === null || ledger.aheadMs === null) return [];
  const what = `its latest entry is ${Math.round(ledger.aheadMs / 60_000)} minutes ahead of this machine's clock: nothing is enforced before that time, or before somebody says that the clock is right: retention ledger confirm-clock --reason 'Why'`;
  return [{ must: 'confirm', where: 'ledger', what }];
}
