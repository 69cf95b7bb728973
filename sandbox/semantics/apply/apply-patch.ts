/** The owners of fields: server-side apply, and the bookkeeping of every other write (Kubernetes: managedfields). */
import type { KubeObject } from '../../../lib/ports.ts';
import { asMap, withoutNulls } from '../json.ts';
import { schemaOf } from '../patch/merge-schema.ts';
import { type Comparison, compare, pathsOf } from './compare.ts';
import { ApplyConflict } from './conflict.ts';
import { difference, EMPTY, type FieldSet, intersection, isEmpty, sameSet, union } from './field-set.ts';
import { disown, isReset, isSameManager, type ManagerEntry, makeEntry, readEntries, sortEntries } from './managers.ts';
import { mergeApplied } from './merge.ts';
import { ownedPart, withOwnedPart } from './owned-part.ts';
import { prune } from './prune.ts';

export { ApplyConflict } from './conflict.ts';

export interface ApplyOptions {
  manager: string;
  /** Take fields over from their owners instead of refusing. */
  force: boolean;
  kind: string;
  /** RFC 3339. */
  now: string;
  /** 'status' when that part alone is applied. */
  subresource?: string;
}

export interface TrackOptions {
  manager: string;
  /** RFC 3339. */
  now: string;
  subresource?: string;
  apiVersion: string;
}

/** Owns everything that was there before anyone kept books. */
const BEFORE_FIRST_APPLY = 'before-first-apply';

/**
 * Server-side apply: `applied` on `live` (undefined: from nothing), with metadata.managedFields kept. Fields that the
 * manager applied before and no longer does go, unless someone else owns them too. Applying the same again changes nothing.
 * Throws ApplyConflict (409) when it would change a field of another manager, unless `force`. Arguments are not changed.
 */
export function applyPatch(live: KubeObject | undefined, applied: KubeObject, options: ApplyOptions): KubeObject {
  const { manager, kind, now, subresource } = options;
  const schema = schemaOf(kind);
  const config = asMap(withoutNulls(ownedPart(applied, subresource)));
  const own = makeEntry({
    manager,
    operation: 'Apply',
    apiVersion: applied.apiVersion ?? live?.apiVersion ?? '',
    fieldsV1: pathsOf(config, schema, '', false),
    subresource,
  });
  const entries = live === undefined ? [] : entriesOf(live, now);
  const former = entries.find((entry) => isSameManager(entry, own));
  const others = entries.filter((entry) => entry !== former);

  const before = ownedPart(live, subresource);
  const dropped = difference(former?.fieldsV1 ?? EMPTY, own.fieldsV1);
  const kept = others.reduce<FieldSet>((all, entry) => union(all, entry.fieldsV1), own.fieldsV1);
  const after = asMap(prune(mergeApplied(before, config, schema), dropped, kept, schema));
  const comparison = compare(before, after, schema);
  if (!options.force) {
    refuseConflicts(others, comparison.changed);
  }
  const unchanged =
    former !== undefined &&
    sameSet(former.fieldsV1, own.fieldsV1) &&
    isSame(comparison) &&
    former.apiVersion === own.apiVersion;
  const entry = unchanged ? former : makeEntry({ ...own, time: now });
  const frame = live ?? withOwnedPart(applied, {}, undefined);
  return withEntries(withPreconditions(withOwnedPart(frame, after, subresource), applied), [
    ...disown(others, union(comparison.changed, comparison.removed)),
    ...(isEmpty(entry.fieldsV1) ? [] : [entry]),
  ]);
}

/**
 * Keeps metadata.managedFields over a write that is not an apply: the manager owns what it set or changed, no one owns
 * what is gone. `managedFields` that the writer sent itself count; one empty entry forgets all owners, and an object
 * whose owners are forgotten is not tracked until it is applied. Arguments are not changed.
 */
export function trackUpdate(before: KubeObject | undefined, after: KubeObject, options: TrackOptions): KubeObject {
  const sent = after.metadata['managedFields'];
  const entries = isReset(sent) ? [] : entriesSent(sent, before);
  if (before !== undefined && entries.length === 0) {
    return withEntries(after, []);
  }
  const { manager, now, subresource, apiVersion } = options;
  const schema = schemaOf(after.kind ?? before?.kind ?? '');
  const comparison = compare(ownedPart(before, subresource), ownedPart(after, subresource), schema);
  if (isSame(comparison)) {
    return withEntries(after, entries);
  }
  const own = makeEntry({ manager, operation: 'Update', apiVersion, fieldsV1: comparison.changed, subresource });
  const former = entries.find((entry) => isSameManager(entry, own));
  const touched = union(comparison.changed, comparison.removed);
  const mine = former === undefined ? EMPTY : difference(former.fieldsV1, comparison.removed);
  const fieldsV1 = union(mine, own.fieldsV1);
  const time = isEmpty(own.fieldsV1) ? former?.time : now;
  return withEntries(after, [
    ...disown(
      entries.filter((entry) => entry !== former),
      touched,
    ),
    ...(isEmpty(fieldsV1) ? [] : [makeEntry({ ...own, time, fieldsV1 })]),
  ]);
}

const isSame = ({ changed, removed }: Comparison) => isEmpty(changed) && isEmpty(removed);

function refuseConflicts(others: readonly ManagerEntry[], changed: FieldSet): void {
  const conflicts = others
    .map((entry) => ({ entry, fields: intersection(entry.fieldsV1, changed) }))
    .filter(({ fields }) => !isEmpty(fields));
  if (conflicts.length > 0) {
    throw new ApplyConflict(conflicts);
  }
}

/** The owners of a live object; all of it belongs to one stand-in when it has none. */
function entriesOf(live: KubeObject, now: string): readonly ManagerEntry[] {
  const entries = readEntries(live.metadata['managedFields']);
  if (entries.length > 0) {
    return entries;
  }
  const fieldsV1 = pathsOf(ownedPart(live, undefined), schemaOf(live.kind ?? ''), '', true);
  const standIn = makeEntry({
    manager: BEFORE_FIRST_APPLY,
    operation: 'Update',
    apiVersion: live.apiVersion ?? '',
    time: now,
    fieldsV1,
  });
  return isEmpty(fieldsV1) ? [] : [standIn];
}

function entriesSent(sent: unknown, before: KubeObject | undefined): readonly ManagerEntry[] {
  const entries = readEntries(sent);
  return entries.length > 0 ? entries : readEntries(before?.metadata['managedFields']);
}

function withEntries(object: KubeObject, entries: readonly ManagerEntry[]): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata;
  return {
    ...object,
    metadata: entries.length === 0 ? metadata : { ...metadata, managedFields: sortEntries(entries) },
  };
}

/** A version or UID in the applied configuration must reach the check of preconditions. */
function withPreconditions(object: KubeObject, applied: KubeObject): KubeObject {
  const { uid, resourceVersion } = applied.metadata;
  return {
    ...object,
    metadata: {
      ...object.metadata,
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
  };
}
