import type { KubeObject } from '../../lib/ports.ts';
import { Annotation } from './annotations.ts';

const OWN = [Annotation.balancer, Annotation.syncBegin, Annotation.syncEnd] as readonly string[];

/** The parts of a Service that a sync depends on: its spec and annotations, without those that the controller writes itself. */
export function fingerprint(service: KubeObject): string {
  const annotations = Object.entries(service.metadata.annotations ?? {})
    .filter(([name]) => !OWN.includes(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([service.metadata.uid, service['spec'], annotations]);
}
