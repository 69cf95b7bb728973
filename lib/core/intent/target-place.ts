/** Where one of several targets is, and which of them are asked for. */
import type { CheckTarget } from '../target/target.ts';

export interface TargetPlace {
  /** Of the kubeconfig; '' where none decides. */
  context: string;
  namespace: string;
}

/** Names, or labels, or everything that a load balancer sends to. */
export interface Asked {
  targets: readonly CheckTarget[];
  /** Instead of names: those with these labels. */
  selector?: string;
  /** In every namespace. */
  everywhere?: boolean;
}

/** The parts of a place that differ among some: they tell one target from another. */
export interface Differing {
  context: boolean;
  namespace: boolean;
  /** The parts in which a command without flags would end elsewhere, though they differ among none. */
  away?: { context: boolean; namespace: boolean };
}

/** `others`: contexts in which there is no target. */
export const differing = (places: readonly TargetPlace[], others: readonly { context: string }[] = []): Differing => ({
  context: new Set([...places, ...others].map(({ context }) => context)).size > 1,
  namespace: new Set(places.map(({ namespace }) => namespace)).size > 1,
});

/** `web`, `prod/web`, `prod/web (context a)`: as much as tells it from the others. */
export const placedName = (name: string, { context, namespace }: TargetPlace, differ: Differing): string =>
  `${differ.namespace ? `${namespace}/` : ''}${name}${differ.context ? ` (context ${context})` : ''}`;

/** The flags that lead to it, where it is not alone in its place, or not where commands go by themselves. */
export function placeFlags({ context, namespace }: TargetPlace, differ: Differing): string[] {
  const byContext = differ.context || differ.away?.context === true;
  return [
    ...(byContext || differ.namespace || differ.away?.namespace === true ? ['-n', namespace] : []),
    ...(byContext ? ['--context', context] : []),
  ];
}
