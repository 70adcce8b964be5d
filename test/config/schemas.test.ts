// The published JSON Schemas: they are what the code reads by, they compile, the shipped files fit them, and a key
// that is spelt wrong does not.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { schemaFiles } from '../../scripts/write-schemas.ts';

const ROOT = join(import.meta.dirname, '../..');

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const names = (folder: string): string[] => {
  try {
    return readdirSync(join(ROOT, folder))
      .filter(file => file.endsWith('.yaml'))
      .map(file => `${folder}/${file}`);
  } catch {
    return [];
  }
};

/** Compiled as an editor would; `nullable` unions have no single type, which strict mode dislikes. */
const compiled = (path: string): ValidateFunction =>
  new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile(JSON.parse(read(path)));

describe.each(schemaFiles())('$path', ({ path, text }) => {
  test('is what npm run schemas writes', () => {
    expect(read(path)).toBe(text);
  });

  test('compiles, names itself, and takes no key it does not know', () => {
    const schema = JSON.parse(read(path)) as Record<string, unknown>;
    expect(schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: expect.stringMatching(/./),
      description: expect.stringMatching(/\.$/),
    });
    expect(schema).not.toHaveProperty('$id');
    const validate = compiled(path);
    expect(validate({ nonsense: 1 })).toBe(false);
  });
});

/** Every shipped YAML with the schema that it is read by. */
const shipped = [
  ...names('policies').map(file => ({
    file,
    schema: file.endsWith('/sub-processors.yaml')
      ? 'policies/schema/sub-processors'
      : 'policies/schema/policy',
  })),
  ...names('policies/limits').map(file => ({ file, schema: 'policies/schema/limits' })),
  ...names('policies/instructions').map(file => ({ file, schema: 'policies/schema/instruction' })),
  ...names('policies/holds').map(file => ({ file, schema: 'policies/schema/hold' })),
  ...names('jobs').map(file => ({ file, schema: 'jobs/schema/job' })),
  ...names('jobs/stores').map(file => ({ file, schema: 'jobs/schema/store' })),
];

describe.each(shipped)('$file', ({ file, schema }) => {
  const validate = compiled(`${schema}.schema.json`);

  test('fits its schema', () => {
    validate(parse(read(file)));
    expect(validate.errors ?? []).toEqual([]);
  });

  test('with a misspelt key does not', () => {
    const value = parse(read(file)) as Record<string, unknown>;
    const [[key, written] = ['', null], ...rest] = Object.entries(value);
    expect(validate(Object.fromEntries([[`${key}s`, written], ...rest]))).toBe(false);
  });

  test('names that schema for editors', () => {
    const depth = file.split('/').length - schema.split('/').length + 1;
    const from = `${depth === 0 ? './' : '../'.repeat(depth)}schema/${schema.split('/').at(-1) ?? ''}`;
    expect(read(file).split('\n')[0]).toBe(`# yaml-language-server: $schema=${from}.schema.json`);
  });
});

test('all the policies that are shipped were found', () => {
  expect(shipped.filter(one => one.schema === 'policies/schema/policy').length).toBeGreaterThan(15);
  expect(shipped.filter(one => one.schema === 'policies/schema/limits').length).toBeGreaterThan(5);
});
