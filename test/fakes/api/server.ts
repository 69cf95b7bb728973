/** The fake API server's rules: how writes change what is stored, and which are turned down. */
import { isDeepStrictEqual } from 'node:util';
import { labelsMatch } from '../../../lib/core/values/label-selector.ts';
import { POD_DISRUPTION_BUDGETS, PODS } from '../../../lib/ports/resources.ts';
import type { DeleteOptions, KubeObject, PatchType, Resource } from '../../../lib/ports.ts';
import { scaleOf } from '../../../sandbox/apiserver/rest/subresources/scale-subresource.ts';
import { patched as withPatch } from '../../../sandbox/apiserver/rest/write/patch.ts';
import { isMap, type JsonMap } from '../../../sandbox/semantics/json.ts';
import { mergePatch } from '../../../sandbox/semantics/patch/merge-patch.ts';
import { alreadyExists, disruptionRefused, notFound, staleVersion, wrongUid } from './status.ts';
import { Store } from './store.ts';
import { allowsNone, bound, evictionOptions, patchScale } from './subresources.ts';
import { validate } from './validate.ts';

/** Where a write goes. */
export interface Place {
  resource: Resource;
  namespace: string;
  name: string;
  subresource?: string | undefined;
  dryRun?: boolean | undefined;
}

export interface ServerOptions {
  gracefulPods: boolean;
  now: () => number;
}

const WITH_STATUS = ['Pod', 'Service', 'Node', 'StatefulSet', 'Deployment', 'ReplicaSet', 'PodDisruptionBudget'];
const hasStatus = (resource: Resource): boolean => WITH_STATUS.includes(resource.kind);

// The core group's kinds and those without a spec carry no generation.
const hasGeneration = (resource: Resource, object: KubeObject): boolean =>
  resource.group !== '' && object['spec'] !== undefined;

export class FakeServer {
  readonly store = new Store();
  readonly #options: ServerOptions;
  #serial = 0;

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  found({ resource, namespace, name }: Place): KubeObject {
    const object = this.store.get(resource, namespace, name);
    if (object === undefined) throw notFound(resource, name);
    return object;
  }

  /** Stores an object as given, with the metadata a server adds where it is missing. */
  put(resource: Resource, object: KubeObject): KubeObject {
    object.metadata.uid ??= this.#uid();
    object.metadata.creationTimestamp ??= this.#timestamp(0);
    if (hasGeneration(resource, object)) object.metadata.generation ??= 1;
    return this.store.put(resource, object);
  }

  create(place: Place, body: KubeObject): KubeObject {
    const { resource, namespace } = place;
    const generated = body.metadata.generateName;
    if (!body.metadata.name && generated)
      body.metadata.name = `${generated}${this.#next().toString(36).padStart(5, '0')}`;
    if (resource.namespaced) body.metadata.namespace ??= namespace;
    if (this.store.get(resource, body.metadata.namespace ?? '', body.metadata.name))
      throw alreadyExists(resource, body.metadata.name);
    validate(resource, undefined, body);
    const { uid: _uid, resourceVersion: _version, generation: _generation, ...metadata } = body.metadata;
    body.metadata = metadata;
    if (hasStatus(resource)) delete body['status'];
    return place.dryRun ? body : this.put(resource, body);
  }

  patch(place: Place, body: Record<string, unknown>, type: PatchType): KubeObject {
    const { resource, namespace, name, subresource, dryRun } = place;
    if (type === 'apply' && !this.store.get(resource, namespace, name))
      return this.create(place, mergePatch({ metadata: { name } }, body) as KubeObject);
    const before = this.found(place);
    const { resourceVersion, uid } = isMap(body['metadata']) ? body['metadata'] : {};
    if (typeof resourceVersion === 'string' && resourceVersion !== before.metadata.resourceVersion)
      throw staleVersion(resource, name);
    if (typeof uid === 'string' && uid !== before.metadata.uid)
      throw wrongUid(resource, name, uid, before.metadata.uid ?? '');
    const after =
      subresource === 'scale' ? patchScale(before, body) : patched(resource, before, body, type, subresource);
    validate(resource, before, after);
    const stored = dryRun ? after : this.save(resource, before, after);
    return subresource === 'scale' ? scaleOf(stored) : stored;
  }

  /** Stores a changed object: no change, no new version; an object whose last finalizer went while it was being deleted is removed. */
  save(resource: Resource, before: KubeObject, after: KubeObject): KubeObject {
    const { resourceVersion, uid, generation } = before.metadata;
    after.metadata = { ...after.metadata, ...(resourceVersion === undefined ? {} : { resourceVersion }) };
    if (uid !== undefined) after.metadata.uid = uid;
    if (isDeepStrictEqual(before, after)) return before;
    if (generation !== undefined && !isDeepStrictEqual(before['spec'], after['spec']))
      after.metadata.generation = generation + 1;
    const ended =
      after.metadata.deletionTimestamp !== undefined && (after.metadata.deletionGracePeriodSeconds ?? 0) === 0;
    return ended && !after.metadata.finalizers?.length
      ? this.store.remove(resource, after)
      : this.store.put(resource, after);
  }

  delete(place: Place, options: DeleteOptions): void {
    const { resource, name } = place;
    const before = this.found(place);
    if (options.uid !== undefined && options.uid !== before.metadata.uid)
      throw wrongUid(resource, name, options.uid, before.metadata.uid ?? '');
    if (place.dryRun) return;
    if (options.propagationPolicy === 'Orphan') this.#orphan(before.metadata.uid);
    const grace = this.#graceSeconds(resource, before, options);
    if (grace === 0 && !before.metadata.finalizers?.length) {
      this.store.remove(resource, before);
      return;
    }
    const after = structuredClone(before);
    after.metadata.deletionTimestamp ??= this.#timestamp(grace * 1000);
    after.metadata.deletionGracePeriodSeconds = Math.min(grace, before.metadata.deletionGracePeriodSeconds ?? grace);
    this.save(resource, before, after);
  }

  /** POST pods/NAME/eviction: 429 while a PodDisruptionBudget that selects the pod allows none, else a delete. */
  evict(place: Place, body: KubeObject): void {
    const pod = this.found({ ...place, resource: PODS });
    for (const budget of this.store.list(POD_DISRUPTION_BUDGETS)) {
      const selector = isMap(budget['spec']) ? budget['spec']['selector'] : undefined;
      if (budget.metadata.namespace !== pod.metadata.namespace) continue;
      if (!labelsMatch(selector, pod.metadata.labels ?? {})) continue;
      if (allowsNone(budget)) throw disruptionRefused();
    }
    this.delete({ ...place, resource: PODS }, evictionOptions(body));
  }

  /** POST pods/NAME/binding: puts the pod on a node. */
  bind(place: Place, body: KubeObject): void {
    const before = this.found(place);
    this.save(place.resource, before, bound(before, body));
  }

  // Pods that no kubelet knows, or that have ended, are removed at once by the real server too.
  #graceSeconds(resource: Resource, object: KubeObject, options: DeleteOptions): number {
    const spec = isMap(object['spec']) ? object['spec'] : {};
    const phase = isMap(object['status']) ? object['status']['phase'] : undefined;
    const held = this.#options.gracefulPods && resource.kind === 'Pod' && spec['nodeName'] !== undefined;
    if (!held || phase === 'Failed' || phase === 'Succeeded') return 0;
    return options.gracePeriodSeconds ?? Number(spec['terminationGracePeriodSeconds'] ?? 30);
  }

  #orphan(ownerUid: string | undefined): void {
    for (const { resource, object } of this.store.everything()) {
      const owners = object.metadata.ownerReferences ?? [];
      if (!owners.some((owner) => owner.uid === ownerUid)) continue;
      const after = structuredClone(object);
      after.metadata.ownerReferences = owners.filter((owner) => owner.uid !== ownerUid);
      this.save(resource, object, after);
    }
  }

  #next(): number {
    this.#serial += 1;
    return this.#serial;
  }

  #uid(): string {
    return `00000000-0000-4000-8000-${String(this.#next()).padStart(12, '0')}`;
  }

  #timestamp(afterMs: number): string {
    return new Date(this.#options.now() + afterMs).toISOString().replace(/\.\d+Z$/, 'Z');
  }
}

// Status is written through its own subresource only, and nothing else through that.
function patched(
  resource: Resource,
  before: KubeObject,
  patch: JsonMap,
  type: PatchType,
  subresource: string | undefined,
): KubeObject {
  const after = (
    type === 'apply' ? mergePatch(before, patch) : withPatch(type, before, patch, resource.kind)
  ) as KubeObject;
  const { status, ...rest } = after;
  if (subresource === 'status') {
    // A write of the status takes annotations along, as the Deployment controller's does.
    const { annotations } = after.metadata;
    return { ...before, metadata: { ...before.metadata, ...(annotations && { annotations }) }, status };
  }
  if (!hasStatus(resource)) return after;
  return before['status'] === undefined ? rest : { ...rest, status: before['status'] };
}
