/** Nodes that are to be emptied: a pod of the target is due while it is on one of them, whatever its revision. */

import { readsFormat } from '../values/bookkeeping-format.ts';
import type { StatefulSetFacts } from './stateful-set-facts.ts';
import { SET_FORMAT } from './surplus.ts';

/** On the StatefulSet: the names of those nodes, with commas between them. `--node` writes it; restore, or the end of an upgrade, removes it. */
export const LEAVING_NODES = 'kubectl-zeroloss/leaving-nodes';

type Leaving = Pick<StatefulSetFacts, 'annotations'>;

/** Empty too where another version wrote this bookkeeping in a format of its own. */
export const leavingNodes = ({ annotations }: Leaving): string[] =>
  readsFormat(annotations[SET_FORMAT])
    ? (annotations[LEAVING_NODES] ?? '').split(',').filter((name) => name !== '')
    : [];

/** The same StatefulSet as if these nodes were noted there too. */
export const withLeaving = (set: StatefulSetFacts, nodes: readonly string[]): StatefulSetFacts => ({
  ...set,
  annotations: { ...set.annotations, [LEAVING_NODES]: leavingText(set, nodes) },
});

/** `node n1 is to be emptied: nginx-0, nginx-2 still there`; undefined: no node is. */
export function leavingNote(set: Leaving, pods: readonly { name: string; leaves: boolean }[]): string | undefined {
  const nodes = leavingNodes(set);
  if (nodes.length === 0) return undefined;
  const left = pods.filter(({ leaves }) => leaves).map(({ name }) => name);
  return `node ${nodes.join(', ')} is to be emptied: ${left.length === 0 ? 'no pod is there any longer' : `${left.join(', ')} still there`}`;
}

/** The text of the annotation with these nodes added to it. */
export const leavingText = (set: Leaving, nodes: readonly string[]): string =>
  [...new Set([...leavingNodes(set), ...nodes])].sort().join(',');
