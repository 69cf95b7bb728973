/** Which container ports live at another real address, as the pod's annotation says it. */

import { PODS } from '../../../lib/ports/resources.ts';
import type { Kube, KubeObject } from '../../../lib/ports.ts';
import { HOST_PORTS_ANNOTATION } from '../../common/pod-behaviour.ts';
import { type PodRef, untilDone } from '../pod/status-writer.ts';

type Ports = Readonly<Record<string, string>>;

export class HostPorts {
  readonly #byContainer = new Map<string, Ports>();
  #written: string | undefined;

  /** `pod` as it is now: an annotation left from an earlier run of the kubelet has to go. */
  constructor(pod: KubeObject) {
    this.#written = pod.metadata.annotations?.[HOST_PORTS_ANNOTATION];
  }

  /** Resolves once the API server knows; tries again until it does, or until `signal` aborts. */
  async publish(
    kube: Kube,
    pod: PodRef,
    container: string,
    ports: Ports,
    log: (line: string) => void,
    signal: AbortSignal,
  ): Promise<void> {
    this.#byContainer.set(container, ports);
    const all = Object.assign({}, ...this.#byContainer.values());
    const text = Object.keys(all).length === 0 ? undefined : JSON.stringify(all);
    if (text === this.#written) return;
    const patch = { metadata: { uid: pod.uid, annotations: { [HOST_PORTS_ANNOTATION]: text ?? null } } };
    const write = () => kube.patch(PODS, pod.name, patch, { namespace: pod.namespace, type: 'merge', signal });
    if (await untilDone(write, log, signal)) this.#written = text;
  }
}
