// One random schema, and what has to be true of it.
import { expect } from 'vitest';
import { openPlace } from './places.ts';
import { type Server, schemaOf } from './schema.ts';
import { trySchema } from './try-schema.ts';

/** Those that `npm run prove:schemas` tries come before it. */
export const FIRST_SEED = 1_000_000;

export async function expectSound(server: Server, seed: number, serverUrl: string): Promise<void> {
  const place = await openPlace(server, serverUrl);
  try {
    const { wrong, needless } = await trySchema(schemaOf(seed, server), place);
    expect({ server, seed, wrong, needless }).toEqual({ server, seed, wrong: [], needless: [] });
  } finally {
    await place.drop();
  }
}
