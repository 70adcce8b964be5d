// A unit with what it says nothing without.
import type { Report } from './check-keys.ts';
import { type DatasetFile, ZONED_UNITS } from './store-schema.ts';

export function checkUnit(dataset: DatasetFile, report: Report): void {
  const { unit, zone, format } = dataset.start;
  if (unit !== undefined && ZONED_UNITS.includes(unit) && zone === undefined)
    report(
      ['start'],
      `a ${unit} says nothing without a zone`,
      'Add zone: Europe/London, the zone in which it was written',
    );
  if (unit === 'text' && format === undefined)
    report(['start'], 'a text needs a format', 'Add format: yyyy-MM-dd HH:mm:ss');
  if (unit !== 'text' && format !== undefined)
    report(['start', 'format'], `a ${unit ?? 'start'} has no format`, 'Take it out, or write unit: text');
  if (dataset.start.status !== undefined && dataset.start.event !== 'account-closed')
    report(['start', 'status'], 'a status belongs to the event account-closed', 'Take it out');
}
