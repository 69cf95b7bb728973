/** The findings about the StatefulSet itself: the choice of the moment, the order of pods, and where they can come back. */

import { strangerRule } from '../facts/strangers.ts';
import { DEFAULT_PREFIX, type JudgedDefaults } from '../intent/workload-defaults.ts';
import { customWeightRule, deletionRule, strategyRule } from '../safety/rules.ts';
import { pausedRule } from '../target/pause.ts';
import { pauseFormatRefusals } from '../target/set-format.ts';
import { kubectl, own } from '../values/command.ts';
import { field, list, text } from '../values/read.ts';
import type { CheckFacts } from './check-facts.ts';
import { type Finding, fail, figures, graded, ok, some, warn } from './findings.ts';

export function workloadFindings(facts: CheckFacts): Finding[] {
  const { set, pods } = facts;
  const refusals = [
    ...strategyRule(set),
    ...deletionRule(set),
    ...strangerRule(facts),
    ...customWeightRule(set, pods),
    ...pausedRule(set),
    ...pauseFormatRefusals(set),
  ];
  return [
    ...graded('workload', refusals, {
      'on-delete': 'updateStrategy is OnDelete: pods are deleted only on request',
      'not-deleting': `statefulset/${set.name} is not being deleted`,
      'pods-owned': 'every pod of its names is its own',
      'no-custom-weight': 'no pod has a weight of its own (custom-weight)',
    }),
    ...replicasFindings(facts),
    observedFinding(facts),
    policyFinding(facts),
    ordinalFinding(facts),
    ...volumeFindings(facts),
    ...networkFindings(facts),
  ];
}

/** As drain says of every ordinal then. */
function replicasFindings({ set }: CheckFacts): Finding[] {
  if (set.replicas > 0) return [];
  const message = `statefulset/${set.name} has no replicas: there is no pod to drain`;
  return [fail('workload', 'ordinals-exist', message, kubectl('scale', 'statefulset', set.name, '--replicas', '2'))];
}

function observedFinding({ set }: CheckFacts): Finding {
  return set.observed
    ? ok('workload', 'spec-observed', 'the controller has seen the newest spec')
    : warn(
        'workload',
        'spec-observed',
        'the controller has not yet seen the newest spec: which pods are outdated may change',
      );
}

function policyFinding({ set }: CheckFacts): Finding {
  if (set.podManagementPolicy === 'Parallel')
    return ok('workload', 'pod-management', 'podManagementPolicy is Parallel: the pods of a batch come back together');
  return warn(
    'workload',
    'pod-management',
    `podManagementPolicy is ${set.podManagementPolicy}: the pods of a batch come back one after the other, and one that does not get ready holds up all after it`,
    own('drain', set.name, '0').note('batches of one; the policy can only be set when the StatefulSet is made'),
  );
}

function ordinalFinding({ set }: CheckFacts): Finding {
  if (set.start === 0) return ok('workload', 'ordinals-start', 'ordinals start at 0');
  return warn(
    'workload',
    'ordinals-start',
    `ordinals start at ${set.start}: whether TKE's podIndexes then mean the number in the pod's name is not documented; drain ends with exit 7 if the load balancer shows otherwise`,
  );
}

/** For information: what stays on a node or in a zone decides where a pod can come back. */
function volumeFindings({ object, surplusVolumes }: CheckFacts): Finding[] {
  const claims = list(object, 'spec', 'volumeClaimTemplates').map((claim) => text(claim, 'metadata', 'name') ?? '');
  const hostPaths = list(object, 'spec', 'template', 'spec', 'volumes')
    .filter((volume) => field(volume, 'hostPath') !== undefined)
    .map((volume) => text(volume, 'name') ?? '');
  const volumes =
    claims.length > 0
      ? `volumes ${some(claims)} are claimed per pod: a pod can come back only where its volume is`
      : 'no volume is claimed per pod: a pod can come back on any node';
  const bound = [
    ok('workload', 'volumes', volumes),
    ...(surplusVolumes === undefined
      ? []
      : [(surplusVolumes.mayBeStale ? warn : ok)('workload', 'surplus-volumes', surplusVolumes.text)]),
  ];
  if (hostPaths.length === 0) return bound;
  const lost = `volume ${some(hostPaths)} is a hostPath: a pod that comes back on another node does not find its data`;
  return [...bound, warn('workload', 'host-path', lost)];
}

function networkFindings({ object, set }: CheckFacts): Finding[] {
  if (field(object, 'spec', 'template', 'spec', 'hostNetwork') !== true) return [];
  const message = `the pods of statefulset/${set.name} use the node's network: TKE does not bind such pods directly`;
  return [warn('workload', 'host-network', message)];
}

/** The workload's own defaults: each that verbs use, and each that they refuse; none where they were not read. */
export function defaultFindings(defaults: JudgedDefaults | undefined): Finding[] {
  if (defaults === undefined) return [];
  const { each, strangers } = defaults;
  return [
    ...each
      .filter(({ refusal }) => refusal === undefined)
      .map(({ name, text }) =>
        figures('workload', 'default-value', `${DEFAULT_PREFIX}${name}=${text} is used where --${name} is not typed`),
      ),
    ...graded('workload', [...each.flatMap(({ refusal }) => refusal ?? []), ...strangers]),
  ];
}
