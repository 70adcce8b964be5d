// What the benchmark says while it works: to standard error, since standard output is for the table.

export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
