import type { KubeObject } from '../../../lib/ports.ts';
import { asMap, asMaps, asText } from '../json.ts';
import { ageOf } from './age-cell.ts';
import { AGE, type Columns, NAME, orNone, text, UNKNOWN, wideText } from './columns.ts';

const ROLE_PREFIX = 'node-role.kubernetes.io/';

/** The columns of `kubectl get nodes` (Kubernetes: printNode). */
export const NODE: Columns = {
  definitions: [
    NAME,
    text('Status', 'Whether it is ready, and open for pods.'),
    text('Roles', 'Its roles, from its labels.'),
    AGE,
    text('Version', 'The version of its kubelet.'),
    wideText('Internal-IP', 'Its address inside the cluster.'),
    wideText('External-IP', 'Its address outside the cluster.'),
    wideText('OS-Image', 'Its operating system.'),
    wideText('Kernel-Version', 'Its kernel.'),
    wideText('Container-Runtime', 'What runs its containers.'),
  ],
  cells(node, nowMs) {
    const info = asMap(asMap(node['status'])['nodeInfo']);
    return [
      node.metadata.name,
      statusOf(node),
      rolesOf(node),
      ageOf(node, nowMs),
      asText(info['kubeletVersion']),
      addressOf(node, 'InternalIP'),
      addressOf(node, 'ExternalIP'),
      asText(info['osImage']) || UNKNOWN,
      asText(info['kernelVersion']) || UNKNOWN,
      asText(info['containerRuntimeVersion']) || UNKNOWN,
    ];
  },
};

function statusOf(node: KubeObject): string {
  const ready = asMaps(asMap(node['status'])['conditions']).find(({ type }) => type === 'Ready');
  const word = ready === undefined ? 'Unknown' : ready['status'] === 'True' ? 'Ready' : 'NotReady';
  return asMap(node['spec'])['unschedulable'] === true ? `${word},SchedulingDisabled` : word;
}

function rolesOf(node: KubeObject): string {
  const labels = node.metadata.labels ?? {};
  const roles = Object.keys(labels)
    .filter((key) => key.startsWith(ROLE_PREFIX) && key !== ROLE_PREFIX)
    .map((key) => key.slice(ROLE_PREFIX.length));
  return orNone(roles.sort().join(','));
}

function addressOf(node: KubeObject, wanted: string): string {
  const addresses = asMaps(asMap(node['status'])['addresses']);
  return orNone(asText(addresses.find(({ type }) => type === wanted)?.['address']));
}
