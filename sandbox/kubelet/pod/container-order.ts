/** In which order the containers of a pod begin and end (Kubernetes: init containers, sidecar containers). */
import type { Container } from '../container/run-container.ts';

const isInit = ({ plan }: Container): boolean => plan.role === 'init' || plan.role === 'sidecar';

/** Names of the init containers and sidecars that hold the others up; none once a container after them has begun, whatever becomes of a sidecar. */
export function incomplete(containers: readonly Container[]): string[] {
  if (containers.some(({ plan, begun }) => plan.role === 'app' && begun)) return [];
  return containers.filter((each) => isInit(each) && !each.isInitialised).map(({ plan }) => plan.name);
}

/** Begins what may begin now: init containers and sidecars one after the other, then all others. Harmless at any time. */
export function beginNext(containers: readonly Container[]): void {
  const blocked = new Set(incomplete(containers));
  for (const container of containers.filter(isInit)) {
    container.start();
    if (blocked.has(container.plan.name)) return;
  }
  for (const container of containers) container.start();
}

/** Sidecars outlive the others, and end one by one in the reverse order. */
export async function endAll(containers: readonly Container[], kill: AbortSignal): Promise<void> {
  const sidecars = containers.filter(({ plan }) => plan.role === 'sidecar');
  const others = containers.filter((each) => !sidecars.includes(each));
  await Promise.all(others.map((container) => container.terminate(kill)));
  for (const sidecar of sidecars.toReversed()) await sidecar.terminate(kill);
}
