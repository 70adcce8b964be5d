// Two hundred random schemas in every test run, eighty of them on SQLite: whatever changed was named by the plan and counted,
// and what was refused would have reached something that nobody named. `npm run prove:schemas` tries thousands.

import { test } from 'vitest';
import { expectSound, FIRST_SEED } from './expect-sound.ts';

const AT_ONCE = 20;

test.each([0, 1, 2, 3])('on SQLite, part %i', async part => {
  for (let seed = 0; seed < AT_ONCE; seed += 1)
    await expectSound('sqlite', FIRST_SEED + part * AT_ONCE + seed, '');
});
