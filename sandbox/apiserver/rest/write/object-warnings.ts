import type { ServerResponse } from 'node:http';
import type { KubeObject } from '../../../../lib/ports.ts';
import { asMap } from '../../../semantics/json.ts';
import { addWarning } from '../../http/respond.ts';

const STANDARD_FINALIZERS = new Set(['orphan', 'foregroundDeletion', 'kubernetes']);

/** Fields that the server accepts, stores and shows, and that nothing acts on. docs/sandbox.md lists the same. */
const UNMODELLED: Readonly<Record<string, string>> = {
  HorizontalPodAutoscaler: 'no autoscaler runs here: nothing is scaled by it',
  HorizontalPodCronscaler: 'no cron scaler runs here: nothing is scaled by it',
  Ingress: 'no ingress controller runs here: no traffic goes by it',
};

/** Adds the warnings that the real server has for an object it accepts but finds odd, and on creation the sandbox's own for what it does not model. */
export function warnOf(response: ServerResponse, object: KubeObject, creates = false): void {
  const { kind, metadata } = object;
  if (creates) for (const warning of unmodelledIn(object)) addWarning(response, `sandbox: ${warning}`);
  for (const finalizer of metadata.finalizers ?? []) {
    if (finalizer.includes('/') || STANDARD_FINALIZERS.has(finalizer)) continue;
    addWarning(
      response,
      `metadata.finalizers: "${finalizer}": prefer a domain-qualified finalizer name including a path (/) to avoid accidental conflicts with other finalizer writers`,
    );
  }
  if (kind === 'Pod' && metadata.name.includes('.')) {
    addWarning(
      response,
      "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]",
    );
  }
}

function unmodelledIn({ kind = '', spec }: KubeObject): string[] {
  const rolling = asMap(asMap(asMap(spec)['updateStrategy'])['rollingUpdate']);
  return [
    ...(UNMODELLED[kind] === undefined ? [] : [`${kind}: ${UNMODELLED[kind]}`]),
    ...(kind === 'StatefulSet' && rolling['maxUnavailable'] !== undefined
      ? ['spec.updateStrategy.rollingUpdate.maxUnavailable: not modelled, pods are replaced one by one']
      : []),
  ];
}
