// Which records a customer's instruction speaks of, and when it is in force.
import { isRecord, mayBeRecord, mayBeSameCustomer } from './identity.ts';
import { isNumber, mayNameNumber } from './numbers.ts';
import type { Instruction } from './policy.ts';
import type { RecordFacts } from './record.ts';

/** From the most explicit to the widest. */
const scopeOrder: readonly Instruction['scope'][] = ['record', 'number', 'account', 'all'];

/** How explicit an instruction's scope is; 0 is the most. */
export function scopeRank({ scope }: Instruction): number {
  return scopeOrder.indexOf(scope);
}

/** Whether an instruction is in force at an instant. */
export function isInForce(instruction: Instruction, nowMs: number): boolean {
  return instruction.fromMs <= nowMs && (instruction.untilMs === null || nowMs < instruction.untilMs);
}

/** Whether an instruction speaks of exactly this record: what may shorten its time. */
export function covers(instruction: Instruction, record: RecordFacts): boolean {
  switch (instruction.scope) {
    case 'all':
      return true;
    case 'account':
      return record.customer === instruction.customer;
    case 'number':
      return (record.numbers ?? []).some(field => isNumber(field, instruction.number ?? ''));
    case 'record':
      return instruction.record !== null && isRecord(instruction.record, record);
  }
}

/**
 * Whether an instruction may speak of this record: under an id or number written a little differently, under the row that
 * it is a part of, or since nothing says whose the record is. What may lengthen its time.
 */
export function mayCover(instruction: Instruction, record: RecordFacts): boolean {
  if (covers(instruction, record) || instructionDoubt(instruction, record) !== null) return true;
  const { customer, number } = instruction;
  if (instruction.record !== null) return mayBeRecord(instruction.record, record);
  if (customer !== null && typeof record.customer === 'string')
    return mayBeSameCustomer(customer, record.customer);
  return number !== null && (record.numbers ?? []).some(field => mayNameNumber(field, number));
}

/** Why it cannot be told whether an instruction speaks of a record; null where it can. */
export function instructionDoubt({ scope }: Instruction, record: RecordFacts): string | null {
  if (scope === 'account' && typeof record.customer !== 'string') return WHOSE;
  return scope === 'number' && (record.numbers ?? []).length === 0 ? NUMBERS : null;
}

/** What a record does not tell, in the words of findings. */
export const WHOSE = 'whose it is cannot be told';
export const NUMBERS = 'its numbers cannot be told';
