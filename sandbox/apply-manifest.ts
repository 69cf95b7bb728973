/** Reads a manifest (YAML, several documents, lists) and applies it, as kubectl apply --server-side would. */
import type { Kube, KubeObject, Resource } from '../lib/ports.ts';
import * as resources from '../lib/resources.ts';

const KNOWN: readonly Resource[] = Object.values(resources);

/** Throws Error for a document without kind or name, or of a kind that the sandbox does not serve. */
export async function readManifest(text: string, origin: string): Promise<KubeObject[]> {
  const { loadAll } = await import('js-yaml');
  const documents = loadAll(text).filter((document) => document !== null && document !== undefined);
  return documents.flatMap((document) => objectsOf(document, origin));
}

function objectsOf(document: unknown, origin: string): KubeObject[] {
  const { kind, items, metadata } = document as { kind?: unknown; items?: unknown[]; metadata?: { name?: unknown } };
  if (kind === 'List' && Array.isArray(items)) return items.flatMap((item) => objectsOf(item, origin));
  if (typeof kind !== 'string' || typeof metadata?.name !== 'string') {
    throw new Error(
      `${origin}: a document has no kind or no metadata.name; accepted: Kubernetes objects as kubectl apply takes them`,
    );
  }
  return [document as KubeObject];
}

export async function applyManifest(kube: Kube, objects: readonly KubeObject[]): Promise<void> {
  // Services first: a pod gets its readiness gate only if its Service is there when it is created.
  for (const object of objects.toSorted((a, b) => Number(b.kind === 'Service') - Number(a.kind === 'Service'))) {
    const group = object.apiVersion?.includes('/') ? (object.apiVersion.split('/')[0] ?? '') : '';
    const resource = KNOWN.find((each) => each.kind === object.kind && each.group === group);
    if (resource === undefined)
      throw new Error(
        `the sandbox does not serve kind ${object.kind} of ${object.apiVersion}; apply it with kubectl to see the server's own answer`,
      );
    const namespace = object.metadata.namespace ?? kube.namespace;
    await kube.patch(resource, object.metadata.name, object, { type: 'apply', force: true, namespace });
  }
}
