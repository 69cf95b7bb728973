import { field, isMap, type JsonMap, setField } from '../json.ts';
import { badRequest, PatchError } from './patch-error.ts';

/** The keys by which a strategic merge patch says more than values can. */
export const Directive = {
  /** The directive for the map that it stands in: replace, delete or merge. */
  patch: '$patch',
  /** The only keys of the live map that may stay. */
  retainKeys: '$retainKeys',
  /** Prefix: the wanted order of the list named after it. */
  order: '$setElementOrder/',
  /** Prefix: the plain values to take out of the list named after it. */
  deleteFromList: '$deleteFromPrimitiveList/',
} as const;

const isDirective = (key: string) =>
  key === Directive.patch ||
  key === Directive.retainKeys ||
  key.startsWith(Directive.order) ||
  key.startsWith(Directive.deleteFromList);

/**
 * The result of a patch's value where nothing was before: undefined for a map with a `$patch` directive, which has nothing
 * to act on, and the value without directives for all else.
 */
export function dropDirectives(value: unknown): unknown {
  if (isMap(value) && Object.hasOwn(value, Directive.patch)) {
    return undefined;
  }
  return copyWithoutDirectives(value, dropDirectives);
}

/** A value that replaces another one, freed of directive keys at every depth. */
export function stripDirectives(value: unknown): unknown {
  return copyWithoutDirectives(value, stripDirectives);
}

function copyWithoutDirectives(value: unknown, copy: (part: unknown) => unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(copy).filter((element) => element !== undefined);
  }
  if (!isMap(value)) {
    return value;
  }
  const kept: JsonMap = {};
  for (const key of Object.keys(value)) {
    const part = isDirective(key) ? undefined : copy(value[key]);
    if (part !== undefined) {
      setField(kept, key, part);
    }
  }
  return kept;
}

/** The keys that may stay, or undefined when the patch does not limit them. Throws PatchError 400 when the patch sets a key it does not retain. */
export function parseRetainKeys(patch: JsonMap): ReadonlySet<unknown> | undefined {
  const listed = field(patch, Directive.retainKeys);
  if (listed === undefined) {
    return undefined;
  }
  const retained = new Set<unknown>(Array.isArray(listed) ? listed : []);
  const stray = Object.keys(patch).some((key) => !isDirective(key) && patch[key] !== null && !retained.has(key));
  if (!Array.isArray(listed) || stray) {
    throw badRequest('invalid patch format of retainKeys');
  }
  return retained;
}

/** The real server has no reason code for this one: 500 and a bare sentence. */
export function unknownPatchType(directive: unknown, patch: JsonMap): PatchError {
  return new PatchError(
    500,
    '',
    `unknown patch type ${JSON.stringify(directive)} found in map ${JSON.stringify(patch)}`,
  );
}
