// Instructions that can do nothing, whatever records they speak of: told when files are checked, since nobody would ever
// see an effect.
import { expiry } from './expiry.ts';
import type { Instruction, Policy } from './policy.ts';

/** Why an instruction can do nothing under the policies of its class; null where it can. */
export function idleReason(
  instruction: Instruction,
  policies: readonly Policy[],
  nowMs: number,
): string | null {
  const own = policies.filter(policy => policy.class === instruction.class);
  if (own.length === 0) return `class ${instruction.class} has no policy`;
  if (instruction.untilMs !== null && instruction.untilMs <= nowMs) return 'it is over';
  const ends: number[] = [];
  for (const { id, period, bound, zone } of own) {
    if (period.kind === 'unstated' || period.kind === 'forever')
      return `policy ${id} states no period that it could shorten or lengthen`;
    if (bound === 'at-least') ends.push(expiry(nowMs, period, zone));
  }
  const zone = own[0]?.zone ?? 'UTC';
  if (ends.length === 0 || expiry(nowMs, instruction.period, zone) > Math.max(...ends)) return null;
  return `class ${instruction.class} is kept for at least as long, and can only be kept longer`;
}
