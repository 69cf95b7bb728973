/**
 * Runs end-to-end test files, each in a process of its own, several at a time and those that take longest first:
 * `run.ts FILE…`. `node --test` would begin with the first of the alphabet, and wait for the longest at the end.
 */
import { basename } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

/** Most of a file's time is spent waiting for streams to end and windows to fill, so two cores carry more than two files. */
const AT_A_TIME = 4;
const FILE_TIMEOUT_MS = 600_000;

/** By what they took on two cores, the longest first. The others follow in the order they are given. */
const LONGEST = [
  'main-job',
  'killed-upgrade',
  'pitfalls-balancer',
  'pitfalls-cluster',
  'krew',
  'script',
  'killed',
  'roles',
  'upgrade',
  'debug-image',
  'canary',
];

const rank = (file: string): number => {
  const at = LONGEST.indexOf(basename(file, '.test.ts'));
  return at < 0 ? LONGEST.length : at;
};

const files = process.argv.slice(2).sort((a, b) => rank(a) - rank(b));
if (files.length === 0) throw new Error('usage: run.ts FILE…');

const concurrency = Number(process.env['E2E_AT_A_TIME'] ?? AT_A_TIME);
const stream = run({ files, concurrency, timeout: FILE_TIMEOUT_MS });
stream.on('test:fail', () => {
  process.exitCode = 1;
});
stream.compose(new spec()).pipe(process.stdout);
