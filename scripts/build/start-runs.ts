/** The runs that a build makes to learn what the plugin needs at its start: of help, of verbs that ask a cluster and the cloud. */

import type { BareCluster } from '../../sandbox/bare/bare-cluster.ts';
import { startChild } from '../../sandbox/bare/child.ts';
import type { StartRun } from './compiled-code.ts';

/** The runs that start together: the runs of each need what the ones before it need, and more. */
export interface StartRuns {
  /** Without a cluster. */
  start: readonly StartRun[];
  /** With a cluster, without the cloud. */
  cluster: readonly StartRun[];
  cloud: readonly StartRun[];
}

const START = [['version', '--client'], ['--help'], ['drain', '--help']] as const;
const CLUSTER = [
  ['status', 'web', '--no-cloud'],
  ['status', 'web', '--no-cloud', '-o', 'json'],
] as const;
const CLOUD = [
  ['status', 'web'],
  ['drain', 'web', '0', '--dry-run=server'],
  ['restore', 'web', '--weights-only', '--dry-run=server'],
] as const;

/** Ten, so that one may be drained. */
const PODS = 10;

/**
 * Starts a cluster with its cloud, and hands over the runs; they hold as long as `use` does. None of them writes: a run
 * that comes between two writes of the controller needs other functions than one that comes after, and every build has to
 * keep the same ones (`make dist-check`).
 */
export async function withStartRuns<T>(use: (runs: StartRuns) => Promise<T>): Promise<T> {
  const bare = await startChild<BareCluster>(new URL('../../sandbox/bare/bare-cluster.ts', import.meta.url));
  try {
    const env = await bare.ask('environment');
    const { namespace } = await bare.ask('createSet', PODS);
    const there = (words: readonly string[]): StartRun => ({ words: [...words, '-n', namespace], env });
    return await use({
      start: START.map((words) => ({ words })),
      cluster: CLUSTER.map(there),
      cloud: CLOUD.map(there),
    });
  } finally {
    await bare.stop();
  }
}
