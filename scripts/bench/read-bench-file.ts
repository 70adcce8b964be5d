// Reads a benchmark's JSON file; refuses one of another shape.
import { readFileSync } from 'node:fs';
import { type BenchFile, SHAPE } from './result.ts';

export function readBenchFile(path: string): BenchFile {
  const file = JSON.parse(readFileSync(path, 'utf8')) as BenchFile;
  if (file.shape !== SHAPE) throw new Error(`${path} is of shape ${file.shape}, and this reads ${SHAPE}`);
  return file;
}
