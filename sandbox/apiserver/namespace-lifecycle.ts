/** Empties namespaces that are being deleted and then removes them (the namespace controller's work). */

import { NAMESPACES } from '../../lib/ports/resources.ts';
import type { KubeObject } from '../../lib/ports.ts';
import { CATALOGUE, servedAs } from './catalogue.ts';
import type { RestCluster } from './rest/rest-cluster.ts';
import { deleteObject } from './rest/write/delete.ts';

const NAMESPACED = CATALOGUE.filter(({ namespaced }) => namespaced);

/** Follows the namespaces until the returned function is called. */
export function followNamespaces(cluster: RestCluster): () => void {
  const watched = new Map<string, (() => void)[]>();
  const release = (name: string): void => {
    for (const unsubscribe of watched.get(name) ?? []) unsubscribe();
    watched.delete(name);
  };
  const begin = (name: string): void => {
    if (watched.has(name)) return;
    const check = soon(() => {
      if (removeIfEmpty(cluster, name)) release(name);
    });
    const subscriptions = NAMESPACED.map((resource) =>
      cluster.store.table(resource).subscribe(name, ({ type }) => {
        if (type === 'DELETED') check();
      }),
    );
    watched.set(name, subscriptions);
    // Not inside the write that is being passed on: its other listeners come first.
    queueMicrotask(() => {
      deleteContent(cluster, name);
      check();
    });
  };
  const stop = cluster.store.table(NAMESPACES).subscribe(undefined, ({ type, object }) => {
    if (type === 'DELETED') release(object.metadata.name);
    else if (object.metadata.deletionTimestamp !== undefined) begin(object.metadata.name);
  });
  return () => {
    stop();
    for (const name of [...watched.keys()]) release(name);
  };
}

/** Calls `action` once after this turn, however often it was asked for. */
function soon(action: () => void): () => void {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    queueMicrotask(() => {
      asked = false;
      action();
    });
  };
}

function deleteContent(cluster: RestCluster, namespace: string): void {
  for (const resource of NAMESPACED) {
    for (const object of cluster.store.table(resource).list(namespace)) {
      const live = cluster.store.get(resource, namespace, object.metadata.name);
      if (live !== undefined) deleteObject(cluster, resource, live, { dryRun: false, propagation: 'Background' });
    }
  }
}

function removeIfEmpty(cluster: RestCluster, name: string): boolean {
  const namespace: KubeObject | undefined = cluster.store.get(NAMESPACES, undefined, name);
  if (namespace === undefined) return true;
  if (NAMESPACED.some((resource) => cluster.store.table(resource).list(name).length > 0)) return false;
  const served = servedAs(NAMESPACES);
  if ((namespace.metadata.finalizers?.length ?? 0) > 0) return false;
  cluster.store.remove(served, namespace);
  return true;
}
