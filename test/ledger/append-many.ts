// A process of its own that appends entries to an audit log as fast as it can: node append-many.ts LEDGER NAME COUNT
import { systemClock } from '../../src/clock.ts';
import { openLedger } from '../../src/ledger/ledger.ts';

const [at = '', name = '', count = '0'] = process.argv.slice(2);
const ledger = await openLedger(at, systemClock, name);
for (let index = 0; index < Number(count); index += 1) {
  await ledger.audit.append({ kind: 'refused', plan: `plan-${index}`, code: 'test', reason: name }, null);
}
await ledger.close();
