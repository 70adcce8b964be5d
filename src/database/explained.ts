// What a database's refusal is, whoever makes it: so that what the world does is told as the world's, and what has changed
// meanwhile is looked at again.
import { RetentionError } from '../errors.ts';

export interface Explained {
  /**
   * blocked: a foreign key or a trigger keeps a row. locked: somebody else has it, or it has changed meanwhile: to be looked
   * at again. gone: there is no such table. denied: this user may not. world: the server or its machine does not let us
   * now. other: nothing that is known: mostly a mistake of ours.
   */
  readonly kind: 'blocked' | 'locked' | 'unreachable' | 'gone' | 'denied' | 'world' | 'other';
  /** What it was by, in few words; never a value of the store. */
  readonly by: string;
  /** What happened, and what to do, for people: always for `denied` and `world`, and for `other` where it is known. */
  readonly message?: string;
  readonly hint?: string;
}

/** An error that says what it is; null for `blocked`, `gone` and `unreachable`, of which callers make something themselves. */
export function refusalOf(what: string, explained: Explained, cause: unknown): RetentionError | null {
  const { kind, by } = explained;
  const told = (
    code: 'store-refuses' | 'store-mismatch' | 'statement-refused',
    message: string,
    hint: string,
  ) => new RetentionError(code, `${what}: ${message}`, hint, { cause });
  switch (kind) {
    case 'locked':
      return told(
        'store-refuses',
        `another program keeps it locked (${by})`,
        'Nothing was changed. Try again when the other program is done',
      );
    case 'world':
      return told('store-refuses', `${explained.message} (${by})`, explained.hint ?? '');
    case 'denied':
      return told('store-mismatch', `${explained.message} (${by})`, explained.hint ?? '');
    case 'other':
      return told(
        'statement-refused',
        `${explained.message ?? 'a statement was refused'} (${by})`,
        explained.hint ??
          'Nothing is done on doubt. Look whether the table has something unusual; if not, it is a mistake in the program: please report it',
      );
    default:
      return null;
  }
}
