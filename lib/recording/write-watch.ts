/** A Kube that knows whether anything was written through it, so that no message claims the opposite. */
import { StatusError } from '../core/errors.ts';
import { isZeroSeen } from '../core/facts/service-facts.ts';
import { RESENT } from '../kube/api/patience.ts';
import { overriding } from '../ports/overriding.ts';
import { EVENTS, LEASES, SELF_SUBJECT_ACCESS_REVIEWS } from '../ports/resources.ts';
import type { Kube, Resource } from '../ports.ts';

export interface WriteWatch {
  kube: Kube;
  /**
   * Whether an object was written, or may have been: an answer that never came may have been yes. Leases, events, questions
   * of access and moments of zero do not count, nor do dry runs.
   */
  wrote(): boolean;
}

const ASIDE: readonly Resource[] = [EVENTS, LEASES, SELF_SUBJECT_ACCESS_REVIEWS];

/** A patch that keeps or forgets moments of zero alone: it changes no traffic. */
function isMoment(patch: unknown): boolean {
  const keys = leafPaths(patch).filter((path) => path !== 'metadata.resourceVersion');
  return keys.length > 0 && keys.every((path) => path.startsWith('metadata.annotations.') && isZeroSeen(path));
}

const leafPaths = (value: unknown, at = ''): string[] =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.entries(value).flatMap(([key, part]) => leafPaths(part, at === '' ? key : `${at}.${key}`))
    : [at];

export function watchWrites(kube: Kube): WriteWatch {
  let wrote = false;
  async function watched<T>(
    resource: Resource,
    dryRun: boolean | undefined,
    send: () => Promise<T>,
    body?: unknown,
  ): Promise<T> {
    const counts = dryRun !== true && !ASIDE.includes(resource) && !isMoment(body);
    try {
      const answer = await send();
      wrote ||= counts;
      return answer;
    } catch (error) {
      // Of a request that was sent twice, the first may have been taken before the second was refused.
      wrote ||= counts && (!(error instanceof StatusError) || RESENT in error);
      throw error;
    }
  }
  return {
    wrote: () => wrote,
    kube: overriding(kube, {
      create: (resource, object, options) =>
        watched(resource, options?.dryRun, () => kube.create(resource, object, options)),
      patch: (resource, name, patch, options) =>
        watched(resource, options.dryRun, () => kube.patch(resource, name, patch, options), patch),
      delete: (resource, name, options) =>
        watched(resource, options.dryRun, () => kube.delete(resource, name, options)),
    }),
  };
}
