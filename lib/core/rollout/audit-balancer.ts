/** The roads of clients to the pods of a Deployment, as far as a rolling update relies on them. */
import { type Finding, ok, some, warn } from '../check/findings.ts';
import { backendsAt } from '../facts/backends.ts';
import type { BalancerState } from '../facts/balancer-state.ts';
import { selects } from '../facts/selection.ts';
import type { ServiceFacts } from '../facts/service-facts.ts';
import { TKE } from '../facts/service-facts.ts';
import { directAccessRule } from '../safety/rules.ts';
import type { PodFacts } from '../target/pod.ts';
import { kubectl } from '../values/command.ts';
import type { Known } from '../values/known.ts';
import { type WorkloadFacts, workloadText } from './workload.ts';

export interface Led {
  workload: WorkloadFacts;
  pods: readonly PodFacts[];
  /** Of type LoadBalancer, and leading to the pods. */
  services: readonly ServiceFacts[];
  balancers: Known<readonly BoundBalancer[]>;
}

interface BoundBalancer {
  service: ServiceFacts;
  balancer: BalancerState;
}

export function serviceFindingsOf({ workload, services, pods, balancers }: Led): Finding[] {
  if (services.length === 0) {
    const message = `no Service of type LoadBalancer leads to the pods of ${workloadText(workload)}: the lag of the load balancer is taken from its defaults`;
    const cure = kubectl('get', 'services', '-o', 'wide').note('compare SELECTOR with the labels of the pods');
    return [warn('services', 'service-found', message, cure)];
  }
  const seen = balancers.known ? balancers.value : [];
  const names = some(services.map(({ name }) => `service/${name}`));
  return [
    ok('services', 'service-found', `${names} ${services.length === 1 ? 'leads' : 'lead'} to the pods`),
    ...services.flatMap((service) => [...directFinding(service, pods, seen), ...skipFinding(service)]),
  ];
}

/** By the annotation, or by what the load balancer binds: a serverless cluster needs none (TKE: direct access). */
function directFinding(service: ServiceFacts, pods: readonly PodFacts[], seen: readonly BoundBalancer[]): Finding[] {
  const binds = seen.some(
    (bound) =>
      bound.service.name === service.name &&
      pods.some(
        (pod) => selects(service, pod) && bound.balancer.listeners.some((at) => backendsAt(at, pod).length > 0),
      ),
  );
  if (binds || service.annotations[TKE.directAccess] === 'true')
    return [ok('services', 'direct-access', `service/${service.name} binds the pods directly`)];
  const cure = directAccessRule(service)[0]?.cure;
  const message = `service/${service.name} binds nodes, not pods (annotation ${TKE.directAccess} is not "true"): no readiness gate waits for the load balancer, and each node's kube-proxy has to notice a pod that ends`;
  return [warn('services', 'direct-access', message, cure)];
}

function skipFinding(service: ServiceFacts): Finding[] {
  if (service.annotations[TKE.mode] !== 'skip') return [];
  const message = `service/${service.name} is skipped by the service-controller (annotation ${TKE.mode} is "skip"): pods that a rolling update makes are not bound, and those that it ends stay bound`;
  return [warn('services', 'controller-active', message, kubectl('annotate', 'service', service.name, `${TKE.mode}-`))];
}

export function balancerFindingsOf({ balancers, services }: Led): Finding[] {
  if (services.length === 0) return [];
  if (!balancers.known)
    return [warn('load balancer', 'balancer-readable', `the load balancers cannot be read: ${balancers.because}`)];
  return balancers.value.flatMap(({ service, balancer }) =>
    balancer.listeners
      .filter(({ port }) => service.ports.some((each) => each.port === port))
      .flatMap(({ protocol, port, healthCheck, resetsOnUnbind }) => {
        const at = `${balancer.id} listener ${protocol}/${port}`;
        const { on, intervalSeconds, healthyThreshold, unhealthyThreshold } = healthCheck;
        const checks = `${at} checks every ${intervalSeconds}s: ${healthyThreshold} answers bring a pod in, ${unhealthyThreshold} failures take it out`;
        return [
          on
            ? ok('load balancer', 'health-check', checks)
            : warn(
                'load balancer',
                'health-check',
                `${at} has no health check: a new pod gets traffic at once, ready or not`,
              ),
          ...(resetsOnUnbind
            ? [
                warn(
                  'load balancer',
                  'reset-on-unbind',
                  `${at} resets connections of unbound backends (DeregisterTargetRst): a rolling update unbinds each pod as it ends, whatever its preStop waits for`,
                ),
              ]
            : []),
        ];
      }),
  );
}

export function podFindingsOf({ workload, pods }: Pick<Led, 'workload' | 'pods'>): Finding[] {
  const staying = pods.filter(({ terminating }) => !terminating);
  const unready = staying.filter(({ ready }) => !ready).map(({ name }) => name);
  if (staying.length < workload.replicas)
    return [
      warn(
        'pods',
        'pods-exist',
        `${staying.length} of ${workload.replicas} pods exist`,
        kubectl('describe', workload.kind, workload.name),
      ),
    ];
  return unready.length === 0
    ? [ok('pods', 'pods-ready', 'every pod is ready')]
    : [
        warn(
          'pods',
          'pods-ready',
          `${some(unready)} not ready: less capacity than there seems to be`,
          kubectl('describe', 'pod', unready[0] ?? ''),
        ),
      ];
}
