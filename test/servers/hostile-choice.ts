// Adverse settings for whoever wants a server that is set so from its start: what it is started with, and what it is told first.
import { type Flavour, familyOf } from '../support/flavours.ts';
import { ADVERSE, type AdverseSetting } from './adverse-settings.ts';

export interface HostileStart {
  readonly setting: string;
  readonly options: readonly string[];
  /** Statements for its start, each on one line. */
  readonly initSql: readonly string[];
}

export const nameOf = ({ how, set }: AdverseSetting): string => `${how} ${set}`;

export function settingsFor(flavour: Flavour): readonly AdverseSetting[] {
  return ADVERSE.filter(({ on }) => on === undefined || on.includes(familyOf(flavour)));
}

/**
 * What a seed chooses of those that count and under which everything goes on as on a plain server. Those of init_connect are left out: a user
 * who may make databases is not told of it. So are those that `isFit` does not want.
 */
export function hostileStart(
  flavour: Flavour,
  seed: number,
  isFit: (setting: AdverseSetting) => boolean = () => true,
): HostileStart {
  const all = settingsFor(flavour).filter(
    one =>
      one.how !== 'init' &&
      one.isRefused !== true &&
      one.isIdle !== true &&
      one.isSlow !== true &&
      isFit(one),
  );
  // Neighbouring seeds choose settings that are far from each other.
  const chosen = all[(Math.imul(seed + 1, 2_654_435_761) >>> 0) % all.length];
  if (chosen === undefined) throw new Error(`no adverse setting for ${flavour}`);
  return hostileStartOf(chosen);
}

export function hostileStartOf(setting: AdverseSetting): HostileStart {
  const { how, set } = setting;
  return {
    setting: nameOf(setting),
    options: how === 'options' ? set.split(' ') : [],
    initSql:
      how === 'global'
        ? [`SET GLOBAL ${set};`]
        : how === 'init'
          ? [`SET GLOBAL init_connect = '${set.replaceAll("'", "''")}';`]
          : [],
  };
}
