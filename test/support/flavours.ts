// The servers that the suite knows how to have, and what is true of one and not of the other. All that depends on which
// server it is stands here as data; a test that asks for it names the fact and not the server.

export type Flavour = 'mariadb' | 'mariadb-11.8' | 'mysql-9';
export type Family = 'mariadb' | 'mysql';

export interface FlavourSource {
  readonly family: Family;
  /** Debian's package with the server program and nothing that starts by itself. */
  readonly packageName: string;
  /** The suite of Debian that it is unpacked from; null is the one that this machine is installed from. */
  readonly suite: string | null;
}

/** `mariadb` is the machine's own, of whatever version. */
export const flavours: Readonly<Record<Flavour, FlavourSource>> = {
  mariadb: { family: 'mariadb', packageName: 'mariadb-server-core', suite: null },
  'mariadb-11.8': { family: 'mariadb', packageName: 'mariadb-server-core', suite: 'trixie' },
  'mysql-9': { family: 'mysql', packageName: 'mysql-server-core', suite: 'sid' },
};

/** What `npm test` uses unless RETENTION_TEST_SERVERS says otherwise. */
export const USUAL: readonly Flavour[] = ['mariadb', 'mysql-9'];

export function isFlavour(name: string): name is Flavour {
  return Object.hasOwn(flavours, name);
}

export function familyOf(flavour: Flavour): Family {
  return flavours[flavour].family;
}
