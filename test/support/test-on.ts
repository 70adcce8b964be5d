// Registers a test of something that not every server has, where the server at hand has it.
import { type TestFunction, test } from 'vitest';
import { FACTS, type FactName, serverHas } from './server-facts.ts';
import { thisFamily } from './this-server.ts';

/** Its name stands in `FACTS`: what is no part of a server's list is told at the end of a run. */
export function testOn(fact: FactName, name: string, run: TestFunction, timeoutMs?: number): void {
  const listed: readonly string[] = FACTS[fact].tests;
  if (!listed.includes(name))
    throw new Error(`"${name}" needs ${fact}: name it in test/support/server-facts.ts`);
  if (serverHas(fact, thisFamily())) test(name, run, timeoutMs);
}
