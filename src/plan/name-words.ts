// Names of tables and columns as the words that they are put together from.

/** `EmailAddress2` and `email_address2` are email, address2. */
export function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(word => word !== '');
}
