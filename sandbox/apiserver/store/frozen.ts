import type { KubeObject } from '../../../lib/ports.ts';

/** Freezes an object through and through: what is stored is shared by every reader and every watch. */
export function freezeDeep<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const child of Object.values(value)) freezeDeep(child);
  }
  return value;
}

const bodies = new WeakMap<KubeObject, string>();

/** The JSON of an object after its kind and apiVersion, made once per stored version: lists and watches share it. */
function bodyOf(object: KubeObject): string {
  let body = bodies.get(object);
  if (body === undefined) {
    const { kind: _kind, apiVersion: _apiVersion, ...rest } = object;
    body = JSON.stringify(rest).slice(1);
    if (Object.isFrozen(object)) bodies.set(object, body);
  }
  return body;
}

/** The whole object as JSON, kind and apiVersion first as the real server writes them. */
export const jsonOfObject = (object: KubeObject): string =>
  `{"kind":${JSON.stringify(object.kind)},"apiVersion":${JSON.stringify(object.apiVersion)},${bodyOf(object)}`;

/** The object as an item of a typed list, which carries neither kind nor apiVersion. */
export const jsonOfItem = (object: KubeObject): string => `{${bodyOf(object)}`;
