#!/usr/bin/env node
// The program: its memory is settled before anything else is loaded, since a heap that has grown once stays as large.
import { setFlagsFromString } from 'node:v8';

// What a batch throws away is collected at once, not when the heap has doubled, and the space for what is new does not
// grow: a job beside a database should not take its memory. Disposing of 1,900,000 calls peaks at 126 to 129 MB with
// these and at 178 to 185 MB without, for a tenth more processor time (Node 20).
setFlagsFromString('--heap-growing-percent=20');
setFlagsFromString('--semi-space-growth-factor=1');

await import('./command-line.ts');
