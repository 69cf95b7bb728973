import type { ServerResponse } from 'node:http';
import type { KubeObject } from '../../../../lib/ports.ts';
import { addWarning } from '../../http/respond.ts';

const STANDARD_FINALIZERS = new Set(['orphan', 'foregroundDeletion', 'kubernetes']);

/** Adds the warnings that the real server has for an object it accepts but finds odd. */
export function warnOf(response: ServerResponse, { kind, metadata }: KubeObject): void {
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
