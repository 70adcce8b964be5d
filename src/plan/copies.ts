// Copies of a table that a product, a script or a person has left beside it: what is purged from the one stands in the
// other, and everybody believes that it is gone. They are told by their names, in the ways in which they are named in the
// field (ViciDial `_archive` and `twoday_`, FreePBX `transient_cdr`, Kill Bill `_history`, pt-online-schema-change `_old`,
// monthly tables `cdr_202401`).
import { wordsOf } from './name-words.ts';

/** Words that stand before or after the name of what was copied. */
const COPY_WORDS =
  /^(arch(ive[ds]?)?|audit|ba?c?k(up)?s?|clone|copy|copyof|daily|del(eted)?|dump|gho|hist(ory|orical)?|last|legacy|monthly|new|old|orig(inal)?|past|prev(ious)?|purged|restored?|saved?|shadow|snap(shot)?|stag(e|ing)|temp|test|tmp|trans(ient)?|twoday|x+|yearly|z+|\d+)$/;

/** What a name is split into: words and numbers, `cdrArchive2024` into cdr, archive, 2024. */
function partsOf(name: string): string[] {
  return wordsOf(name).flatMap(word => word.split(/(?<=[a-z])(?=\d)|(?<=\d)(?=[a-z])/));
}

/** Dates and numbers say when, not what. */
function isNumber(word: string): boolean {
  return /^\d+$/.test(word);
}

/**
 * Whether a table is named like a copy of another. Every name that begins with the other's is (`cdr_x`, `cdr2`), since what
 * follows can be anything; of others those with a word for a copy before it.
 */
export function looksLikeCopy(name: string, original: string): boolean {
  const [words, own] = [partsOf(name), partsOf(original)];
  // Tables of other months are copies of the table of one.
  const stem = own.filter(word => !isNumber(word));
  if (stem.length === 0 || isSame(words, own)) return false;
  const isCopyOf = (wanted: readonly string[]): boolean =>
    around(words, wanted).some(({ before }) => before.every(isCopyWord));
  return isCopyOf(own) || isCopyOf(stem) || isRunTogether(name, original);
}

/** Whether a table is what another, by every word that the other has beside its name, is a copy of. */
export function looksLikeOriginal(name: string, copy: string): boolean {
  const [words, own] = [partsOf(copy), partsOf(name)];
  if (own.every(isNumber) || isSame(words, own)) return false;
  const isCopy = around(words, own).some(({ before, after }) => [...before, ...after].every(isCopyWord));
  return isCopy || isRunTogether(copy, name);
}

function isCopyWord(word: string): boolean {
  return COPY_WORDS.test(word);
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((word, index) => word === others[index]);
}

/** The words before and after others, wherever those stand in a name. */
function around(
  words: readonly string[],
  wanted: readonly string[],
): { readonly before: readonly string[]; readonly after: readonly string[] }[] {
  return words.flatMap((_, from) => {
    const until = from + wanted.length;
    if (!isSame(words.slice(from, until), wanted)) return [];
    return [{ before: words.slice(0, from), after: words.slice(until) }];
  });
}

/** `cdrarchive`, `oldcdr`, `cdrbak`: a word for a copy without anything between. */
function isRunTogether(name: string, original: string): boolean {
  const [whole, part] = [partsOf(name).join(''), partsOf(original).join('')];
  if (whole.startsWith(part)) return isCopyWord(whole.slice(part.length));
  return whole.endsWith(part) && isCopyWord(whole.slice(0, -part.length));
}
