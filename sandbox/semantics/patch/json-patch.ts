import { isMap, type JsonMap, sameJson, setField } from '../json.ts';
import { badRequest, PatchError, unprocessable } from './patch-error.ts';

/** More operations than this are refused with 413 (Kubernetes: maxJSONPatchOperations). */
const MAX_OPERATIONS = 10_000;

/**
 * JSON Patch (RFC 6902). `current` is not changed.
 * Throws PatchError: 400 when `operations` is not a list of objects, 413 when it is too long,
 * 422 when an operation cannot be carried out or a `test` fails; then nothing at all was applied.
 */
export function jsonPatch(current: unknown, operations: unknown): unknown {
  if (!Array.isArray(operations) || !operations.every(isMap)) {
    throw badRequest(
      'error decoding patch: a JSON patch is a list of operations: [{"op":"replace","path":"/a","value":1}]',
    );
  }
  if (operations.length > MAX_OPERATIONS) {
    throw new PatchError(
      413,
      'RequestEntityTooLarge',
      `The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${operations.length}`,
    );
  }
  return operations.reduce<unknown>(applyOperation, structuredClone(current));
}

function applyOperation(document: unknown, operation: JsonMap): unknown {
  const path = parsePointer(operation['path']);
  switch (operation['op']) {
    case 'add':
      return add(document, path, structuredClone(required(operation)));
    case 'remove':
      return remove(document, path);
    case 'replace':
      read(document, path);
      return path.length === 0
        ? structuredClone(required(operation))
        : add(remove(document, path), path, structuredClone(required(operation)));
    case 'move': {
      const from = parsePointer(operation['from']);
      // A location cannot be moved into one of its children (RFC 6902, 4.4).
      if (from.length < path.length && from.every((token, index) => token === path[index])) {
        throw unprocessable();
      }
      const value = read(document, from);
      return add(remove(document, from), path, value);
    }
    case 'copy':
      return add(document, path, structuredClone(read(document, parsePointer(operation['from']))));
    case 'test':
      if (!sameJson(read(document, path), required(operation))) {
        throw unprocessable();
      }
      return document;
    default:
      throw unprocessable();
  }
}

function required(operation: JsonMap): unknown {
  if (!Object.hasOwn(operation, 'value')) {
    throw unprocessable();
  }
  return operation['value'];
}

/** JSON Pointer (RFC 6901): '' is the whole document, `~1` is '/', `~0` is '~'. */
function parsePointer(pointer: unknown): readonly string[] {
  if (typeof pointer !== 'string' || (pointer !== '' && !pointer.startsWith('/'))) {
    throw unprocessable();
  }
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function read(document: unknown, path: readonly string[]): unknown {
  let value = document;
  for (const token of path) {
    if (Array.isArray(value)) {
      value = value[parseIndex(token, value.length - 1)];
    } else if (isMap(value) && Object.hasOwn(value, token)) {
      value = value[token];
    } else {
      throw unprocessable();
    }
  }
  return value;
}

function add(document: unknown, path: readonly string[], value: unknown): unknown {
  const last = path.at(-1);
  if (last === undefined) {
    return value;
  }
  const parent = read(document, path.slice(0, -1));
  if (Array.isArray(parent)) {
    parent.splice(last === '-' ? parent.length : parseIndex(last, parent.length), 0, value);
  } else if (isMap(parent)) {
    setField(parent, last, value);
  } else {
    throw unprocessable();
  }
  return document;
}

function remove(document: unknown, path: readonly string[]): unknown {
  read(document, path);
  const last = path.at(-1);
  if (last === undefined) {
    return null;
  }
  const parent = read(document, path.slice(0, -1));
  if (Array.isArray(parent)) {
    parent.splice(parseIndex(last, parent.length - 1), 1);
  } else if (isMap(parent)) {
    delete parent[last];
  }
  return document;
}

/**
 * An index into a list whose highest is `max`. As kube-apiserver's library takes them (evanphx/json-patch): a negative one
 * counts from the end, -1 being the highest; `01` and `+1` are 1.
 */
function parseIndex(token: string, max: number): number {
  const index = /^[+-]?\d+$/.test(token) ? Number(token) : Number.NaN;
  const counted = index < 0 ? max + 1 + index : index;
  if (!(counted >= 0 && counted <= max)) {
    throw unprocessable();
  }
  // -0 is no key of a list.
  return counted + 0;
}
