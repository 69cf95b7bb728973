/** Watches: replays what was missed, then follows; with bookmarks and the initial-events-end mark that WatchList clients wait for. */
import type { KubeObject } from '../../../../lib/ports.ts';
import type { ServedResource } from '../../catalogue.ts';
import { ApiError, invalidOptions, tooLargeVersion } from '../../http/api-error.ts';
import { isTrue } from '../../http/request-info.ts';
import type { Change } from '../../store/event-history.ts';
import type { Store } from '../../store/store.ts';
import type { ListSelection } from './list-selection.ts';
import { parseCount } from './query.ts';

export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** Where a watch's events go; the encoding is the receiver's. */
export interface WatchReceiver {
  event(type: WatchEventType, object: KubeObject): void;
  bookmark(resourceVersion: number, annotations?: Record<string, string>): void;
  error(status: object): void;
  end(): void;
}

interface WatchPlan {
  /** Send the objects there are, as ADDED, before anything else. */
  initial: boolean;
  /** Mark the end of the initial events (WatchList). */
  markInitialEnd: boolean;
  /** Changes after this version are sent; undefined: after now. */
  since: number | undefined;
}

/** Starts to follow and returns how to stop. Throws 422 on options that contradict and 504 on a version still to come; an expired version is an ERROR event, as in the real server. */
export function startWatch(
  store: Store,
  resource: ServedResource,
  selection: ListSelection,
  query: URLSearchParams,
  receiver: WatchReceiver,
): () => void {
  const plan = planWatch(query);
  const table = store.table(resource);
  if (plan.since !== undefined && plan.since > store.resourceVersion) {
    // No client can have read it here: it is from before a restart, and waiting for it would lose what happens until then.
    throw tooLargeVersion(plan.since, store.resourceVersion);
  }
  if (plan.since !== undefined && plan.since < table.history.oldestVersion) {
    const message = `too old resource version: ${plan.since} (${table.history.oldestVersion})`;
    receiver.error(new ApiError(410, 'Expired', message).toStatus());
    receiver.end();
    return () => undefined;
  }
  if (plan.initial) {
    for (const object of table.list(selection.namespace)) {
      if (selection.matches(object)) receiver.event('ADDED', object);
    }
  }
  if (plan.markInitialEnd) receiver.bookmark(store.resourceVersion, { 'k8s.io/initial-events-end': 'true' });
  const follow = (change: Change): void => sendChange(change, selection, receiver);
  for (const change of table.history.since(plan.since ?? store.resourceVersion)) {
    if (selection.namespace === undefined || inNamespace(change, selection.namespace)) follow(change);
  }
  return table.subscribe(selection.namespace, follow);
}

function planWatch(query: URLSearchParams): WatchPlan {
  const version = versionOf(query);
  const match = query.get('resourceVersionMatch') ?? '';
  const asked = query.get('sendInitialEvents');
  if (asked === null && match !== '') {
    const message = 'Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided';
    throw invalidOptions('ListOptions', 'resourceVersionMatch', 'FieldValueForbidden', message);
  }
  if (asked !== null && match !== 'NotOlderThan') {
    const message = 'Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan';
    throw invalidOptions('ListOptions', 'resourceVersionMatch', 'FieldValueForbidden', message);
  }
  const markInitialEnd = isTrue(asked);
  const initial = markInitialEnd || (asked === null && version === 0);
  return { initial, markInitialEnd, since: initial || version === 0 ? undefined : version };
}

/** A real server answers 500, without a reason, to a watch from a version that is no number. */
function versionOf(query: URLSearchParams): number {
  try {
    return parseCount(query, 'resourceVersion') ?? 0;
  } catch (error) {
    throw new ApiError(500, '', error instanceof Error ? error.message : String(error));
  }
}

const inNamespace = ({ object }: Change, namespace: string): boolean => (object.metadata.namespace ?? '') === namespace;

/** A change as this selection sees it: an object that begins to match is added, one that ceases to is deleted. */
function sendChange(change: Change, selection: ListSelection, receiver: WatchReceiver): void {
  const before = change.previous !== undefined && selection.matches(change.previous);
  const after = change.type !== 'DELETED' && selection.matches(change.object);
  if (after) receiver.event(before ? 'MODIFIED' : 'ADDED', change.object);
  else if (before) receiver.event('DELETED', change.type === 'DELETED' ? change.object : lastMatch(change));
}

/** The last state that matched, at the version that ended the match. */
function lastMatch({ previous, object, resourceVersion }: Change): KubeObject {
  const last = previous ?? object;
  return { ...last, metadata: { ...last.metadata, resourceVersion: String(resourceVersion) } };
}
