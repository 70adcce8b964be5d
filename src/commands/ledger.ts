import { type Command, Option } from 'commander';
import { isoInstant, systemClock } from '../clock.ts';
import { EXIT } from '../errors.ts';
import { acknowledgeNew, acknowledgeRight, confirmClock, lostSince } from '../ledger/acknowledge.ts';
import { standingOf } from '../ledger/known.ts';
import { readMark } from '../ledger/mark.ts';
import { describePlace, ledgerPlace } from '../ledger/place.ts';
import { ledgerReport, toldLost } from '../report/ledger-report.ts';
import { print } from '../show.ts';
import { stateFolder, withLedger } from '../wire.ts';
import { type AddCommand, examples, flagsOf } from './command.ts';

export const addLedger: AddCommand = (program, exit) => {
  const ledger = program
    .command('ledger')
    .description('the ledger itself: make a new one, see which one this is, say that it is the right one')
    .addHelpText(
      'after',
      examples('retention ledger show', "retention ledger new --reason 'First installation'"),
    );
  addNew(ledger, exit);
  addShow(ledger, exit);
  addAccept(ledger, exit);
  addConfirmClock(ledger, exit);
};

function addNew(ledger: Command, exit: Parameters<AddCommand>[1]): void {
  ledger
    .command('new')
    .description('make a new ledger, or say of one that a plan has made that it is meant')
    .option('--reason <text>', 'why there is a new one, for the audit log', 'A new ledger')
    .option('--no-holds', 'give up the holds that the last ledger here knew of')
    .addHelpText(
      'after',
      examples(
        "retention ledger new --reason 'First installation'",
        "retention ledger new --no-holds --reason 'The disk failed; Legal knows of no holds'",
      ),
    )
    .action(async (options: { reason: string; holds: boolean }, command) => {
      await withLedger(
        flagsOf(command),
        async (opened, settings) => {
          const lost = await acknowledgeNew(opened, {
            nowMs: systemClock.nowMs(),
            stateFolder: stateFolder(settings),
            reason: options.reason,
            lostHolds: !options.holds,
          });
          const awaitsHolds = options.holds && lost.holds.length > 0;
          const { id } = await opened.identity.read();
          print(
            [
              `Ledger ${id} at ${describePlace(ledgerPlace(settings.ledger))} is in use from now on.`,
              ...(lost.mark === null
                ? []
                : [
                    `The last ledger here was ${lost.mark.ledger}, up to entry ${lost.mark.seq}.`,
                    ...toldLost(lost),
                  ]),
              awaitsHolds
                ? 'Place these holds again: retention hold place. Nothing is enforced before the first; to give them up, say so with --no-holds.'
                : 'It knows of no holds: place those that there are before anything is enforced (retention hold place).',
            ].join('\n'),
          );
          exit(EXIT.done);
        },
        'make',
      );
    });
}

function addShow(ledger: Command, exit: Parameters<AddCommand>[1]): void {
  ledger
    .command('show')
    .description(
      'which ledger this is, whether it is the one that was used last, and what would be lost with it',
    )
    .addOption(new Option('--format <format>', 'how to print it').choices(['text', 'json']).default('text'))
    .addHelpText('after', examples('retention ledger show'))
    .action(async (options: { format: 'text' | 'json' }, command) => {
      await withLedger(flagsOf(command), async (opened, settings) => {
        const mark = readMark(stateFolder(settings));
        const standing = await standingOf(opened, mark);
        const shown = {
          at: describePlace(ledgerPlace(settings.ledger)),
          stateFolder: stateFolder(settings),
          identity: await opened.identity.read(),
          head: await opened.audit.head(),
          latestMs: (await opened.audit.latest()).atMs,
          holds: (await opened.holds.list()).length,
          standing,
          lost: await lostSince(opened, mark),
        };
        print(ledgerReport(shown, options.format));
        exit('why' in standing ? EXIT.refused : EXIT.done);
      });
    });
}

function addAccept(ledger: Command, exit: Parameters<AddCommand>[1]): void {
  ledger
    .command('accept')
    .description('say that this ledger is the right one, although it is another, older, or has no mark here')
    .requiredOption('--reason <text>', 'why it is right, for the audit log')
    .option('--lost-holds', 'give up the holds that the last ledger knew of and this one does not')
    .addHelpText(
      'after',
      examples(
        'retention ledger show   # what would be accepted',
        "retention ledger accept --reason 'Restored from the backup of Monday after the disk failed'",
      ),
    )
    .action(async (options: { reason: string; lostHolds?: boolean }, command) => {
      await withLedger(flagsOf(command), async (opened, settings) => {
        const accepted = await acknowledgeRight(opened, {
          nowMs: systemClock.nowMs(),
          stateFolder: stateFolder(settings),
          reason: options.reason,
          lostHolds: options.lostHolds ?? false,
        });
        const { id } = await opened.identity.read();
        const { seq } = await opened.audit.head();
        print(
          accepted.before === 'known'
            ? `Ledger ${id} is the one that was used last: there is nothing to accept.`
            : [`Ledger ${id}, up to entry ${seq}, is the right one from now on.`, ...toldLost(accepted)].join(
                '\n',
              ),
        );
        exit(EXIT.done);
      });
    });
}

function addConfirmClock(ledger: Command, exit: Parameters<AddCommand>[1]): void {
  ledger
    .command('confirm-clock')
    .description("say that this machine's clock is right, where the ledger or the stores say otherwise")
    .requiredOption(
      '--reason <text>',
      'why it is right, or why nothing was run for so long; for the audit log',
    )
    .addHelpText('after', examples("retention ledger confirm-clock --reason 'The worker was down in August'"))
    .action(async (options: { reason: string }, command) => {
      await withLedger(flagsOf(command), async (opened, settings) => {
        const nowMs = systemClock.nowMs();
        const latestMs = await confirmClock(opened, {
          nowMs,
          stateFolder: stateFolder(settings),
          reason: options.reason,
        });
        print(
          `It was said that ${isoInstant(nowMs)} is right${latestMs === null ? '' : `; the latest that the ledger knew of was ${isoInstant(latestMs)}`}.`,
        );
        exit(EXIT.done);
      });
    });
}
