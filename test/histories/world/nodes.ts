/** The nodes of a history: a scheduler that spreads pods over those that take some, and people who cordon them. */
import { NODES, PODS } from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import { asMap, asText } from '../../../sandbox/semantics/json.ts';
import type { ApiServer } from './api-server.ts';

/** More than people cordon at once. */
const NAMES = ['node-a', 'node-b', 'node-c', 'node-d'] as const;

export class Nodes {
  readonly #api: ApiServer;

  constructor(api: ApiServer) {
    this.#api = api;
    for (const name of NAMES)
      api.create(NODES, { apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: {} } as unknown as KubeObject);
  }

  /** The node of a new pod: the emptiest of those that take pods. */
  place(): string {
    const counts = new Map<string, number>();
    for (const pod of this.#api.list(PODS)) {
      const name = asText(asMap(pod['spec'])['nodeName']);
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    const [first = NAMES[0], ...others] = NAMES.filter((name) => !this.isCordoned(name));
    return others.reduce<string>(
      (best, name) => ((counts.get(name) ?? 0) < (counts.get(best) ?? 0) ? name : best),
      first,
    );
  }

  /** The node of a pod; the first one where the pod is not there, or on none. */
  of(podName: string): string {
    return asText(asMap(this.#api.get(PODS, podName)?.['spec'])['nodeName']) || NAMES[0];
  }

  isCordoned(name: string): boolean {
    return asMap(this.#api.get(NODES, name)?.['spec'])['unschedulable'] === true;
  }

  get cordoned(): string[] {
    return NAMES.filter((name) => this.isCordoned(name));
  }

  /** `kubectl cordon`; of the last node but one it does nothing, so that pods find a place. */
  cordon(name: string): void {
    if (this.cordoned.length < NAMES.length - 1) this.#mark(name, true);
  }

  uncordon(name: string): void {
    this.#mark(name, false);
  }

  #mark(name: string, unschedulable: boolean): void {
    this.#api.edit(NODES, name, (node) => {
      node['spec'] = unschedulable ? { unschedulable } : {};
    });
  }
}
