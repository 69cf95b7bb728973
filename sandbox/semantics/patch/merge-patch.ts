import { field, isMap, type JsonMap, setField } from '../json.ts';

/** JSON Merge Patch (RFC 7386): maps merge, null removes, everything else replaces. Neither argument is changed. */
export function mergePatch(current: unknown, patch: unknown): unknown {
  if (!isMap(patch)) {
    return patch;
  }
  const target = isMap(current) ? current : {};
  const merged: JsonMap = {};
  for (const key of Object.keys(target)) {
    if (!Object.hasOwn(patch, key)) {
      setField(merged, key, target[key]);
    } else if (patch[key] !== null) {
      setField(merged, key, mergePatch(target[key], patch[key]));
    }
  }
  for (const key of Object.keys(patch)) {
    if (!Object.hasOwn(target, key) && patch[key] !== null) {
      setField(merged, key, mergePatch(field(target, key), patch[key]));
    }
  }
  return merged;
}
