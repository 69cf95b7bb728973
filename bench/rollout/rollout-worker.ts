/** A process that measures rollouts for the bench, beside others. */

import { offer } from '../../sandbox/bare/child.ts';
import type { RolloutUnit } from './kept-rollouts.ts';
import { connectionLengths } from './lengths.ts';
import { oneRollout, type Rollout, SIZE } from './one-rollout.ts';

const functions = {
  rollout: ({ pods, soakMs, distribution, seed, way }: RolloutUnit): Promise<Rollout> =>
    oneRollout({ way, size: SIZE, lengthsMs: connectionLengths(distribution, pods, seed), soakMs }),
};
export type RolloutWorker = typeof functions;

offer(functions, async () => undefined);
