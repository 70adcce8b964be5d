// Holds the manifests in jobs/kubernetes to the Kubernetes schema, strictly, and to what a job that deletes must be:
// never twice at once, without rights it does not use, final in its refusals. No cluster is needed.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ErrorObject, type SchemaObject, type ValidateFunction } from 'ajv';
import { CronJob } from 'kubernetes-models/batch/v1';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import type { CronJob as CronJobShape } from 'kubernetes-types/batch/v1.js';
import type { PodSpec } from 'kubernetes-types/core/v1.js';
import { createGenerator } from 'ts-json-schema-generator';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';

const repo = join(import.meta.dirname, '..', '..');
const folder = join(repo, 'jobs', 'kubernetes');

type Manifest = { apiVersion: string; kind: string };
type Check = (manifest: Manifest) => string[];

const files = readdirSync(folder).filter(name => /\.ya?ml$/.test(name));
const documents = files.flatMap(file =>
  parseAllDocuments(readFileSync(join(folder, file), 'utf8')).map((document, index) => {
    if (document.errors.length > 0) throw new Error(`${file}: ${document.errors.join('; ')}`);
    return { file, name: `${file}#${index}`, manifest: document.toJS() as Manifest };
  }),
);
const cronJobs = documents.filter(({ manifest }) => manifest.kind === 'CronJob').map(asCronJob);

// Two validators, for neither is enough: the models know the enums and let unknown fields pass, the shapes know every
// field and take any string for an enum.
const kinds: Record<string, { model: Check; shape: Check }> = {
  'batch/v1 CronJob': {
    model: modelCheck(data => new CronJob(data as CronJob).validate()),
    shape: shapeCheck('batch/v1.d.ts', 'CronJob'),
  },
  'networking.k8s.io/v1 NetworkPolicy': {
    model: modelCheck(data => new NetworkPolicy(data as NetworkPolicy).validate()),
    shape: shapeCheck('networking/v1.d.ts', 'NetworkPolicy'),
  },
};

describe('the schema', () => {
  test('finds the manifests', () => {
    expect(cronJobs.map(({ file }) => file)).toEqual(
      expect.arrayContaining([
        'cronjob-nightly.yaml',
        'cronjob-weekly-report.yaml',
        'cronjob-audit-verify.yaml',
      ]),
    );
  });

  test.each(documents)('accepts $name', ({ manifest }) => {
    expect(problems(manifest)).toEqual([]);
  });

  test.each([
    [
      'a misspelt field',
      'backoffLimit:',
      'backOffLimit:',
      ['shape: /spec/jobTemplate/spec unknown backOffLimit'],
    ],
    ['a field in the wrong case', 'timeZone:', 'timezone:', ['shape: /spec unknown timezone']],
    [
      'a wrong enum',
      'concurrencyPolicy: Forbid',
      'concurrencyPolicy: Never',
      ['model: /spec/concurrencyPolicy'],
    ],
    ['a wrong restart policy', 'restartPolicy: Never', 'restartPolicy: Sometimes', ['restartPolicy']],
    ['a wrong action', 'action: Ignore', 'action: Retry', ['podFailurePolicy/rules/1/action']],
    ['a wrong type', 'suspend: false', 'suspend: "no"', ['model: /spec/suspend', 'shape: /spec/suspend']],
    ['a missing field', "schedule: '15 2 * * *'", '', ['model: /spec', 'shape: /spec']],
    ['a field out of place', 'emptyDir:\n', 'emptydir:\n', ['unknown emptydir']],
    ['an unknown kind', 'kind: CronJob', 'kind: Cronjob', ['no validator for batch/v1 Cronjob']],
  ])('refuses %s', (_what, from, to, expected) => {
    const found = problems(nightlyWith(from, to) as unknown as Manifest);
    for (const part of expected) expect(found.join('\n')).toContain(part);
    expect(found).not.toEqual([]);
  });
});

describe.each(cronJobs)('$file', ({ cronJob }) => {
  test('is hardened', () => {
    assertHardened(cronJob);
  });

  test('takes every secret from a Secret', () => {
    assertSecretsByReference(cronJob);
  });

  test('runs a job that exists', () => {
    expect(missingJobs(cronJob, name => existsSync(join(repo, 'jobs', `${name}.yaml`)))).toEqual([]);
  });

  // A ceiling is kept from one run to the next, so the program must know when the cluster runs it next.
  test('runs when its job says', () => {
    for (const name of jobNames(cronJob)) {
      const job = parse(readFileSync(join(repo, 'jobs', `${name}.yaml`), 'utf8')) as Record<string, string>;
      expect([cronJob.spec?.schedule, cronJob.spec?.timeZone]).toEqual([job.schedule, job.zone]);
    }
  });

  // What an API server checks and a schema cannot.
  test('refers only to what it declares', () => {
    const pod = podOf(cronJob);
    const mounted = pod.containers.flatMap(({ volumeMounts = [] }) => volumeMounts.map(({ name }) => name));
    expect(new Set(mounted)).toEqual(new Set((pod.volumes ?? []).map(({ name }) => name)));
    expect(cronJob.spec?.jobTemplate.spec?.podFailurePolicy?.rules[0]?.onExitCodes?.containerName).toBe(
      pod.containers[0]?.name,
    );
    expect(() => new Intl.DateTimeFormat('en', { timeZone: cronJob.spec?.timeZone ?? '' })).not.toThrow();
  });

  test('names the version of this package', () => {
    const { version } = JSON.parse(readFileSync(join(repo, 'package.json'), 'utf8')) as { version: string };
    expect(podOf(cronJob).containers.map(({ image }) => image)).toEqual([`retention:${version}`]);
    expect(cronJob.metadata?.labels).toMatchObject({ 'app.kubernetes.io/version': version });
  });

  test('is selected by the network policy', () => {
    const policies = documents.filter(({ manifest }) => manifest.kind === 'NetworkPolicy');
    expect(policies).toHaveLength(1);
    for (const { manifest } of policies) {
      const { spec } = manifest as unknown as { spec: { podSelector: { matchLabels: object } } };
      expect(cronJob.spec?.jobTemplate.spec?.template.metadata?.labels).toMatchObject(
        spec.podSelector.matchLabels,
      );
    }
  });
});

describe('the mark of the last ledger', () => {
  test('outlives the pod that enforces', () => {
    const pod = podOf(cronJobOf('cronjob-nightly.yaml'));
    const [container] = pod.containers;
    const at = container?.env?.find(({ name }) => name === 'RETENTION_STATE')?.value;
    const mount = container?.volumeMounts?.find(({ mountPath }) => mountPath === at);
    expect(mount?.readOnly ?? false).toBe(false);
    const volume = pod.volumes?.find(({ name }) => name === mount?.name);
    expect(volume?.persistentVolumeClaim?.claimName).toBe('retention-state');
  });
});

describe('the recordings', () => {
  test.each([
    ['cronjob-nightly.yaml', [false]],
    ['cronjob-weekly-report.yaml', [true]],
    ['cronjob-audit-verify.yaml', []],
  ])('%s mounts them read-only: %j', (file, expected) => {
    const mounts = podOf(cronJobOf(file)).containers.flatMap(({ volumeMounts = [] }) => volumeMounts);
    const recordings = mounts.filter(({ name }) => name === 'recordings');
    expect(recordings.map(({ readOnly = false }) => readOnly)).toEqual(expected);
  });

  test('only the nightly run holds the credentials that may delete', () => {
    const holders = cronJobs.filter(({ cronJob }) => secretKeys(cronJob).includes('telecom-url'));
    expect(holders.map(({ file }) => file)).toEqual(['cronjob-nightly.yaml']);
  });
});

describe('the requirements can fail', () => {
  test.each([
    ['concurrencyPolicy: Forbid', 'concurrencyPolicy: Allow'],
    ['startingDeadlineSeconds: 7200', ''],
    ['timeZone: Etc/UTC', ''],
    ['automountServiceAccountToken: false', 'automountServiceAccountToken: true'],
    ['runAsNonRoot: true', 'runAsNonRoot: false'],
    ['runAsUser: 1000', 'runAsUser: 0'],
    ['readOnlyRootFilesystem: true', ''],
    ['allowPrivilegeEscalation: false', ''],
    ['drop: [ALL]', 'drop: [NET_RAW]'],
    ['type: RuntimeDefault', 'type: Unconfined'],
    ['memory: 256Mi', 'memory: 512Mi'],
    ['activeDeadlineSeconds: 18000', ''],
    ['backoffLimit: 0', 'backoffLimit: 6'],
    ['values: [2, 3, 5]', 'values: [2, 5]'],
    ['restartPolicy: Never', 'restartPolicy: OnFailure'],
    ['failedJobsHistoryLimit: 7', ''],
    ['terminationGracePeriodSeconds: 120', 'terminationGracePeriodSeconds: 30'],
    ['mountPath: /tmp', 'mountPath: /var/tmp'],
  ])('%s -> %s', (from, to) => {
    expect(() => assertHardened(nightlyWith(from, to))).toThrow();
  });

  test('a secret written out', () => {
    const literal = nightlyWith(
      /name: RETENTION_HASH_KEY\n\s+valueFrom:(\n\s+.*){3}/,
      'name: RETENTION_HASH_KEY\n                  value: k',
    );
    expect(() => assertSecretsByReference(literal)).toThrow(/RETENTION_HASH_KEY/);
  });

  test('a job that does not exist', () => {
    expect(missingJobs(nightlyWith('[run, nightly]', '[run, nightlie]'), name => name === 'nightly')).toEqual(
      ['nightlie'],
    );
  });
});

function problems(manifest: Manifest): string[] {
  const kind = `${manifest.apiVersion} ${manifest.kind}`;
  const checks = kinds[kind];
  if (checks === undefined) return [`no validator for ${kind}`];
  return [...checks.model(manifest), ...checks.shape(manifest)];
}

function modelCheck(validate: (data: Manifest) => void): Check {
  return manifest => {
    try {
      validate(manifest);
      return [];
    } catch (error) {
      const { errors } = error as { errors?: ErrorObject[] };
      if (errors === undefined) throw error;
      return errors.map(
        ({ instancePath, message = '', keyword }) => `model: ${instancePath} ${message || keyword}`,
      );
    }
  };
}

// Reads the published types into a JSON schema that forbids what they do not name; made once for each kind.
function shapeCheck(file: string, type: string): Check {
  let compiled: ValidateFunction | undefined;
  return manifest => {
    compiled ??= compileShape(file, type);
    const valid: boolean = compiled(manifest);
    if (valid) return [];
    return (compiled.errors ?? []).map(({ instancePath, message, params }) => {
      const { additionalProperty } = params as { additionalProperty?: string };
      return `shape: ${instancePath} ${additionalProperty === undefined ? message : `unknown ${additionalProperty}`}`;
    });
  };
}

function compileShape(file: string, type: string): ValidateFunction {
  const path = join(repo, 'node_modules', 'kubernetes-types', file);
  const generator = createGenerator({ path, type, skipTypeCheck: true, additionalProperties: false });
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  return ajv.compile(generator.createSchema(type) as SchemaObject);
}

function assertHardened(cronJob: CronJobShape): void {
  const pod = podOf(cronJob);
  expect(cronJob.spec).toMatchObject({
    concurrencyPolicy: 'Forbid',
    timeZone: expect.stringMatching(/./),
    startingDeadlineSeconds: expect.any(Number),
    successfulJobsHistoryLimit: expect.any(Number),
    failedJobsHistoryLimit: expect.any(Number),
  });
  expect(cronJob.spec?.jobTemplate.spec).toMatchObject({
    backoffLimit: 0,
    activeDeadlineSeconds: expect.any(Number),
    podFailurePolicy: {
      rules: [
        { action: 'FailJob', onExitCodes: { operator: 'In', values: [2, 3, 5] } },
        { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] },
      ],
    },
  });
  expect(pod).toMatchObject({
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: 120,
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
  });
  expect(pod.initContainers).toBeUndefined();
  expect(pod.containers).toHaveLength(1);
  for (const container of pod.containers) {
    expect(container).toMatchObject({
      securityContext: {
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
      },
      resources: {
        requests: { cpu: expect.any(String), memory: expect.any(String) },
        limits: { cpu: expect.any(String), memory: '256Mi' },
      },
      volumeMounts: expect.arrayContaining([{ name: 'tmp', mountPath: '/tmp' }]),
    });
  }
  expect(pod.volumes).toContainEqual({ name: 'tmp', emptyDir: expect.any(Object) });
}

function assertSecretsByReference(cronJob: CronJobShape): void {
  const secret = /^RETENTION_(LEDGER|HASH_KEY|\w+_URL)$/;
  const entries = podOf(cronJob).containers.flatMap(({ env = [] }) =>
    env.filter(({ name }) => secret.test(name)),
  );
  expect(entries.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['RETENTION_LEDGER', 'RETENTION_HASH_KEY']),
  );
  for (const { name, value, valueFrom } of entries) {
    expect({ name, value, secret: valueFrom?.secretKeyRef?.name }).toEqual({
      name,
      value: undefined,
      secret: 'retention',
    });
  }
}

function missingJobs(cronJob: CronJobShape, exists: (job: string) => boolean): string[] {
  const commands = podOf(cronJob).containers.map(({ args = [] }) => args);
  for (const args of commands) expect(args).not.toEqual([]);
  return commands.flatMap(([command, job = '']) => (command === 'run' && !exists(job) ? [job] : []));
}

function jobNames(cronJob: CronJobShape): string[] {
  return podOf(cronJob).containers.flatMap(({ args = [] }) => (args[0] === 'run' ? (args[1] ?? []) : []));
}

function secretKeys(cronJob: CronJobShape): string[] {
  const entries = podOf(cronJob).containers.flatMap(({ env = [] }) => env);
  return entries.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef?.key ?? []);
}

function podOf(cronJob: CronJobShape): PodSpec {
  const pod = cronJob.spec?.jobTemplate.spec?.template.spec;
  if (pod === undefined) throw new Error('a CronJob without a pod');
  return pod;
}

function asCronJob({ file, manifest }: { file: string; manifest: Manifest }) {
  return { file, cronJob: manifest as CronJobShape };
}

function cronJobOf(file: string): CronJobShape {
  const found = cronJobs.find(entry => entry.file === file);
  if (found === undefined) throw new Error(`no CronJob in ${file}`);
  return found.cronJob;
}

// The nightly manifest with one thing changed in its text, as a person would change it.
function nightlyWith(from: string | RegExp, to: string): CronJobShape {
  const text = readFileSync(join(folder, 'cronjob-nightly.yaml'), 'utf8');
  const changed = text.replace(from, to);
  if (changed === text) throw new Error(`the nightly manifest has no ${from}`);
  return parse(changed) as CronJobShape;
}
