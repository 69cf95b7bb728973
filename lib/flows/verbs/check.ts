/** check: everything that could stand in the way of an upgrade, found out beforehand. It reads only. */

import { accessFindings, actionFindings, withKey } from '../../core/check/check-access.ts';
import { balancerFindings } from '../../core/check/check-balancer.ts';
import { countingFindings } from '../../core/check/check-counting.ts';
import type { AskedAccess, CheckFacts, CloudFacts, PlatformFacts } from '../../core/check/check-facts.ts';
import { insideFindings } from '../../core/check/check-inside.ts';
import { lifecycleFindings } from '../../core/check/check-lifecycle.ts';
import { ownerFindings } from '../../core/check/check-owners.ts';
import { platformFindings } from '../../core/check/check-platform.ts';
import { podFindings } from '../../core/check/check-pods.ts';
import { serviceFindings } from '../../core/check/check-services.ts';
import { defaultFindings, workloadFindings } from '../../core/check/check-workload.ts';
import { type CheckDetails, type Finding, graded, warn } from '../../core/check/findings.ts';
import { withoutConsequences } from '../../core/check/held-back.ts';
import { RefusedError, StatusError } from '../../core/errors.ts';
import type { Facts } from '../../core/facts/facts.ts';
import type { CheckIntent } from '../../core/intent/intent.ts';
import type { Outcome } from '../../core/outcome/outcome.ts';
import { ordinalsText, union, without } from '../../core/target/ordinals.ts';
import { ordinalsOf } from '../../core/target/stateful-set-facts.ts';
import { type CommandAdvice, lines, own } from '../../core/values/command.ts';
import { heldCanariesText, raiseCommands, raisedByUpgrade } from '../../core/weights/held-canaries.ts';
import type { World } from '../../ports.ts';
import { askAccess } from '../check/ask-access.ts';
import { blindFindings } from '../check/blind.ts';
import { checkOutcome } from '../check/check-outcome.ts';
import { provenSources } from '../check/proven-sources.ts';
import { floorFindings, goesOnWith, readCloud } from '../check/read-cloud.ts';
import { readCluster } from '../check/read-cluster.ts';
import { setAloneFindings } from '../check/set-alone.ts';
import { triedActions } from '../check/tried-actions.ts';
import { softly } from '../guard/softly.ts';
import { lagOfSet, rolloutOfSet } from '../rollout/audit-set.ts';
import { gather } from '../target/gather.ts';
import { warnOfLeftBehind } from '../target/orphaned-weights.ts';

/** Exit code 0 without a FAIL, else 4. Throws only when TARGET itself is not there, or on abort. */
export async function check(
  world: World,
  intent: CheckIntent,
  /** The caller's permissions in the namespace, if they have been asked for before. */
  asking: Promise<AskedAccess[]> = askAccess(world),
): Promise<Outcome<CheckDetails>> {
  // It is awaited below; what fails before that ends the check, and this must not end the process by itself.
  asking.catch(() => undefined);
  const facts = await gathered(world, intent);
  const access = await asking;
  const permissions = accessFindings(access, world.kube.namespace);
  if (Array.isArray(facts))
    return report(world, intent, [
      ...facts,
      ...defaultFindings(intent.defaults),
      ...permissions,
      ...(await blindFindings(world, intent, access)),
    ]);

  const cluster = await readCluster(world, facts, intent);
  const read = await readCloud(world, facts);
  const actions = await softly(world, () =>
    triedActions(
      world,
      facts.services.map(({ service }) => service),
    ),
  );
  const cloud = withKey(read, actions);
  const proven = cloud.known ? await provenSources(world, facts, cloud.value.bindings, intent) : undefined;
  const platform: PlatformFacts = {
    access,
    actions,
    clockAheadMs: world.kube.clockAheadMs?.(),
    strays: intent.strays,
  };
  const floor =
    cloud.known && cloud.value.bindings.length > 0 ? floorFindings(facts, cloud.value.bindings, cluster, intent) : [];
  const findings = [
    ...aboutTarget(cluster, cloud.known ? cloud.value : undefined),
    ...defaultFindings(intent.defaults),
    ...(await rolloutOfSet(world, cluster, cloud, { answers: proven?.answers ?? [], measure: intent.measure })),
    ...(await lagOfSet(world, cluster, intent.measure)),
    ...balancerFindings(cluster, cloud),
    ...floor,
    ...(proven === undefined ? [NOT_COUNTED] : countingFindings(proven.answers, proven.backends)),
    ...insideFindings(facts, proven),
    ...consistency(facts),
    ...canaryFindings(facts),
    ...ownerFindings(cluster),
    ...platformFindings(cluster, platform, { rolling: facts.set.updateStrategy === 'RollingUpdate' }),
    ...permissions,
    ...actionFindings(actions),
  ];
  return report(world, intent, findings, facts.bookkept && facts.drainSet.length > 0 ? goesOnWith(facts) : undefined);
}

/** The facts; or, when rules or permissions keep them from being read, what can be said without them. */
async function gathered(world: World, intent: CheckIntent): Promise<Facts | Finding[]> {
  try {
    const facts = await gather(world, intent);
    warnOfLeftBehind(world, facts);
    return facts;
  } catch (error) {
    const skipped = warn('workload', 'not-checked', 'everything that depends on this was not checked: fix it first');
    if (error instanceof RefusedError) return [...graded('services', error.refusals), skipped];
    if (error instanceof StatusError && error.httpStatus === 403) {
      return [
        { group: 'cluster permissions', rule: 'access', level: 'FAIL', message: error.message },
        ...(await setAloneFindings(world, intent, error.message)),
      ];
    }
    throw error;
  }
}

const aboutTarget = (cluster: CheckFacts, cloud: CloudFacts | undefined): Finding[] => [
  ...workloadFindings(cluster),
  ...lifecycleFindings(
    cluster,
    (cloud?.balancers ?? []).map(({ balancer }) => balancer),
  ),
  ...serviceFindings(cluster),
  ...podFindings(cluster),
];

const NOT_COUNTED = warn(
  'counting',
  'not-checked',
  'whether connections can be counted is unknown: the load balancers cannot be read',
);

/** A drain that was interrupted between two Services or ports. */
function consistency({ consistent, drainSet, set, pods }: Facts): Finding[] {
  const message = 'the Services or ports disagree about which pods are drained: a write was interrupted';
  if (!consistent) return [warn('services', 'same-drain-set', message, own('drain', set.name, drainSet.join(',')))];
  const orphans = without(
    drainSet,
    union(
      ordinalsOf(set),
      pods.map((pod) => pod.ordinal),
    ),
  );
  if (orphans.length > 0) {
    const left = `${ordinalsText(orphans)} drained and not there: scaled up again, they would come up without traffic`;
    const back = own('restore', set.name);
    return [
      warn(
        'services',
        'drained-exist',
        left,
        orphans.length < drainSet.length ? back.note('once the batch is done') : back,
      ),
    ];
  }
  return graded('services', [], {
    'annotation-parses': `the weight annotations can be read; ${drainSet.length === 0 ? 'nothing is drained' : `drained now: ${drainSet.join(',')}`}`,
  });
}

/** An upgrade that goes on ends a canary: it raises no weight in steps. */
function canaryFindings(facts: Facts): Finding[] {
  const held = raisedByUpgrade(facts);
  if (held.length === 0) return [];
  const message = `a canary is on: ${heldCanariesText(held)}; upgrade, advance and restore give the whole weight at once`;
  const { name } = facts.set;
  return [warn('services', 'canary-weight', message, lines(...raiseCommands(name, held)))];
}

const report = (
  world: World,
  { name }: CheckIntent,
  findings: readonly Finding[],
  next: readonly CommandAdvice[] = [own('plan', name)],
): Outcome<CheckDetails> =>
  checkOutcome(world, {
    name,
    findings: withoutConsequences(findings),
    price: 'drain and recreate would be refused or fail',
    next,
  });
