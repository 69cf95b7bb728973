/** The nodes of a rehearsal cluster, and which of them a pod goes to: there is no scheduler. */
import type { Kube, KubeObject } from '../../lib/ports.ts';
import type { Running } from '../common/running.ts';
import { type Kubelet, type KubeletOptions, startKubelet } from './start-kubelet.ts';

/** Starts `count` kubelets: sandbox-node, sandbox-node-2, … Pods are spread over those that are neither lost nor cordoned. */
export async function startNodes(
  count: number,
  options: KubeletOptions,
  connect: () => Promise<Kube>,
  add: <T extends Running>(part: T) => T,
): Promise<readonly Kubelet[]> {
  const kubelets: Kubelet[] = [];
  const names = Array.from({ length: count }, (_, index) =>
    index === 0 ? 'sandbox-node' : `sandbox-node-${index + 1}`,
  );
  for (const nodeName of names) {
    const takes = (pod: KubeObject): boolean => {
      const closed = kubelets.filter((each) => each.isLost() || each.isCordoned()).map(({ nodeName: name }) => name);
      return (
        nodeOf(
          pod,
          names.filter((name) => !closed.includes(name)),
        ) === nodeName
      );
    };
    kubelets.push(add(await startKubelet(await connect(), { ...options, nodeName, takes })));
  }
  return kubelets;
}

/** Neighbours in a StatefulSet land on different nodes: by the number at the end of the name, or by the name. */
export function nodeOf(pod: KubeObject, names: readonly string[]): string | undefined {
  const { name } = pod.metadata;
  const ordinal = /-(\d+)$/.exec(name)?.[1];
  const number =
    ordinal === undefined ? [...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) : Number(ordinal);
  return names[number % names.length];
}
