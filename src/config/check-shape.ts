// A YAML value against its schema: the value when it fits, or every mistake with its place and a hint.
import type { z } from 'zod';
import type { Problem } from '../errors.ts';
import { PERIOD_HINT } from '../policy/period.ts';
import type { YamlFile } from './yaml-file.ts';

export type Shaped<T> = { readonly value: T } | { readonly problems: readonly Problem[] };

export function checkShape<T>(file: YamlFile, schema: z.ZodType<T>): Shaped<T> {
  if (file.problems.length > 0) return { problems: file.problems };
  const result = schema.safeParse(file.value, { reportInput: true });
  if (result.success) return { value: result.data };
  return { problems: result.error.issues.flatMap(issue => problemsOf(file, issue)) };
}

function problemsOf(file: YamlFile, issue: z.core.$ZodIssue): Problem[] {
  const one = (message: string, hint: string): Problem[] => [file.problem(issue.path, message, hint)];
  // An item of a list goes by the list's key.
  const key = String(issue.path.findLast(part => typeof part !== 'number') ?? '');
  const hint = hintsByKey[key] ?? `Write ${wanted(issue)}`;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map(unknown =>
      file.problem(
        [...issue.path, unknown],
        `"${unknown}" is not a key here`,
        'Mend its spelling or take it out: an ignored key is a rule that nobody follows',
      ),
    );
  }
  if (issue.code === 'custom') {
    return one(issue.message, String(issue.params?.hint ?? 'See the schema beside this folder'));
  }
  if (issue.path.length === 0 && issue.input === null)
    return one('this file is empty', 'Fill it, or take it away');
  if (isMissing(issue)) return one(`"${key}" is missing`, hint.replace(/^Write/, 'Add it:'));
  switch (issue.code) {
    case 'invalid_type':
      return one(`this must be ${wanted(issue)}`, hintsByKey[key] ?? written(issue));
    case 'invalid_value':
      return one(`${describe(issue.input)} is not one of the values allowed here`, hint);
    case 'invalid_union':
      return (
        nearest(issue)?.flatMap(inner => problemsOf(file, at(issue.path, inner))) ?? one(unfit(issue), hint)
      );
    case 'too_small':
      return issue.origin === 'array'
        ? one('this list is empty', 'Name at least one')
        : one(`${describe(issue.input)} is too small`, hint);
    case 'too_big':
      return one(`${describe(issue.input)} is too much`, hint);
    default:
      return one(issue.message, 'See the schema beside this folder');
  }
}

/** What to write, where the key says more than its type. Nothing is quoted of a URL: it may hold a password. */
const hintsByKey: Readonly<Record<string, string>> = {
  period: PERIOD_HINT,
  url: 'Write { env: RETENTION_TELECOM_URL }, the name of an environment variable, never the URL itself',
  readUrl:
    'Write { env: RETENTION_TELECOM_READ_URL }, the name of an environment variable, never the URL itself',
  replicas:
    'Write [{ env: RETENTION_TELECOM_REPLICA_1_URL }], names of environment variables, never the URLs themselves',
};

function isMissing(issue: z.core.$ZodIssue): boolean {
  if (issue.code === 'invalid_union' && issue.discriminator !== undefined) return chosen(issue) === undefined;
  return issue.input === undefined;
}

/** The value of the key that tells the shapes apart; zod gives the object that it stands in. */
function chosen(issue: z.core.$ZodIssueInvalidUnion): unknown {
  return (issue.input as Record<string, unknown>)[issue.discriminator ?? ''];
}

function unfit(issue: z.core.$ZodIssueInvalidUnion): string {
  return issue.discriminator === undefined
    ? `${describe(issue.input)} does not fit here`
    : `${describe(chosen(issue))} is not one of the values allowed here`;
}

/** Of several shapes the one that was meant: the only one of the right type, where something inside it is wrong. */
function nearest(issue: z.core.$ZodIssueInvalidUnion): z.core.$ZodIssue[] | null {
  const meant = issue.errors.filter(issues =>
    issues.every(
      inner => inner.path.length > 0 || !['invalid_type', 'invalid_value'].includes(inner.code ?? ''),
    ),
  );
  return meant.length === 1 ? (meant[0] ?? null) : null;
}

function at(path: readonly PropertyKey[], issue: z.core.$ZodIssue): z.core.$ZodIssue {
  return { ...issue, path: [...path, ...issue.path] };
}

/** What an issue asks for, in words that can follow "write". */
function wanted(issue: z.core.$ZodIssue): string {
  const words = [...new Set(alternatives(issue))];
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;
}

function alternatives(issue: z.core.$ZodIssue): string[] {
  switch (issue.code) {
    case 'invalid_type':
      return [nouns[issue.expected] ?? issue.expected];
    case 'invalid_value':
      return issue.values.map(String);
    case 'invalid_union':
      return 'options' in issue && Array.isArray(issue.options)
        ? issue.options.map(String)
        : issue.errors.flatMap(issues => {
            const first = issues.find(inner => inner.path.length === 0);
            const plain = first?.code === 'invalid_type' || first?.code === 'invalid_value';
            return plain ? alternatives(first) : ['a group of keys'];
          });
    case 'too_small':
      return [issue.inclusive ? `${issue.minimum} or more` : `more than ${issue.minimum}`];
    case 'too_big':
      return [`${issue.maximum} or less`];
    default:
      return ['something else'];
  }
}

const nouns: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a group of keys',
  record: 'a group of keys',
  null: 'null',
};

function written(issue: z.core.$ZodIssueInvalidType): string {
  if (issue.input === null) return 'Nothing is written here';
  const quotable = issue.expected === 'string' && typeof issue.input !== 'object';
  return `It is written as ${describe(issue.input)}${quotable ? ': put it in quotes' : ''}`;
}

function describe(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
