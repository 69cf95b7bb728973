/** Says of pods that are going what holds them, and how their nodes are. */

import { goingText } from '../../core/target/going.ts';
import type { PodFacts } from '../../core/target/pod.ts';
import { list, text } from '../../core/values/read.ts';
import { NODES } from '../../ports/resources.ts';
import type { KubeObject, World } from '../../ports.ts';
import { serverNowMs } from '../guard/server-time.ts';
import { softly } from '../guard/softly.ts';

/** By the pod's name. Without permission to list nodes the map is empty. */
export async function describeGoing(world: World, pods: readonly PodFacts[]): Promise<ReadonlyMap<string, string>> {
  const going = pods.filter((pod) => pod.terminating);
  if (going.length === 0) return new Map();
  const nodes = await softly(world, async () => (await world.kube.list(NODES, { signal: world.signal })).items);
  const nowMs = serverNowMs(world);
  return new Map(
    going.map((pod) => {
      const known = nodes.known && pod.node !== '' ? nodeText(nodes.value, pod.node) : undefined;
      return [pod.name, goingText(pod, nowMs, known)];
    }),
  );
}

function nodeText(nodes: readonly KubeObject[], name: string): string {
  const node = nodes.find(({ metadata }) => metadata.name === name);
  if (node === undefined) return `node ${name} does not exist`;
  const ready = list(node, 'status', 'conditions').find((each) => text(each, 'type') === 'Ready');
  return `node ${name} is ${text(ready, 'status') === 'True' ? '' : 'not '}Ready`;
}
