/** No upgrade goes on over a sick pod: it looks at the updated pods before the next batch. */

import type { Facts } from '../../core/facts/facts.ts';
import { ordinalsText } from '../../core/target/ordinals.ts';
import { isOutdated, notServingBecause, podsAt } from '../../core/target/pod.ts';
import { formatDuration } from '../../core/values/duration.ts';
import { parseTime } from '../../core/values/time.ts';
import { deadlineOf } from '../guard/deadline.ts';
import { serverNowMs } from '../guard/server-time.ts';
import { confirmWeights, verify } from './limited-steps.ts';
import type { Run } from './run.ts';

/** Everything updated so far is looked at, and what an earlier run did not observe long enough, is observed. Throws what verify throws. */
export async function observeUpdated(run: Run, facts: Facts): Promise<void> {
  const { world, intent, soaked } = run;
  const updated = facts.pods.filter((pod) => !isOutdated(pod, facts.set) && !facts.drainSet.includes(pod.ordinal));
  if (updated.length === 0) return;
  const ordinals = updated.map((pod) => pod.ordinal);
  const sick = updated.filter((pod) => notServingBecause(pod, facts.set) !== undefined);
  // A run that was killed may have written weights that the load balancer does not show yet: that is no fault of the pods.
  if (sick.length === 0) await confirmWeights(world, intent, ordinals, deadlineOf(world, intent));
  const young = updated.filter(
    (pod) => !soaked.has(pod.uid) && !(serverNowMs(world) - parseTime(pod.readySince) >= intent.soakMs),
  );
  if (young.length > 0)
    await observeFor(
      run,
      facts,
      young.map((pod) => pod.ordinal),
    );
  await verify(world, { ...intent, ordinals: sick.length > 0 ? sick.map((pod) => pod.ordinal) : ordinals, forMs: 0 });
}

/** For the whole soak. Throws what verify throws. */
export async function observeFor(run: Run, facts: Facts, ordinals: readonly number[]): Promise<void> {
  const { world, intent, soaked } = run;
  if (intent.soakMs > 0)
    world.report.progress(`observing ${ordinalsText(ordinals)} for ${formatDuration(intent.soakMs)}`);
  await verify(world, { ...intent, ordinals, forMs: intent.soakMs });
  for (const pod of podsAt(facts.pods, ordinals)) soaked.add(pod.uid);
}
