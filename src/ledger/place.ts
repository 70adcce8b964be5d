// Where a ledger is, read from a path or a URL; and where the mark of the last ledger stands. What looks like a URL is one of a
// known kind or refused: a password must not become the name of a folder.
import { dirname, join, resolve } from 'node:path';
import { RetentionError } from '../errors.ts';

export type LedgerPlace =
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'mysql'; readonly url: string };

/** Throws `configuration-invalid`, without repeating what was given: there may be a password in it. */
export function ledgerPlace(at: string): LedgerPlace {
  const text = at.trim();
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(text)?.[1]?.toLowerCase() ?? null;
  if (scheme === 'sqlite') return { kind: 'file', file: resolve(text.replace(/^sqlite:(\/\/)?/i, '')) };
  if ((scheme === 'mysql' || scheme === 'mariadb') && /^[a-z]+:\/\//i.test(text))
    return { kind: 'mysql', url: text.replace(/^[a-z]+:/i, 'mysql:') };
  const isLikeUrl = scheme !== null || text.includes('://') || (text.includes('//') && text.includes('@'));
  if (!isLikeUrl && text !== '') return { kind: 'file', file: resolve(text) };
  throw new RetentionError(
    'configuration-invalid',
    text === ''
      ? 'the ledger has no place'
      : `the ledger is at no kind of URL that is known${toldScheme(scheme)}`,
    'Set RETENTION_LEDGER or --ledger to a file, or to mysql://user:password@host:3306/database. A file with a colon in its name is written ./like:this',
  );
}

function toldScheme(scheme: string | null): string {
  return scheme === null ? '' : `: "${scheme}:"`;
}

/**
 * The folder of the mark: the one that was stated; else beside a ledger that is a file. A ledger on a server has no beside:
 * its mark is with what the user's programs keep, under the server's name.
 */
export function stateFolderOf(place: LedgerPlace, stated: string | null, stateHome: string): string {
  if (stated !== null) return resolve(stated);
  if (place.kind === 'file') return dirname(place.file);
  return join(stateHome, 'retention', describePlace(place).replace(/[^\w.-]+/g, '_'));
}

/** Where it is as people may read it: without user and password. */
export function describePlace(place: LedgerPlace): string {
  if (place.kind === 'file') return place.file;
  if (!URL.canParse(place.url)) return 'its server';
  const { hostname, port, pathname } = new URL(place.url);
  return `${hostname}:${port || '3306'}${pathname}`;
}
