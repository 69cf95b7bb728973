import { PODS } from '../../../lib/ports/resources.ts';
import type { Stage } from './stage.ts';

/** Every UID that each pod name has had since the watch began; it ends with the test. */
export async function watchUids(
  t: { after(done: () => void): void },
  stage: Stage,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const { kube } = stage.cluster;
  const seen = new Map(Object.entries(await stage.uids()).map(([name, uid]) => [name, new Set([uid])]));
  const stop = new AbortController();
  t.after(() => stop.abort());
  const { metadata } = await kube.list(PODS, { namespace: stage.namespace });
  const options = { namespace: stage.namespace, signal: stop.signal, resourceVersion: metadata.resourceVersion ?? '' };
  const follow = async () => {
    for await (const { type, object } of kube.watch(PODS, options)) {
      if (type !== 'ADDED') continue;
      const uids = seen.get(object.metadata.name) ?? new Set();
      seen.set(object.metadata.name, uids.add(object.metadata.uid ?? ''));
    }
  };
  follow().catch(() => undefined);
  return seen;
}
