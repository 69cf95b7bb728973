/** A Kube that knows whether anything was written through it, so that nobody is told otherwise. */
import { StatusError } from '../core/errors.ts';
import { overriding } from '../ports/overriding.ts';
import { EVENTS, LEASES, SELF_SUBJECT_ACCESS_REVIEWS } from '../ports/resources.ts';
import type { Kube, Resource } from '../ports.ts';

export interface WriteWatch {
  kube: Kube;
  /** Whether an object was written, or may have been: an answer that never came may have been yes. Leases, events and questions of access are not meant, nor dry runs. */
  wrote(): boolean;
}

const ASIDE: readonly Resource[] = [EVENTS, LEASES, SELF_SUBJECT_ACCESS_REVIEWS];

export function watchWrites(kube: Kube): WriteWatch {
  let wrote = false;
  async function watched<T>(resource: Resource, dryRun: boolean | undefined, send: () => Promise<T>): Promise<T> {
    const counts = dryRun !== true && !ASIDE.includes(resource);
    try {
      const answer = await send();
      wrote ||= counts;
      return answer;
    } catch (error) {
      wrote ||= counts && !(error instanceof StatusError);
      throw error;
    }
  }
  return {
    wrote: () => wrote,
    kube: overriding(kube, {
      create: (resource, object, options) =>
        watched(resource, options?.dryRun, () => kube.create(resource, object, options)),
      patch: (resource, name, patch, options) =>
        watched(resource, options.dryRun, () => kube.patch(resource, name, patch, options)),
      delete: (resource, name, options) =>
        watched(resource, options.dryRun, () => kube.delete(resource, name, options)),
    }),
  };
}
