/** The line that says which cluster, namespace and load balancers a verb works on: the first thing to be sure of. */
import { maskUserInfo } from '../../lib/core/values/mask.ts';
import { visible } from '../../lib/output/visible.ts';
import type { ClusterPlace, NamedCluster, World } from '../../lib/ports.ts';
import type { Context } from '../context.ts';

/** `at once`: as soon as the Services are read. `at the end`: once, before the outcome, for all StatefulSets. `traced`: with -v 1 alone. */
export type WhereShown = 'at once' | 'at the end' | 'traced';

/** The namespaces and clusters of a verb that looks at several. */
interface Several {
  everywhere?: boolean;
  clusters?: readonly NamedCluster[] | undefined;
}

/** `context prod, namespace web, load balancer lb-1`; the server where no context decides, and no load balancer where none is known. */
export function whereText(
  { context, server }: ClusterPlace,
  namespace: string,
  balancers: readonly string[],
  { everywhere = false, clusters = [] }: Several = {},
): string {
  const alone = context === '' ? `server ${maskUserInfo(server)}` : `context ${context}`;
  const cluster = clusters.length > 1 ? `contexts ${clusters.map((each) => each.context).join(', ')}` : alone;
  const others = clusters.flatMap((each) => ('world' in each ? [each.world.kube.namespace] : []));
  const names = [...new Set([namespace, ...others])];
  const place = everywhere ? 'all namespaces' : `${names.length > 1 ? 'namespaces' : 'namespace'} ${names.join(', ')}`;
  const many = balancers.length > 1 ? 'load balancers' : 'load balancer';
  // Without one it may be that nothing was read yet, or that it failed: the line shows what is known.
  return visible([cluster, place, ...(balancers.length === 0 ? [] : [`${many} ${balancers.join(', ')}`])].join(', '));
}

/** Listens to what the flows find, and shows each text once. A world without a name shows nothing. */
export function showWhere(
  { report, mask }: Pick<Context, 'report' | 'mask'>,
  world: World,
  shown: WhereShown,
  { everywhere = false }: { everywhere?: boolean } = {},
): { atTheEnd(): void } {
  const { place, kube } = world;
  if (place === undefined) return { atTheEnd: () => undefined };
  const balancers = new Set<string>();
  let last = '';
  const show = () => {
    const text = whereText(place, kube.namespace, [...balancers], { everywhere, clusters: world.clusters });
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
