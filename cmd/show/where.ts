/** The line that says which cluster, namespace and load balancers a verb works on: the first thing to be sure of. */
import { maskUserInfo } from '../../lib/core/values/mask.ts';
import { visible } from '../../lib/output/visible.ts';
import type { ClusterPlace, World } from '../../lib/ports.ts';
import type { Context } from '../context.ts';

/** `at once`: as soon as the Services are read. `at the end`: once, before the outcome, for all StatefulSets. `traced`: with -v 1 alone. */
export type WhereShown = 'at once' | 'at the end' | 'traced';

/** `context prod, namespace web, load balancer lb-1`; the server where no context decides. */
export function whereText({ context, server }: ClusterPlace, namespace: string, balancers: readonly string[]): string {
  const cluster = context === '' ? `server ${maskUserInfo(server)}` : `context ${context}`;
  const many = balancers.length > 1 ? 'load balancers' : 'load balancer';
  return visible(`${cluster}, namespace ${namespace}, ${many} ${balancers.join(', ') || 'unknown'}`);
}

/** Listens to what the flows find, and shows each text once. A world without a name shows nothing. */
export function showWhere(
  { report, mask }: Pick<Context, 'report' | 'mask'>,
  world: World,
  shown: WhereShown,
): { atTheEnd(): void } {
  const { place, kube } = world;
  if (place === undefined) return { atTheEnd: () => undefined };
  const balancers = new Set<string>();
  let last = '';
  const show = () => {
    const text = whereText(place, kube.namespace, [...balancers]);
    if (text === last) return;
    last = text;
    if (shown === 'traced') return report.trace(1, text);
    report.prose(`${mask(text)}\n`);
  };
  world.foundBalancers = (found) => {
    for (const each of found) balancers.add(each);
    if (shown !== 'at the end') show();
  };
  return { atTheEnd: shown === 'traced' ? () => undefined : show };
}
