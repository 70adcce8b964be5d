// What a data map says of files that have more than one name: removing one of them frees nothing and leaves the recording
// readable under the others, so that somebody has to have thought of it.
import { z } from 'zod';
import { text } from './fields.ts';

export const hardLinks = z
  .strictObject({
    do: z.enum(['remove-this-name']),
    reason: text.describe('Why the other names may stay: who removes them, and when'),
  })
  .describe(
    'For files that have a second name (a hard link), which stay and are told unless said otherwise: { do: remove-this-name, reason: ... }',
  );
