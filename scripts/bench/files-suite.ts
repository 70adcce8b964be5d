// Recordings in a folder for each day, all of them due: ours with the evidence of every file, against `find -delete`,
// which leaves none.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { toneWav } from '../wav.ts';
import { WrongRun } from './check-rows.ts';
import { runAndVerify } from './ours.ts';
import { addDays } from './period.ts';
import type { Run } from './result.ts';
import { done, retentionFolder } from './retention-folder.ts';
import { say } from './say.ts';
import { figureOf, goal, ratioOf, rowsPerSecond } from './spread.ts';
import { measure, type Setup, type Suite } from './suite.ts';
import { type Timed, timedProcess, together } from './timed-process.ts';

const DAYS = 400;
const PERIOD = 'P30D';
const [OURS, FIND] = ['ours', 'find -delete'];

/** What both get: the root of a fresh tree, and an empty folder. */
interface Place {
  readonly root: string;
  readonly scratch: string;
  readonly setup: Setup;
}

type Act = () => Promise<{ readonly processes: readonly Timed[]; readonly says: number | null }>;

const contestants: Readonly<Record<string, (place: Place) => Promise<Act>>> = {
  [OURS]: async ({ root, scratch, setup }) => {
    const store = { store: 'bench', kind: 'filesystem', root, canary: '.canary', datasets: [dataset] };
    const { calendar } = setup;
    const folder = await retentionFolder({
      path: scratch,
      calendar,
      period: PERIOD,
      pace: {},
      store,
      env: {},
    });
    return () => runAndVerify(folder);
  },
  [FIND]: async ({ root }) => {
    const command = ['find', root, '-type', 'f', '-name', '*.wav', '-delete'];
    return async () => ({ processes: [done(await timedProcess(command))], says: null });
  },
};

const dataset = {
  dataset: 'recordings',
  folder: '',
  pattern: '(?<start>\\d{4}/\\d{2}/\\d{2})/(?<customer>\\d+)-[^/]+\\.wav',
  class: 'call-recording',
  customer: 'customer',
  start: { event: 'recorded', column: 'start', unit: 'text', format: 'yyyy/MM/dd', zone: 'UTC' },
};

export const files: Suite = {
  name: 'files',
  measures: ['files'],
  act: async setup => {
    const count = Math.round(setup.rows / 25);
    const master = masterTree(setup, count);
    const runs: Run[] = [];
    for (let round = 1; round <= setup.rounds; round += 1) {
      for (const name of [OURS, FIND]) runs.push(await oneRun(setup, { master, count, name, round }));
    }
    return {
      runs,
      measures: [
        measure(
          'files',
          [goal('ours / find -delete', 'x', ratioOf(runs, [OURS, FIND], rowsPerSecond), '>=', 0.5)],
          [OURS, FIND].map(name => ({
            label: `${name}: files/s`,
            unit: '',
            value: figureOf(runs, name, rowsPerSecond),
          })),
        ),
      ],
    };
  },
};

interface FileRun {
  readonly master: string;
  readonly count: number;
  readonly name: string;
  readonly round: number;
}

async function oneRun(setup: Setup, { master, count, name, round }: FileRun): Promise<Run> {
  const [root, scratch] = [join(setup.work, 'tree'), join(setup.work, 'scratch')];
  for (const path of [root, scratch]) rmSync(path, { recursive: true, force: true });
  execFileSync('cp', ['-a', '--reflink=auto', master, root]);
  execFileSync('sync', ['-f', root]);
  try {
    const act = await contestants[name]?.({ root, scratch, setup });
    if (act === undefined) throw new Error(`no contestant ${name}`);
    const { processes, says } = await act();
    const left = recordings(root);
    if (left > 0) throw new WrongRun(`${left} of ${count} recordings are left`);
    if (others(root) !== others(master)) throw new WrongRun('files that are no recordings have changed');
    if (says !== null && says !== count)
      throw new WrongRun(`${count} recordings are gone, and its evidence is of ${says}`);
    const { wallMs, cpuMs, peakMb } = together(processes);
    say(`  files round ${round}  ${name.padEnd(20)} ${(wallMs / 1000).toFixed(2)} s`);
    return {
      suite: 'files',
      round,
      contestant: name,
      records: count,
      wallMs,
      settledMs: null,
      clientCpuMs: cpuMs,
      clientPeakMb: peakMb,
      server: null,
      checked: `all ${count} recordings gone, other files unchanged`,
      more: {},
    };
  } finally {
    for (const path of [root, scratch]) rmSync(path, { recursive: true, force: true });
  }
}

/** Recordings, and now and then a file that is none: it has to stay. Made once for all rounds. */
function masterTree(setup: Setup, count: number): string {
  const newest = addDays(setup.calendar.day, -60);
  const master = join(setup.work, 'masters', `files-${count}-${newest}`);
  if (existsSync(master)) return master;
  say(`making ${count.toLocaleString('en')} recordings`);
  const unfinished = `${master}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  const sound = toneWav(440, 100);
  for (let index = 0; index < count; index += 1) {
    const day = addDays(newest, -(index % DAYS)).replaceAll('-', '/');
    const file = join(unfinished, day, `${1000 + (index % 997)}-call-${index}.wav`);
    if (index < DAYS) {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(join(dirname(file), 'notes.txt'), `kept, ${day}`);
    }
    writeFileSync(file, sound);
  }
  writeFileSync(join(unfinished, '.canary'), '');
  renameSync(unfinished, master);
  return master;
}

function recordings(root: string): number {
  const options = ['-type', 'f', '-name', '*.wav', '-printf', '.'];
  return execFileSync('find', [root, ...options], { encoding: 'utf8' }).length;
}

/** Names and contents of everything else, as one text. */
function others(root: string): string {
  const list = `find . -type f ! -name '*.wav' -print0 | sort -z | xargs -0 sha256sum`;
  return execFileSync('bash', ['-c', list], { cwd: root, encoding: 'utf8' });
}
