/**
 * Runs end-to-end test files side by side: `run.ts FILE…`. Those of one lane share a process and, by shared-cluster.ts, a
 * cluster: on two cores a good part of the time would otherwise go into starting one for every file.
 */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { text } from 'node:stream/consumers';

/** Lanes that take about as long as each other; a file in none of them runs by itself in the last one. */
const LANES: readonly (readonly string[])[] = [
  ['killed-upgrade', 'upgrade', 'killed', 'output'],
  ['states'],
  ['pitfalls-balancer', 'script', 'canary', 'weekly', 'second-writer', 'bad-input'],
  [
    'pitfalls-cluster',
    'debug-image',
    'refusals',
    'roles',
    'weights-only',
    'interrupted',
    'outage',
    'kubectl',
    'client-node',
    'asleep',
  ],
  ['workload', 'annotations'],
  ['selection', 'ports', 'owners', 'kubeconfigs'],
];
/** These start clusters of their own. */
const ALONE: readonly (readonly string[])[] = [
  ['main-job'],
  ['api-restart'],
  ['clusters'],
  ['empty-node'],
  ['job'],
  ['argo-run'],
  ['argo-fleet'],
];

/** The heading of the spec reporter. */
const FAILING_TESTS = '✖ failing tests:';
const FILE_TIMEOUT_MS = 600_000;
/** More lanes than this on one core make verbs slower than the time-outs that tests give them. */
const AT_ONCE = 2 * availableParallelism();

const files = process.argv.slice(2);
if (files.length === 0) throw new Error('usage: run.ts FILE…');

const nameOf = (file: string): string => basename(file, '.test.ts');
const lanes = [...ALONE, ...LANES].map((names) => files.filter((file) => names.includes(nameOf(file))));
const rest = files.filter((file) => !lanes.flat().includes(file));

/** Prints all of it when it is done, so that the lanes do not mix. Answers what the reporter says of the tests that failed. */
async function run(lane: readonly string[], isolation: 'none' | 'process'): Promise<string | undefined> {
  if (lane.length === 0) return undefined;
  const flags = [`--test-isolation=${isolation}`, `--test-timeout=${FILE_TIMEOUT_MS}`, '--test-reporter=spec'];
  if (isolation === 'process') flags.push('--test-concurrency=1');
  const child = spawn(process.execPath, [...process.execArgv, '--test', ...flags, ...lane], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [code, output] = await Promise.all([
    new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve)),
    text(child.stdout),
  ]);
  process.stdout.write(output);
  if (code === 0) return undefined;
  const at = output.indexOf(FAILING_TESTS);
  return at < 0 ? `${lane.map(nameOf).join(', ')} ended with exit code ${code}\n` : output.slice(at);
}

const failures: (string | undefined)[] = [];
const queue = [() => run(rest, 'process'), ...lanes.map((lane) => () => run(lane, 'none'))];
/** Takes the next lane as soon as its own is through. */
async function work(): Promise<void> {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) failures.push(await next());
}
await Promise.all(Array.from({ length: AT_ONCE }, work));
const failed = failures.filter((failure) => failure !== undefined);
if (failed.length > 0) {
  // Once more at the very end: the end of a log is read first.
  process.stdout.write(`\n${failed.join('\n')}`);
  process.exitCode = 1;
}
