// Whether the tests run beside the first server that is chosen. Asked when the file is read, so that only tests may.
import { inject } from 'vitest';
import './global-setup.ts';

/** What needs no server is tried once, in full: beside the first one that is chosen. */
export const isFirstServer: boolean = inject('isFirst') ?? true;

export const kindsHere: readonly ('mysql' | 'sqlite')[] = isFirstServer ? ['mysql', 'sqlite'] : ['mysql'];
