/** Whether a Service's load balancer binds pods, or the nodes that they run on. */
import type { KubeObject } from '../../../lib/ports.ts';
import { Annotation } from '../annotations.ts';

/** The annotation of a pod on a super node (TKE: super nodes). */
const POD_TYPE = 'tke.cloud.tencent.com/pod-type';

/** The Service asks for it; that is what a cluster with nodes of its own needs. */
export const asksForPods = (service: KubeObject): boolean =>
  service.metadata.annotations?.[Annotation.directAccess] === 'true';

/**
 * Whether the pods themselves are bound. In a serverless cluster every Service is direct, annotated or not (TKE 457/41897:
 * "nothing to do"). Pods of type eklet have no node whose port could be bound, so that they alone are always bound directly.
 */
export function bindsPods(service: KubeObject, pods: readonly KubeObject[], serverless: boolean): boolean {
  const onSuperNodes = pods.length > 0 && pods.every(({ metadata }) => metadata.annotations?.[POD_TYPE] === 'eklet');
  return serverless || asksForPods(service) || onSuperNodes;
}
