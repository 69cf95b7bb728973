/** The reasons against emptying a node: it takes pods still, or a volume keeps a pod there. */

import type { Refusal } from '../errors.ts';
import type { KubeObject } from '../facts/kube-object.ts';
import type { PodFacts } from '../target/pod.ts';
import { advice, kubectl, lines, own } from '../values/command.ts';
import type { Known } from '../values/known.ts';
import { field, list, text } from '../values/read.ts';

const HOSTNAME = 'kubernetes.io/hostname';

/**
 * A node that is not cordoned takes the pod back; a node that cannot be read may. `noted`: the StatefulSet on which an earlier
 * run noted that the node is to be emptied; restore takes the note away.
 */
export function cordonedRule(name: string, node: Known<KubeObject | undefined>, noted?: string): Refusal[] {
  const refusal = (message: string, cure: Refusal['cure']): Refusal[] => [
    { rule: 'node-cordoned', message, ...(cure === undefined ? {} : { cure }) },
  ];
  if (!node.known)
    return refusal(
      `whether node ${name} is cordoned is unknown: ${node.because}`,
      advice`ask an administrator: ${kubectl('apply', '-f', 'deploy/rbac.yaml').byAdministrator().note('then bind ClusterRole kubectl-zeroloss-surroundings to your user: see the end of that file')}`,
    );
  if (node.value === undefined)
    return refusal(`there is no node ${name}`, kubectl('get', 'pods', '-o', 'wide').note('column NODE names them'));
  if (field(node.value, 'spec', 'unschedulable') === true) return [];
  return refusal(
    `node ${name} is not cordoned: a pod that is deleted there may come back there`,
    noted === undefined
      ? kubectl('cordon', name)
      : lines(
          kubectl('cordon', name).note('then the same command again'),
          own('restore', noted).note('or: the node is no longer to be emptied; gives every weight back'),
        ),
  );
}

/** The values that a node may be named by in the affinity of a volume. */
export const hostNamesOf = (node: KubeObject): string[] => [
  node.metadata.name,
  node.metadata.labels?.[HOSTNAME] ?? node.metadata.name,
];

/** One claim of a pod with the volume behind it; undefined: it is bound to none yet. */
export interface ClaimedVolume {
  pod: PodFacts;
  claim: string;
  volume: Known<KubeObject | undefined>;
}

/** Where the volume can be reached from these nodes alone, the pod could not start anywhere else. `hosts`: of all nodes that are to be emptied. */
export function volumeRule({ pod, claim, volume }: ClaimedVolume, hosts: ReadonlySet<string>): Refusal[] {
  if (!volume.known)
    return [
      {
        rule: 'volume-moves',
        message: `whether the volume of claim ${claim} can leave node ${pod.node} is unknown: ${volume.because}`,
        cure: kubectl('get', 'pvc', claim, '-o', 'wide').note('VOLUME; then kubectl get pv VOLUME -o yaml'),
      },
    ];
  if (volume.value === undefined || !isBoundTo(volume.value, hosts)) return [];
  const { name } = volume.value.metadata;
  return [
    {
      rule: 'volume-moves',
      message: `${pod.name} cannot leave node ${pod.node}: the volume ${name} of its claim ${claim} is there, and nowhere else`,
      cure: kubectl('get', 'pv', name, '-o', 'yaml').note('its nodeAffinity; move the data first'),
    },
  ];
}

/** A volume of the node's own disk, or one whose every node selector names these hosts alone (Kubernetes API: VolumeNodeAffinity). */
function isBoundTo(volume: KubeObject, hosts: ReadonlySet<string>): boolean {
  if (field(volume, 'spec', 'hostPath') !== undefined) return true;
  const terms = list(volume, 'spec', 'nodeAffinity', 'required', 'nodeSelectorTerms');
  return terms.length > 0 && terms.every((term) => namesOnly(term, hosts));
}

const namesOnly = (term: unknown, hosts: ReadonlySet<string>): boolean =>
  [...list(term, 'matchExpressions'), ...list(term, 'matchFields')].some((expression) => {
    const values = list(expression, 'values').filter((value) => typeof value === 'string');
    const key = text(expression, 'key');
    return (
      (key === HOSTNAME || key === 'metadata.name') &&
      text(expression, 'operator') === 'In' &&
      values.every((value) => hosts.has(value))
    );
  });
