/** PATCH of the four kinds, server-side apply among them. */
import type { KubeObject } from '../../../../lib/ports.ts';
import { applyPatch } from '../../../semantics/apply/apply-patch.ts';
import { asMap } from '../../../semantics/json.ts';
import { jsonPatch } from '../../../semantics/patch/json-patch.ts';
import { mergePatch } from '../../../semantics/patch/merge-patch.ts';
import { strategicPatch } from '../../../semantics/patch/strategic-patch.ts';
import type { ServedResource } from '../../catalogue.ts';
import { badRequest, invalidOptions } from '../../http/api-error.ts';
import { parseJson, parseYaml, unsupportedMediaType } from '../../http/body.ts';
import { acceptBody, type WritePlace } from './object-body.ts';

export type PatchKind = 'json' | 'merge' | 'strategic' | 'apply';

const PATCH_TYPES: Readonly<Record<string, PatchKind>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
};

/** Throws 415 on any other type, and on none; a custom resource takes no strategic merge patch. */
export function parsePatchType(
  mediaType: string | undefined,
  { isCustom }: Pick<ServedResource, 'isCustom'>,
): PatchKind {
  const accepted = Object.keys(PATCH_TYPES).filter((type) => !(isCustom && PATCH_TYPES[type] === 'strategic'));
  const type = accepted.find((each) => each === mediaType);
  if (type === undefined) throw unsupportedMediaType(accepted, {});
  return PATCH_TYPES[type] as PatchKind;
}

/** The patch itself; server-side apply may be YAML. */
export const decodePatch = async (type: PatchKind, body: Buffer): Promise<unknown> =>
  type === 'apply' ? await parseYaml(body) : parseJson(body);

/** `current` with a patch on it. Throws PatchError when the patch cannot be applied. */
export function patched(type: Exclude<PatchKind, 'apply'>, current: KubeObject, patch: unknown, kind: string): unknown {
  if (type === 'json') return jsonPatch(current, patch);
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) {
    throw badRequest('the patch must be an object: {"metadata":{"labels":{"a":"b"}}}');
  }
  return type === 'merge' ? mergePatch(current, patch) : strategicPatch(current, patch, kind);
}

/** Server-side apply on `live`, or from nothing. Throws ApplyConflict (409) with a cause per field that another manager owns. */
export function applied(
  resource: ServedResource,
  place: WritePlace,
  live: KubeObject | undefined,
  patch: unknown,
  options: { manager: string | undefined; force: boolean; now: string; subresource: string | undefined },
): KubeObject {
  const { manager, force, now, subresource } = options;
  if (manager === undefined || manager === '') {
    const message = 'Required value: is required for apply patch';
    throw invalidOptions('PatchOptions', 'fieldManager', 'FieldValueRequired', message);
  }
  if (asMap(asMap(patch)['metadata'])['managedFields'] !== undefined) {
    throw badRequest('metadata.managedFields must be nil');
  }
  const part = subresource === undefined ? {} : { subresource };
  return applyPatch(live, acceptBody(resource, place, patch), { manager, force, kind: resource.kind, now, ...part });
}
