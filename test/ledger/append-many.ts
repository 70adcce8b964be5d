// A process of its own that appends entries to an audit log, a few milliseconds apart, from when it is told to begin by a
// byte on its input: node append-many.ts LEDGER NAME COUNT
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '../../src/clock.ts';
import { openLedger } from '../../src/ledger/ledger.ts';

const [at = '', name = '', count = '0'] = process.argv.slice(2);
const ledger = await openLedger(at, systemClock, name);
process.stdout.write('ready');
await once(process.stdin, 'data');
process.stdin.destroy();
for (let index = 0; index < Number(count); index += 1) {
  await ledger.audit.append({ kind: 'refused', plan: `plan-${index}`, code: 'test', reason: name }, null);
  await wait(2);
}
await ledger.close();
