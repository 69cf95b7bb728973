/**
 * The safety rules: each looks at facts and returns refusals, none writes. `check` reports the same rules that
 * `drain` and `recreate` refuse on. All that apply are collected, so that one run shows everything that stands in the way.
 */

import { some } from '../check/findings.ts';
import type { Refusal } from '../errors.ts';
import type { PodBinding } from '../facts/backends.ts';
import type { AddressBinding, BalancerState } from '../facts/balancer-state.ts';
import { isPortPooled, PORT_POOL } from '../facts/port-pool.ts';
import { type ServiceFacts, TKE } from '../facts/service-facts.ts';
import { formatOrdinals, without } from '../target/ordinals.ts';
import type { PodFacts } from '../target/pod.ts';
import { ordinalsOf, type StatefulSetFacts } from '../target/stateful-set-facts.ts';
import { advice, type CommandAdvice, kubectl, mergePatch, own } from '../values/command.ts';
import { spellingRule } from './key-spelling.ts';
import { protocolRule } from './protocol-rule.ts';

/** Only OnDelete leaves the choice of the moment to the operator; RollingUpdate deletes pods on its own. */
export function strategyRule(set: StatefulSetFacts): Refusal[] {
  if (set.updateStrategy === 'OnDelete') return [];
  return [
    {
      rule: 'on-delete',
      message: `statefulset/${set.name} has updateStrategy ${set.updateStrategy}: the controller would delete pods by itself, drained or not`,
      cure: onDeletePatch(set.name),
    },
  ];
}

/** rollingUpdate must go in the same patch, or the server rejects it (kubernetes/kubernetes#100151). */
export const onDeletePatch = (statefulSet: string): CommandAdvice =>
  mergePatch(['statefulset', statefulSet], { spec: { updateStrategy: { type: 'OnDelete', rollingUpdate: null } } });

export function deletionRule(set: StatefulSetFacts): Refusal[] {
  return set.deleting ? [{ rule: 'not-deleting', message: `statefulset/${set.name} is being deleted` }] : [];
}

export function ordinalRule(set: StatefulSetFacts, ordinals: readonly number[]): Refusal[] {
  const all = ordinalsOf(set);
  const unknown = without(ordinals, all);
  if (unknown.length === 0) return [];
  const have = all.length === 0 ? 'it has no replicas' : `it has ${formatOrdinals(all)}`;
  return [
    { rule: 'ordinals-exist', message: `statefulset/${set.name} has no ordinal ${formatOrdinals(unknown)}: ${have}` },
  ];
}

/** At least one Service, and each of them in a state in which the weight annotation works. `direct`: names of those whose load balancer binds pods, independent of the annotation. */
export function serviceRules(
  services: readonly ServiceFacts[],
  set: StatefulSetFacts,
  direct: ReadonlySet<string> = new Set(),
): Refusal[] {
  if (services.length === 0) {
    return [
      {
        rule: 'service-found',
        message: `no Service of type LoadBalancer selects the pods of statefulset/${set.name}: there is no load balancer to take them out of`,
        cure: kubectl('get', 'services', '-o', 'wide').note('compare SELECTOR with the labels of the pods'),
      },
    ];
  }
  return services.flatMap((service) => [
    ...(direct.has(service.name) ? [] : directAccessRule(service)),
    ...skipRule(service),
    ...targetGroupRule(service),
    ...protocolRule(service),
    ...spellingRule(service),
    ...balancerRule(service),
  ]);
}

/** By the annotation alone; a serverless cluster binds pods without it, which its load balancer shows. */
export function directAccessRule(service: ServiceFacts): Refusal[] {
  if (service.annotations[TKE.directAccess] === 'true') return [];
  return [
    {
      rule: 'direct-access',
      message: `service/${service.name} does not bind pods directly (annotation ${TKE.directAccess} is not "true", and its load balancer shows none of them): its load balancer binds nodes, and no weight can take one pod out`,
      cure: kubectl('annotate', 'service', service.name, `${TKE.directAccess}=true`).note(
        'replaces the nodes by pods, and unbinding them cuts connections: not while the Service has traffic',
      ),
    },
  ];
}

function skipRule(service: ServiceFacts): Refusal[] {
  if (service.annotations[TKE.mode] !== 'skip') return [];
  return [
    {
      rule: 'controller-active',
      message: `service/${service.name} is skipped by the service-controller (annotation ${TKE.mode} is "skip"): a weight would never be applied`,
      cure: kubectl('annotate', 'service', service.name, `${TKE.mode}-`).note(
        'the controller then applies the Service to the load balancer: compare them first',
      ),
    },
  ];
}

function targetGroupRule(service: ServiceFacts): Refusal[] {
  if (service.annotations[TKE.targetGroups] === undefined) return [];
  return [
    {
      rule: 'no-target-group',
      message: `service/${service.name} uses target groups (annotation ${TKE.targetGroups}): they cannot be combined with weights per pod`,
    },
  ];
}

function balancerRule(service: ServiceFacts): Refusal[] {
  if (service.balancerId !== undefined) return [];
  return [
    {
      rule: 'balancer-known',
      message: `service/${service.name} has no load balancer yet (annotation ${TKE.balancerId} is missing)`,
      cure: kubectl('describe', 'service', service.name).note('the events show what the service-controller waits for'),
    },
  ];
}

/** Listener settings under which weight 0 does not mean "existing connections are kept" (CLB API 2018-03-17, AttrFlags and TargetType). */
export function listenerRules(service: ServiceFacts, balancer: BalancerState): Refusal[] {
  const ports = new Set(service.ports.map((port) => port.port));
  return balancer.listeners
    .filter((listener) => ports.has(listener.port) || listener.endPort !== undefined)
    .flatMap((listener) => {
      const at = `${balancer.id} listener ${listener.protocol}/${listener.port} (service/${service.name})`;
      const refusals: Refusal[] = [];
      if (listener.targetType.toUpperCase().startsWith('TARGETGROUP')) {
        refusals.push({
          rule: 'no-target-group',
          message: `${at} is bound to a target group: weights per pod do not reach it`,
        });
      }
      if (listener.flags.includes('RescheduleTargetZeroWeight')) {
        refusals.push({
          rule: 'no-reschedule',
          message: `${at} has RescheduleTargetZeroWeight on: setting weight 0 would cut the existing connections`,
          cure: advice`turn off "reschedule when weight becomes 0" for listener ${listener.id} in the console`,
        });
      }
      return refusals;
    });
}

/** Weights per pod that TKE takes from the pods themselves (TKE: custom-weight, service-controller 2.4.0 and newer). */
const CUSTOM_WEIGHTS = ['service.cloud.tencent.com/custom-weight', 'ingress.cloud.tencent.com/custom-weight'] as const;

/** The weights that the pod itself asks for: another text where they are others. */
export const customWeightText = ({ annotations }: Pick<PodFacts, 'annotations'>): string =>
  JSON.stringify(CUSTOM_WEIGHTS.map((key) => annotations[key] ?? null));

/** Which of the two weights wins is not documented, so a pod that has its own may keep traffic at weight 0. */
export function customWeightRule(set: StatefulSetFacts, pods: readonly PodFacts[]): Refusal[] {
  const refusals = CUSTOM_WEIGHTS.filter((key) => set.templateAnnotations[key] !== undefined).map(
    (key): Refusal => ({
      rule: 'no-custom-weight',
      message: `the template of statefulset/${set.name} has annotation ${key}: it is not documented whether it overrides weight 0 of a drain`,
      cure: mergePatch(['statefulset', set.name], {
        spec: { template: { metadata: { annotations: { [key]: null } } } },
      }).note('a new revision: every pod is outdated then'),
    }),
  );
  const own = pods.filter((pod) => CUSTOM_WEIGHTS.some((key) => pod.annotations[key] !== undefined));
  if (own.length === 0) return refusals;
  const names = own.map((pod) => pod.name);
  return [
    ...refusals,
    {
      rule: 'no-custom-weight',
      message: `${some(names)} ${names.length === 1 ? 'has a weight of its' : 'have weights of their'} own (annotation custom-weight): it is not documented whether it overrides weight 0 of a drain`,
      cure: kubectl('annotate', 'pods', ...names, ...CUSTOM_WEIGHTS.map((key) => `${key}-`)).note(
        'they get the weight that the Service asks for at once',
      ),
    },
  ];
}

/** Bindings that this program's weights do not reach; those at weight 0 get nothing new and are no obstacle. */
export function otherBindingRule(others: readonly AddressBinding[], pods: readonly PodFacts[]): Refusal[] {
  const live = others.filter((binding) => binding.weight > 0);
  const places = Map.groupBy(live, (each) => `${each.balancerId} ${each.listenerId} ${each.ruleId ?? ''}`);
  return [...places.values()].flatMap((bindings) => {
    const [first] = bindings;
    if (first === undefined) return [];
    const at = new Set(bindings.map((binding) => binding.address));
    const here = pods.filter((pod) => pod.addresses.some((address) => at.has(address)));
    const names = here.map((pod) => pod.name);
    const pooled = here.some(isPortPooled);
    const rule = first.rule === undefined ? '' : ` ${first.rule}`;
    return [
      {
        rule: 'no-other-binding',
        message: `${first.balancerId} listener ${first.protocol}/${first.port}${rule} (${first.listenerId}) binds ${some(names)} too, with weight ${Math.max(...bindings.map((each) => each.weight))}: weight 0 on the chosen Services does not stop its traffic${pooled ? `; it may be the pod's own listener from a CLB port pool (annotation ${PORT_POOL}), whose weight this program does not write` : ''}`,
        cure: pooled
          ? kubectl('get', 'pods', ...names, '-o', 'yaml').note(
              'annotation networking.cloud.tencent.com/clb-port-mapping names the pool: take the pod off it, or its weight to 0 in the console',
            )
          : kubectl('get', 'services,ingresses', '-A', '-o', 'wide').note(
              `whose load balancer is ${first.balancerId}? Leave --service away, or take the pods off that listener`,
            ),
      },
    ];
  });
}

/**
 * Listeners on which weights mean nothing now: where no backend is healthy the load balancer sends to all of them
 * (CLB health checks, "all dead is all alive"), and where all weights are 0 its behaviour is not documented.
 */
export function servingRule(bindings: readonly PodBinding[], name: string): Refusal[] {
  const listeners = new Map(bindings.flatMap((each) => (each.listener ? [[each.listener, each] as const] : [])));
  // A pod whose weight the annotation has taken away goes to 0 any moment, although the load balancer still shows a weight.
  const going = new Set(bindings.filter(({ wanted }) => wanted === 0).flatMap((each) => each.bindings));
  return [...listeners].flatMap(([listener, binding]): Refusal[] => {
    const at = `${binding.balancer.id} listener ${listener.protocol}/${listener.port} (service/${binding.service.name})`;
    if (listener.backends.length === 0) return [];
    if (listener.backends.every((backend) => backend.weight === 0 || going.has(backend)))
      return [
        {
          rule: 'some-weight',
          message: `${at} has weight 0 for every backend: nothing serves there, or everything does`,
          override: '--min-serving 0',
          price: 'drains although nothing may serve',
          cure: own('restore', name),
        },
      ];
    if (listener.backends.some((backend) => backend.health === 'alive' || backend.health === 'off')) return [];
    return [
      {
        rule: 'some-healthy',
        message: `${at} has no healthy backend: the load balancer then sends to all of them, drained or not`,
        override: '--min-serving 0',
        price: 'drains although the load balancer sends to drained pods too',
        cure: kubectl('get', 'pods', '-o', 'wide').note('why do the health checks of the listener fail?'),
      },
    ];
  });
}
