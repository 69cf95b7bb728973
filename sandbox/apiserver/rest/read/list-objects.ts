/** Lists: at the version asked for, in pages whose tokens stay on one version (Kubernetes API concepts, "Retrieving large results sets in chunks"). */
import type { KubeObject } from '../../../../lib/ports.ts';
import type { ServedResource } from '../../catalogue.ts';
import { badRequest, expired, invalidOptions, tooLargeVersion } from '../../http/api-error.ts';
import { byText } from '../../store/object-table.ts';
import type { Store } from '../../store/store.ts';
import type { ListSelection } from './list-selection.ts';
import { parseCount } from './query.ts';

export interface ListResult {
  items: readonly KubeObject[];
  metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number };
}

interface Position {
  /** The version all pages are read at. */
  version: number;
  /** The last key that was already given out: `namespace/name`. */
  after: string;
}

/** One page. Throws 410 when the version has left the history, 504 when it is still to come, 400 or 422 on options that contradict. */
export function listPage(
  store: Store,
  resource: ServedResource,
  selection: ListSelection,
  query: URLSearchParams,
): ListResult {
  const limit = parseCount(query, 'limit') ?? 0;
  const token = query.get('continue') ?? '';
  const position = token === '' ? undefined : decodeToken(token);
  const version = position?.version ?? versionAsked(store, query);
  const all = atVersion(store, resource, selection, version, position);
  const rest = position === undefined ? all : all.filter((object) => byText(keyOf(object), position.after) > 0);
  const found = selection.everything ? rest : rest.filter((object) => selection.matches(object));
  const items = limit > 0 && found.length > limit ? found.slice(0, limit) : found;
  const last = items.at(-1);
  const metadata: ListResult['metadata'] = { resourceVersion: String(version) };
  if (items.length < found.length && last !== undefined) {
    metadata.continue = encodeToken({ version, after: keyOf(last) });
    if (selection.everything) metadata.remainingItemCount = found.length - items.length;
  }
  return { items, metadata };
}

/** The version to list at: an exact one if asked for, else the latest, which satisfies every other wish. */
function versionAsked(store: Store, query: URLSearchParams): number {
  const asked = parseCount(query, 'resourceVersion') ?? 0;
  const match = query.get('resourceVersionMatch') ?? '';
  if (match !== '' && match !== 'Exact' && match !== 'NotOlderThan') {
    throw invalidOptions(
      'ListOptions',
      'resourceVersionMatch',
      'FieldValueNotSupported',
      `Unsupported value: "${match}": supported values: "Exact", "NotOlderThan"`,
    );
  }
  if (match !== '' && query.get('resourceVersion') === null) {
    throw invalidOptions(
      'ListOptions',
      'resourceVersionMatch',
      'FieldValueForbidden',
      'Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
    );
  }
  if (asked > store.resourceVersion) throw tooLargeVersion(asked, store.resourceVersion);
  return match === 'Exact' && asked > 0 ? asked : store.resourceVersion;
}

/** The objects as they were at `version`: today's list with the changes since then undone. */
function atVersion(
  store: Store,
  resource: ServedResource,
  { namespace, name }: ListSelection,
  version: number,
  position: Position | undefined,
): readonly KubeObject[] {
  const table = store.table(resource);
  const isCurrent = version === store.resourceVersion;
  if (isCurrent && name !== undefined && namespace !== undefined) return [table.get(namespace, name) ?? []].flat();
  const current = table.list(namespace);
  if (isCurrent) return current;
  if (version < table.history.oldestVersion) throw tooOld(store, position);
  const objects = new Map(current.map((object) => [keyOf(object), object]));
  for (const { object, previous } of [...table.history.since(version)].reverse()) {
    if (namespace !== undefined && object.metadata.namespace !== namespace && namespace !== '') continue;
    if (previous === undefined) objects.delete(keyOf(object));
    else objects.set(keyOf(object), previous);
  }
  return [...objects.values()].sort((a, b) => byText(keyOf(a), keyOf(b)));
}

function tooOld(store: Store, position: Position | undefined) {
  if (position === undefined) return expired('The resourceVersion for the provided list is too old.');
  return expired(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
    encodeToken({ version: store.resourceVersion, after: position.after }),
  );
}

// NUL sorts below every character of a name, so keys sort as namespace first, then name.
const keyOf = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ''}\0${metadata.name}`;

const encodeToken = (position: Position): string =>
  Buffer.from(JSON.stringify({ v: 'zeroloss-sandbox/v1', ...position })).toString('base64url');

function decodeToken(token: string): Position {
  try {
    const decoded = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as Partial<Position>;
    if (typeof decoded.version === 'number' && typeof decoded.after === 'string') {
      return { version: decoded.version, after: decoded.after };
    }
  } catch {
    // Falls through to the one answer for every token that this server did not make.
  }
  throw badRequest('continue key is not valid: use the token of the previous answer as it is');
}
