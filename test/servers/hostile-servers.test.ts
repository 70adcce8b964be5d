// A seeded few of the adverse settings, on each server of the suite; `npm run prove:servers` tries all of them.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { thisFlavour } from '../support/this-server.ts';
import type { AdverseSetting } from './adverse-settings.ts';
import { nameOf, settingsFor } from './hostile-choice.ts';
import { startTrying, type TryingServer, trySetting } from './try-settings.ts';

/** Change it to have others tried. */
const SEED = 20_261_128;
const MANY = 8;

const flavour = thisFlavour();

/** Those that were seen to count where all are tried: settings of time and of options take too long here. */
function chosen(): AdverseSetting[] {
  const left = settingsFor(flavour).filter(
    one => one.how !== 'options' && one.isSlow !== true && one.isIdle !== true,
  );
  const some: AdverseSetting[] = [];
  for (let seed = SEED; some.length < MANY; seed = (seed * 48_271) % 2_147_483_647)
    some.push(...left.splice(seed % left.length, 1));
  return some;
}

describe('on a server that is set against it', () => {
  let trying: TryingServer;
  beforeAll(async () => {
    trying = await startTrying(flavour);
  });
  afterAll(() => trying.stop());

  test('the suite runs on a plain one', () => {
    expect(trying.plain).toMatchObject({
      'plan: calls': { due: 1, held: 5, undated: 1 },
      state: 'partial',
      verified: { broken: null },
      replayed: 2,
      'engines of the ledger': ['InnoDB'],
    });
  });

  test.each(chosen().map(setting => [nameOf(setting), setting] as const))(
    '%s: the same comes of it or a refusal that names it, and something else without our statement',
    async (_, setting) => {
      const { came, how, without } = await trySetting(trying, flavour, setting);
      expect({ came, how }).toEqual(came === 'refused by name' ? { came, how } : { came: 'same', how: null });
      expect(without).not.toBeNull();
    },
    120_000,
  );
});
