/** The upstream servers of one Service, from its Endpoints, as an ingress controller follows them. */
import { list, number, text } from '../../lib/core/values/read.ts';
import { ENDPOINTS, PODS } from '../../lib/ports/resources.ts';
import type { Clock, Kube, KubeObject } from '../../lib/ports.ts';
import type { SocketAddress } from '../clb/model.ts';
import { startInformer } from '../common/informer.ts';
import type { Running } from '../common/running.ts';
import { systemClock } from '../common/system-clock.ts';
import { lateWatch } from '../controllers/endpoints/late-watch.ts';
import { hostPort } from '../service-controller/targets/plan-targets.ts';

export interface Upstream {
  /** `10.0.0.1:80`, the address by which logs name it. */
  name: string;
  dial: SocketAddress;
}

export interface Upstreams extends Running {
  /** Resolves after the first list. */
  readonly synced: Promise<void>;
  /** Ready addresses, in the order of the Endpoints object. */
  current(): readonly Upstream[];
  /** Every moment at which the list changed, ms since 1970. */
  changesAtMs(): readonly number[];
}

/** Follows the Endpoints of `namespace/service`, each change `lagMs` after it was written. */
export function followEndpoints(
  kube: Kube,
  {
    namespace,
    service,
    lagMs = 0,
    clock = systemClock,
  }: { namespace: string; service: string; lagMs?: number; clock?: Clock },
): Upstreams {
  // Where a port really listens is known of pods that are gone, too: a proxy goes on dialling them.
  const dials = new Map<string, SocketAddress>();
  const options = { namespace, fieldSelector: `metadata.name=${service}` };
  let servers: readonly Upstream[] = [];
  const changesAtMs: number[] = [];
  const onUpsert = (object: KubeObject): void => {
    servers = addressesOf(object).map(({ ip, port }) => {
      const name = `${ip}:${port}`;
      return { name, dial: dials.get(name) ?? { host: ip, port } };
    });
    changesAtMs.push(clock.now());
  };
  const onPod = (pod: KubeObject): void => {
    const ip = text(pod, 'status', 'podIP');
    if (ip === undefined) return;
    for (const container of list(pod, 'spec', 'containers'))
      for (const each of list(container, 'ports')) {
        const port = number(each, 'containerPort') ?? 0;
        dials.set(`${ip}:${port}`, hostPort(pod, port) ?? { host: ip, port });
      }
  };
  const pods = startInformer(kube, PODS, { namespace }, { onUpsert: onPod, onDelete: () => undefined });
  const endpoints = pods.synced.then(() =>
    startInformer(
      lateWatch(kube, ENDPOINTS, lagMs, clock),
      ENDPOINTS,
      options,
      {
        onUpsert,
        onDelete: () => {
          servers = [];
          changesAtMs.push(clock.now());
        },
      },
      { clock },
    ),
  );
  return {
    synced: endpoints.then((informer) => informer.synced),
    current: () => servers,
    changesAtMs: () => changesAtMs,
    async stop() {
      await pods.stop();
      await endpoints.then(
        (informer) => informer.stop(),
        () => undefined,
      );
    },
  };
}

function addressesOf(endpoints: KubeObject): { ip: string; port: number }[] {
  return list(endpoints, 'subsets').flatMap((subset) => {
    const port = number(list(subset, 'ports')[0], 'port') ?? 80;
    return list(subset, 'addresses').map((address) => ({ ip: text(address, 'ip') ?? '', port }));
  });
}
