import { EXIT, RetentionError } from '../errors.ts';
import type { AuditHead } from '../ledger/audit-log.ts';
import { verifyAudit } from '../ledger/verify-audit.ts';
import { verifyReport } from '../report/verify-report.ts';
import { print } from '../show.ts';
import { withLedger } from '../wire.ts';
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
      await withLedger(flagsOf(command), async ledger => {
        const verification = await verifyAudit(ledger, expected);
        print(verifyReport(verification, options.format));
        exit(verification.broken === null ? EXIT.done : EXIT.unverified);
      });
    });
};

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
