/** plan: the whole upgrade before it begins, its minimum time, and everything that would stop it. Reads only. */

import type { Facts } from '../../core/facts/facts.ts';
import type { Observation } from '../../core/facts/observation.ts';
import type { PlanIntent } from '../../core/intent/intent.ts';
import { type JobTarget, type JobWish, upgradeJob } from '../../core/job/job-manifest.ts';
import { jobTarget } from '../../core/job/job-target.ts';
import { checkpointsOf, upgradeWorkflow } from '../../core/job/workflow-manifest.ts';
import { outcome } from '../../core/outcome/build-outcome.ts';
import type { Outcome } from '../../core/outcome/outcome.ts';
import type { UpgradePlan } from '../../core/plan/upgrade-plan.ts';
import { deletionRule, strategyRule } from '../../core/safety/rules.ts';
import { without } from '../../core/target/ordinals.ts';
import { pausedRule } from '../../core/target/pause.ts';
import { ordinalsOf } from '../../core/target/stateful-set-facts.ts';
import { regularOrdinals } from '../../core/target/surplus.ts';
import { overriding } from '../../ports/overriding.ts';
import type { KubeObject, World } from '../../ports.ts';
import { deadlineOf } from '../guard/deadline.ts';
import { softly } from '../guard/softly.ts';
import { warnOfInside } from '../safety/inside-services.ts';
import { notChecked } from '../safety/not-checked.ts';
import { serviceRefusals } from '../safety/service-refusals.ts';
import { strangerRefusals } from '../safety/stranger-rule.ts';
import { gatherObserved } from '../target/gather-observed.ts';
import { claimedVolumes, leavingRefusals } from '../target/leave-nodes.ts';
import { observe } from '../target/observe.ts';
import { warnOfLeftBehind } from '../target/orphaned-weights.ts';
import { surplusVolumes } from '../target/surplus-volumes.ts';
import { balancerRefusals, barePlan, estimate, planResults, stepRefusals } from '../upgrade/foresee.ts';
import { checkContainers, withRestartTime, withRevisionBack } from '../upgrade/set-image.ts';

/** The outcome's details are the plan (versioned); its refusals those that its steps would meet now. Throws UsageError for an unknown container. */
export async function plan(asking: World, asked: PlanIntent): Promise<Outcome<UpgradePlan>> {
  const unchecked = new Set<string>();
  const world = overriding(asking, { notChecked: (reason) => void unchecked.add(reason) });
  const facts = await gatherObserved(world, asked, deadlineOf(world, asked));
  const timed = withRestartTime(world, withoutOwnFloor(asked), facts.set);
  warnOfLeftBehind(world, facts);
  warnOfInside(world, facts);
  checkContainers(facts.set, timed.images);
  const intent = await withRevisionBack(world, timed, facts);
  const bare = barePlan(facts, intent);
  const early = [
    ...deletionRule(facts.set),
    ...(await strangerRefusals(world, facts)),
    ...strategyRule(facts.set),
    ...(await serviceRefusals(world, facts)),
  ];
  const observation = early.length > 0 ? undefined : await observeSoftly(world, facts);
  const planned = await estimate(world, intent, facts, observation, bare);
  const refusals = [
    ...early,
    ...(await leavingRefusals(world, intent, facts)),
    // Giving weights back goes on while it is paused.
    ...(bare.batches.length + bare.surplus.length === 0 ? [] : pausedRule(facts.set)),
    ...(bare.steps.length === 0 ? [] : await stepRefusals(world, intent, facts, bare)),
    ...(observation === undefined ? [] : await balancerRefusals(world, intent, facts, observation, bare)),
  ];
  const volumes = await surplusVolumes(world, facts.set, without(bare.surplus, ordinalsOf(facts.set)));
  if (volumes !== undefined) world.report.warn(volumes.text);
  const results = planResults(planned);
  return outcome('plan', facts, intent, {
    results,
    refusals,
    details: {
      ...planned,
      ...(unchecked.size === 0 ? {} : { notChecked: [...unchecked] }),
      ...(world.place?.context ? { context: world.place.context } : {}),
      ...(intent.job === undefined
        ? {}
        : { manifest: manifestOf(facts, await targetOf(world, facts, observation, intent, bare), intent.job, bare) }),
    },
  });
}

async function targetOf(
  world: World,
  facts: Facts,
  observation: Observation | undefined,
  intent: PlanIntent,
  { surplus }: UpgradePlan,
): Promise<JobTarget> {
  const volumes = intent.nodes === undefined ? [] : await claimedVolumes(world, facts);
  return jobTarget(facts, observation, intent, { surplus, volumes });
}

function manifestOf({ set }: Facts, target: JobTarget, wish: JobWish, { batches }: UpgradePlan): KubeObject[] {
  if (wish.engine === 'job') return upgradeJob(target, wish);
  const regular = regularOrdinals(set);
  return upgradeWorkflow(target, wish, checkpointsOf(batches, without(regular, batches.flat()).length));
}

/**
 * A Job reads the workload's own floor from its annotation, as every verb does: typed, it would no longer rise with the
 * replicas and the budgets.
 */
function withoutOwnFloor(intent: PlanIntent): PlanIntent {
  const { minServing, job } = intent;
  if (minServing?.raises !== true || job === undefined) return intent;
  return { ...intent, job: { ...job, words: job.words.filter((word) => !word.startsWith('--min-serving=')) } };
}

/** A plan can be made without the load balancer: warns that its part is left out. */
async function observeSoftly(world: World, facts: Facts): Promise<Observation | undefined> {
  const observation = await softly(world, () => observe(world, facts));
  if (observation.known) return observation.value;
  notChecked(
    world,
    `the load balancer cannot be asked, so its rules are not checked, and no connections counted: ${observation.because}`,
  );
  return undefined;
}
