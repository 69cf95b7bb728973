import type { KubeObject, PatchType, Resource, WriteOptions } from '../../lib/ports.ts';
import { strategicPatch } from '../../sandbox/semantics/patch/strategic-patch.ts';
import { FakeKube } from '../fakes/api/kube.ts';

/** Merges a status by the API's own rules: the fake's merge patch would drop conditions that others wrote. */
export class StrategicKube extends FakeKube {
  override async patch(
    resource: Resource,
    name: string,
    patch: object,
    options: WriteOptions & { type: PatchType; force?: boolean },
  ): Promise<KubeObject> {
    const before = this.object(resource, name, options.namespace);
    if (options.type !== 'strategic' || before === undefined) return super.patch(resource, name, patch, options);
    const merged = strategicPatch(before, patch, resource.kind) as KubeObject;
    return super.patch(resource, name, { ...patch, status: merged['status'] }, { ...options, type: 'merge' });
  }
}
