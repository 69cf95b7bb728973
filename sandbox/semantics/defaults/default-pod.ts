import { asMap, asMaps, type JsonMap } from '../json.ts';
import { fill, fillEach, fillField } from './fill.ts';
import { withPodSpecDefaults } from './pod-spec.ts';

/** A pod may stay this long on a node that is gone (admission plugin DefaultTolerationSeconds). */
const TOLERATION_SECONDS = 300;

/** A pod (Kubernetes: SetDefaults_Pod; admission plugins ServiceAccount, Priority, DefaultTolerationSeconds; the token volume is left out). */
export function withPodDefaults(pod: JsonMap): JsonMap {
  return fillField(pod, 'spec', (spec) => {
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
