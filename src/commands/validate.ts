import { systemClock } from '../clock.ts';
import { loadConfig } from '../config/load-config.ts';
import { EXIT } from '../errors.ts';
import { lawNotes } from '../plan/law-notes.ts';
import { idleReason } from '../policy/idle-orders.ts';
import { isResolvable, readSettings } from '../settings.ts';
import { print } from '../show.ts';
import { type AddCommand, examples, flagsOf } from './command.ts';

export const addValidate: AddCommand = (program, exit) => {
  program
    .command('validate')
    .description('check every policy, data map and job, and report all mistakes at once')
    .addHelpText(
      'after',
      examples(
        'retention validate',
        'retention validate --policies /etc/retention/policies --jobs /etc/retention/jobs',
      ),
    )
    .action((_options, command) => {
      const settings = readSettings(flagsOf(command));
      const { policySet, stores, jobs } = loadConfig(settings.policiesFolder, settings.jobsFolder);
      const unset = stores
        .flatMap(store =>
          [store.at, ...(store.readAt === null ? [] : [store.readAt]), ...store.replicas].map(at => ({
            store,
            at,
          })),
        )
        .filter(({ at }) => !isResolvable(at));
      print(
        [
          `${policySet.policies.length} policies, ${policySet.limits.length} limits of law, ${policySet.instructions.length} instructions, ${policySet.holds.length} holds, ${policySet.subProcessors.length} sub-processors`,
          `${stores.length} stores with ${stores.reduce((sum, store) => sum + store.datasets.length, 0)} datasets, ${jobs.length} jobs`,
          ...unset.map(
            ({ store, at }) =>
              `note: ${'env' in at ? at.env : ''} is not set here; store ${store.name} needs it to run`,
          ),
          ...policySet.instructions.flatMap(one => {
            const idle = idleReason(one, policySet.policies, systemClock.nowMs());
            return idle === null ? [] : [`warning: instruction ${one.id} can do nothing: ${idle}`];
          }),
          ...lawNotes(policySet, stores).map(one => `note: ${one}`),
          'No mistakes.',
        ].join('\n'),
      );
      exit(EXIT.done);
    });
};
