import { asList, asMap, asMaps, type JsonMap, sameJson } from '../json.ts';
import { fill, fillEach, fillField } from './fill.ts';
import { withPodSpecDefaults } from './pod-spec.ts';

/** A pod may stay this long on a node that is gone (admission plugin DefaultTolerationSeconds). */
const TOLERATION_SECONDS = 300;

/** A pod (Kubernetes: SetDefaults_Pod; admission plugins ServiceAccount, Priority, DefaultTolerationSeconds; the token volume is left out). */
export function withPodDefaults(pod: JsonMap): JsonMap {
  const filled = fillField(pod, 'spec', (spec) => {
    const complete = withPodSpecDefaults(
      fill(spec, {
        serviceAccountName: 'default',
        enableServiceLinks: true,
        preemptionPolicy: 'PreemptLowerPriority',
        priority: 0,
      }),
    );
    const requested = ['containers', 'initContainers'].reduce(
      (given, key) => fillEach(given, key, withRequestsFromLimits),
      complete,
    );
    return { ...withHostPorts(requested), tolerations: withNodeTolerations(asMaps(spec['tolerations'])) };
  });
  return fill(filled, { status: { phase: 'Pending', qosClass: qosClass(asMap(filled['spec'])) } });
}

function withRequestsFromLimits(container: JsonMap): JsonMap {
  return fillField(container, 'resources', (resources) => {
    const limits = asMap(resources['limits']);
    return Object.keys(limits).length === 0
      ? resources
      : { ...resources, requests: fill(resources['requests'], limits) };
  });
}

function withHostPorts(spec: JsonMap): JsonMap {
  return spec['hostNetwork'] === true
    ? fillEach(spec, 'containers', (container) =>
        fillEach(container, 'ports', (port) => fill(port, { hostPort: port['containerPort'] })),
      )
    : spec;
}

function withNodeTolerations(tolerations: readonly JsonMap[]): readonly JsonMap[] {
  const missing = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'].filter(
    (key) =>
      !tolerations.some(
        (toleration) =>
          (toleration['key'] === key || toleration['key'] === undefined) &&
          (toleration['effect'] === 'NoExecute' || toleration['effect'] === undefined),
      ),
  );
  return [
    ...tolerations,
    ...missing.map((key) => ({
      key,
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: TOLERATION_SECONDS,
    })),
  ];
}

/** The quality-of-service class that a pod's requests and limits put it in, once and for all. */
function qosClass(spec: JsonMap): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const resources = [...asList(spec['containers']), ...asList(spec['initContainers'])].map((container) =>
    asMap(asMap(container)['resources']),
  );
  const parts = resources.map(({ limits, requests }) => ({ limits: asMap(limits), requests: asMap(requests) }));
  if (parts.every(({ limits, requests }) => isEmpty(limits) && isEmpty(requests))) {
    return 'BestEffort';
  }
  const bounded = parts.every(
    ({ limits, requests }) =>
      limits['cpu'] !== undefined &&
      limits['memory'] !== undefined &&
      sameJson([limits['cpu'], limits['memory']], [requests['cpu'], requests['memory']]),
  );
  return bounded ? 'Guaranteed' : 'Burstable';
}

const isEmpty = (map: JsonMap) => map['cpu'] === undefined && map['memory'] === undefined;
