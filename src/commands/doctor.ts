import { Option } from 'commander';
import { EXIT } from '../errors.ts';
import { examineJob } from '../plan/examine.ts';
import { doctorReport } from '../report/doctor-report.ts';
import { nextRun } from '../schedule.ts';
import { print } from '../show.ts';
import { withWired } from '../wire.ts';
import { type AddCommand, examples, flagsOf } from './command.ts';

export const addDoctor: AddCommand = (program, exit) => {
  program
    .command('doctor')
    .argument('<job>', 'the job whose stores to look at')
    .description(
      'look at every table and folder of a job: what is refused, how records are found, what would help',
    )
    .addOption(new Option('--format <format>', 'how to print it').choices(['text', 'json']).default('text'))
    .addHelpText('after', examples('retention doctor nightly', 'retention doctor nightly --format json'))
    .action(async (name: string, options: { readonly format: 'text' | 'json' }, command) => {
      await withWired(flagsOf(command), 'look', async wired => {
        const { clock, config, ledger } = wired;
        const job = wired.job(name);
        const maps = wired.maps(job);
        const nowMs = clock.nowMs();
        const found = await examineJob({
          job,
          policySet: config.policySet,
          stores: maps,
          readers: wired.readers(maps),
          acting: wired.actingReaders(maps),
          holds: await ledger.holds.list(),
          moment: { nowMs, nextRunMs: nextRun(job.schedule, job.zone, nowMs) ?? nowMs },
        });
        print(doctorReport(job.name, found, options.format));
        const isRefused = [...found.stores, ...found.datasets].some(one =>
          one.notes.some(note => note.verdict === 'refuses'),
        );
        exit(isRefused ? EXIT.refused : EXIT.done);
      });
    });
};
