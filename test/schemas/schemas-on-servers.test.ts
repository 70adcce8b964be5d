// Sixty random schemas on the server in hand, in one database or two.
import { test } from 'vitest';
import { thisFamily, thisServerUrl } from '../support/this-server.ts';
import { expectSound, FIRST_SEED } from './expect-sound.ts';

const AT_ONCE = 15;

test.each([0, 1, 2, 3])('part %i', async part => {
  for (let seed = 0; seed < AT_ONCE; seed += 1)
    await expectSound(thisFamily(), FIRST_SEED + 1000 + part * AT_ONCE + seed, thisServerUrl());
});
