// What knex may say: nothing. It would write to standard output, where reports go, what it throws as an error as well.

const nothing = (): void => undefined;

/** For the `log` of every knex connection. */
export const SILENT = { warn: nothing, error: nothing, deprecate: nothing, debug: nothing };
