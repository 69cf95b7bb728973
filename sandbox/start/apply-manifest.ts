/** Reads manifests and applies them to the sandbox's API server, as `kubectl apply --server-side` would. */
import { ExitCode, ZerolossError } from '../../lib/core/errors.ts';
import type { Kube, KubeObject, Resource } from '../../lib/ports.ts';
import { CATALOGUE } from '../apiserver/catalogue.ts';

/** YAML or JSON to objects, lists taken apart. Throws ZerolossError, naming `origin`, for what is no manifest or holds no object. */
export async function readManifest(text: string, origin: string): Promise<KubeObject[]> {
  const { loadAll, YAMLException } = await import('js-yaml');
  let documents: unknown[];
  try {
    documents = loadAll(text);
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const at = error.mark === undefined ? '' : ` in line ${error.mark.line + 1}`;
    throw noManifest(origin, `is not YAML: ${error.reason}${at}`);
  }
  const objects = documents
    .filter((document) => document !== null && document !== undefined)
    .flatMap((document) => objectsOf(document, origin));
  if (objects.length === 0) throw noManifest(origin, 'holds no object');
  return objects;
}

function objectsOf(document: unknown, origin: string): KubeObject[] {
  const { kind, items, metadata } = document as { kind?: unknown; items?: unknown[]; metadata?: { name?: unknown } };
  if (kind === 'List' && Array.isArray(items)) return items.flatMap((item) => objectsOf(item, origin));
  if (typeof kind !== 'string' || typeof metadata?.name !== 'string') {
    throw noManifest(origin, 'has a document without kind or metadata.name');
  }
  return [document as KubeObject];
}

const noManifest = (origin: string, what: string): ZerolossError =>
  new ZerolossError(ExitCode.error, `${origin} ${what}`, {
    hint: 'accepted: Kubernetes objects in YAML or JSON, as kubectl apply takes them',
  });

/** Throws ZerolossError for a kind that the sandbox does not serve. */
export function resourceOf(object: KubeObject): Resource {
  const group = object.apiVersion?.includes('/') ? (object.apiVersion.split('/')[0] ?? '') : '';
  const resource = CATALOGUE.find((each) => each.kind === object.kind && each.group === group);
  if (resource !== undefined) return resource;
  const served = CATALOGUE.map((each) => each.kind).join(', ');
  throw new ZerolossError(
    ExitCode.error,
    `the sandbox does not serve kind ${object.kind} of ${object.apiVersion ?? 'no apiVersion'} (${object.metadata.name})`,
    { hint: `it serves ${served}` },
  );
}

/** Kinds that others need first; a pod that is older than its Service gets no readiness gate. */
const FIRST: readonly string[] = ['Namespace', 'Service'];

/** Namespaces and Services come first, the rest in the manifest's order. */
export async function applyManifest(kube: Kube, objects: readonly KubeObject[]): Promise<void> {
  const rank = ({ kind = '' }: KubeObject) => (FIRST.includes(kind) ? FIRST.indexOf(kind) : FIRST.length);
  for (const object of objects.toSorted((a, b) => rank(a) - rank(b))) {
    const namespace = object.metadata.namespace ?? kube.namespace;
    await kube.patch(resourceOf(object), object.metadata.name, object, { type: 'apply', force: true, namespace });
  }
}
