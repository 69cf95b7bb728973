/** The status that objects are born with, before any controller has seen them. */
import type { KubeObject } from '../../../../lib/ports.ts';
import { asMap, asMaps, type JsonMap, sameJson } from '../../../semantics/json.ts';
import type { ServedResource } from '../../catalogue.ts';

const INITIAL: Readonly<Record<string, JsonMap>> = {
  Service: { loadBalancer: {} },
  Namespace: { phase: 'Active' },
  PersistentVolumeClaim: { phase: 'Pending' },
  StatefulSet: { replicas: 0, availableReplicas: 0 },
  ReplicaSet: { replicas: 0 },
  Deployment: {},
  Ingress: { loadBalancer: {} },
  PodDisruptionBudget: { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 },
  HorizontalPodAutoscaler: { currentMetrics: null, desiredReplicas: 0 },
};

/** undefined: this kind has no status, or keeps the one it was sent. */
export function initialStatus(resource: ServedResource, object: KubeObject): JsonMap | undefined {
  if (resource.kind === 'Pod') return { phase: 'Pending', qosClass: qualityOfService(asMap(object['spec'])) };
  return INITIAL[resource.kind];
}

/** Guaranteed when every container limits cpu and memory to what it requests, BestEffort when none says anything, else Burstable. */
function qualityOfService(podSpec: JsonMap): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const demands = asMaps(podSpec['containers']).map((container) => {
    const resources = asMap(container['resources']);
    return { limits: asMap(resources['limits']), requests: asMap(resources['requests']) };
  });
  if (demands.every(({ limits, requests }) => isEmpty(limits) && isEmpty(requests))) return 'BestEffort';
  const guaranteed = demands.every(({ limits, requests }) =>
    ['cpu', 'memory'].every(
      (name) => limits[name] !== undefined && sameJson(requests[name] ?? limits[name], limits[name]),
    ),
  );
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

const isEmpty = (map: JsonMap): boolean => Object.keys(map).length === 0;
