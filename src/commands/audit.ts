import { EXIT, RetentionError } from '../errors.ts';
import type { AuditHead } from '../ledger/audit-log.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { readMark } from '../ledger/mark.ts';
import { verifyAudit } from '../ledger/verify-audit.ts';
import { verifyReport } from '../report/verify-report.ts';
import type { Settings } from '../settings.ts';
import { print } from '../show.ts';
import { stateFolder, withLedger } from '../wire.ts';
import { type AddCommand, examples, type FormatFlag, flagsOf, formatOption } from './command.ts';

export const addAudit: AddCommand = (program, exit) => {
  const audit = program
    .command('audit')
    .description('the audit log')
    .addHelpText('after', examples('retention audit verify'));
  audit
    .command('verify')
    .description(
      're-derive the whole audit log from the ledger alone, and name the first entry that does not hold',
    )
    .option(
      '--head <entry:hash>',
      'a head noted down earlier, which the log must still contain: finds a log cut short',
    )
    .addOption(formatOption())
    .addHelpText('after', examples('retention audit verify', 'retention audit verify --head 412:9f2c…'))
    .action(async (options: FormatFlag & { head?: string }, command) => {
      const expected = options.head === undefined ? null : readHead(options.head);
      await withLedger(flagsOf(command), async (ledger, settings) => {
        const verification = await verifyAudit(ledger, expected ?? (await lastHead(ledger, settings)));
        print(verifyReport(verification, options.format));
        exit(verification.broken === null ? EXIT.done : EXIT.unverified);
      });
    });
};

/** Where the last head of this ledger is known here, it need not be noted down: a log cut short is found all the same. */
async function lastHead(ledger: Ledger, settings: Settings): Promise<AuditHead | null> {
  const mark = readMark(stateFolder(settings));
  if (mark === null || mark.ledger !== (await ledger.identity.read()).id || mark.seq === 0) return null;
  return { seq: mark.seq, hash: mark.hash };
}

function readHead(text: string): AuditHead {
  const parts = /^(\d+):([0-9a-f]{64})$/.exec(text);
  if (parts === null)
    throw new RetentionError(
      'usage-invalid',
      `"${text}" is not a head`,
      'Write entry:hash as a report prints them',
    );
  return { seq: Number(parts[1]), hash: parts[2] ?? '' };
}
