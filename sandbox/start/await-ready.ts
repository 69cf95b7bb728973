/** Waits for workloads of the sandbox to settle. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ExitCode, ZerolossError } from '../../lib/core/errors.ts';
import { list, number, text } from '../../lib/core/values/read.ts';
import { DEPLOYMENTS, PODS, SERVICES, STATEFUL_SETS } from '../../lib/ports/resources.ts';
import type { KubeObject } from '../../lib/ports.ts';
import { isLoadBalancer } from '../service-controller/listeners/plan-listeners.ts';
import { isBound } from '../service-controller/targets/is-bound.ts';
import type { RunningDataPlane } from './start-data-plane.ts';

export const isReady = (pod: KubeObject): boolean =>
  pod.metadata.deletionTimestamp === undefined &&
  list(pod, 'status', 'conditions').some(
    (condition) => text(condition, 'type') === 'Ready' && text(condition, 'status') === 'True',
  );

/** Polls until `done` says so; rejects after `withinMs`, naming what it waited for. */
export async function until(
  what: string,
  done: () => Promise<boolean>,
  signal: AbortSignal,
  withinMs = 60_000,
): Promise<void> {
  const deadlineMs = Date.now() + withinMs;
  while (!(await done())) {
    signal.throwIfAborted();
    if (Date.now() > deadlineMs) {
      throw new ZerolossError(ExitCode.error, `the sandbox did not settle in ${withinMs / 1000}s: ${what}`, {
        hint: 'a pod that never becomes ready, or a machine that is too busy, looks like this',
      });
    }
    await sleep(100, undefined, { signal });
  }
}

/** A LoadBalancer Service has its address, and its load balancer every pod that it is to bind, probed. Others have nothing to wait for. */
export const isServed = (
  { clb }: Pick<RunningDataPlane, 'clb'>,
  service: KubeObject,
  pods: readonly KubeObject[],
): boolean =>
  !isLoadBalancer(service) ||
  (list(service, 'status', 'loadBalancer', 'ingress').length > 0 && isBound(clb, service, pods, Date.now()));

/** Every pod of every StatefulSet and Deployment ready, and every LoadBalancer Service with an address and its backends probed. */
export async function awaitSettled(
  cluster: Pick<RunningDataPlane, 'kube' | 'clb'>,
  signal: AbortSignal,
): Promise<void> {
  const { kube } = cluster;
  await until(
    'pods ready and load balancers bound',
    async () => {
      const [sets, deployments, pods, services] = await Promise.all([
        kube.list(STATEFUL_SETS, { namespace: '*' }),
        kube.list(DEPLOYMENTS, { namespace: '*' }),
        kube.list(PODS, { namespace: '*' }),
        kube.list(SERVICES, { namespace: '*' }),
      ]);
      const wanted = [...sets.items, ...deployments.items].reduce(
        (sum, set) => sum + (number(set, 'spec', 'replicas') ?? 1),
        0,
      );
      return (
        pods.items.filter(isReady).length >= wanted &&
        services.items.every((service) => isServed(cluster, service, pods.items))
      );
    },
    signal,
  );
}
