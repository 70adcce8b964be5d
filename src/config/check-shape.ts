// A YAML value against its schema: the value when it fits, or every mistake with its place and a hint.
import type { z } from 'zod';
import type { Problem } from '../errors.ts';
import type { YamlFile } from './yaml-file.ts';

export type Shaped<T> = { readonly value: T } | { readonly problems: readonly Problem[] };

export function checkShape<T>(file: YamlFile, schema: z.ZodType<T>): Shaped<T> {
  if (file.problems.length > 0) return { problems: file.problems };
  const result = schema.safeParse(file.value);
  if (result.success) return { value: result.data };
  return { problems: result.error.issues.flatMap(issue => problemsOf(file, issue)) };
}

function problemsOf(file: YamlFile, issue: z.core.$ZodIssue): Problem[] {
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map(key =>
        file.problem(
          [...issue.path, key],
          `"${key}" is not a key here`,
          'Mend its spelling or take it out: an ignored key is a rule that nobody follows',
        ),
      );
    case 'invalid_type':
      return [
        issue.input === undefined
          ? file.problem(
              issue.path,
              `"${String(issue.path.at(-1) ?? 'the document')}" is missing`,
              `Add it: ${issue.expected}`,
            )
          : file.problem(
              issue.path,
              `this must be ${article(issue.expected)}`,
              `It is written as ${describe(issue.input)}`,
            ),
      ];
    case 'invalid_value':
      return [
        file.problem(
          issue.path,
          `${describe(issue.input)} is not one of the values allowed here`,
          `Write ${issue.values.map(String).join(', ')}`,
        ),
      ];
    case 'invalid_union':
      return [
        file.problem(
          issue.path,
          `${describe(issue.input)} has none of the shapes allowed here`,
          unionHint(issue),
        ),
      ];
    case 'custom':
      return [
        file.problem(
          issue.path,
          issue.message,
          String(issue.params?.['hint'] ?? 'See the schema beside this folder'),
        ),
      ];
    default:
      return [file.problem(issue.path, issue.message, 'See the schema beside this folder')];
  }
}

function unionHint(issue: z.core.$ZodIssueInvalidUnion): string {
  const reasons = issue.errors.map(error => error[0]?.message).filter(message => message !== undefined);
  return `None fits: ${[...new Set(reasons)].join('; ')}`;
}

function article(expected: string): string {
  return /^[aeiou]/.test(expected) ? `an ${expected}` : `a ${expected}`;
}

function describe(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
