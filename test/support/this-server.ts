// The server that the tests of this project run on.
import { inject } from 'vitest';
import { type Family, type Flavour, familyOf } from './flavours.ts';
import './global-setup.ts';

/** Private servers that a test starts are of this flavour too. */
export function thisFlavour(): Flavour {
  return inject('flavour');
}

export function thisFamily(): Family {
  return familyOf(thisFlavour());
}

/** A URL without a database, whose user may create databases and users. */
export function thisServerUrl(): string {
  const url = inject('mysqlUrl');
  if (url === undefined)
    throw new Error(
      'this file uses a server, and runs in the project of those that use none: see usesServer in vitest.config.ts',
    );
  return url;
}
