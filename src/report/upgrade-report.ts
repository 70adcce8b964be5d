// What an upgrade asks of people, line by line.
export interface UpgradeLine {
  readonly must: 'write' | 'confirm' | 'know';
  readonly where: string;
  readonly what: string;
}

export function upgradeReport(notes: readonly UpgradeLine[], format: 'text' | 'json'): string {
  if (format === 'json') return `${JSON.stringify({ notes }, null, 2)}\n`;
  if (notes.length === 0) return 'Nothing has to be written or confirmed. Nothing was touched.\n';
  const lines = notes.map(({ must, where, what }) => `${must.padEnd(7)}  ${where}: ${what}`);
  const asked = notes.filter(({ must }) => must !== 'know').length;
  const sum =
    asked === 0
      ? 'Nothing has to be written or confirmed.'
      : `${asked} ${asked === 1 ? 'thing has' : 'things have'} to be written or confirmed.`;
  return `${[...lines, `${sum} Nothing was touched.`].join('\n')}\n`;
}
