/**
 * ControllerRevisions: the history of a StatefulSet's template. A template has one revision; going back
 * to an old template gives its old revision the next number instead of making a new one.
 */
import { isDeepStrictEqual } from 'node:util';
import { STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import { controllerReference } from '../controller-ref.ts';
import type { ControllerRevision, PodTemplate, StatefulSet } from '../controller-types.ts';

const HASH_LABEL = 'controller.kubernetes.io/hash';

/** The data of the revision that stands for the StatefulSet's present template. */
export function revisionData(set: StatefulSet): ControllerRevision['data'] {
  return { spec: { template: { ...structuredClone(set.spec.template), $patch: 'replace' } } };
}

/** The template that a revision stands for. */
export function templateOf(revision: ControllerRevision): PodTemplate {
  const { $patch: _patch, ...template } = structuredClone(revision.data.spec.template);
  return template;
}

/** A revision as it is created; `collisions` > 0 gives the same template another name. */
export function newRevision(set: StatefulSet, revision: number, collisions: number): ControllerRevision {
  const data = revisionData(set);
  const hash = revisionHash(data, collisions);
  const { namespace, annotations } = set.metadata;
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `${set.metadata.name}-${hash}`,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...set.spec.template.metadata?.labels, [HASH_LABEL]: hash },
      ...(annotations === undefined ? {} : { annotations: { ...annotations } }),
      ownerReferences: [controllerReference(STATEFUL_SETS, set)],
    },
    data,
    revision,
  };
}

/** The change after which the template has its revision, as the newest: nothing, a new number for an old one, or a new one. */
export type RevisionPlan =
  | { kind: 'keep'; update: ControllerRevision }
  | { kind: 'renumber'; update: ControllerRevision; revision: number }
  | { kind: 'create'; revision: number };

/** `revisions`: all that the StatefulSet owns, in any order. */
export function planRevision(set: StatefulSet, revisions: readonly ControllerRevision[]): RevisionPlan {
  const ordered = inOrder(revisions);
  const data = revisionData(set);
  const equal = ordered.findLast((revision) => isDeepStrictEqual(revision.data, data));
  const newest = ordered.at(-1);
  const next = (newest?.revision ?? 0) + 1;
  if (equal === undefined) return { kind: 'create', revision: next };
  return equal === newest ? { kind: 'keep', update: equal } : { kind: 'renumber', update: equal, revision: next };
}

/** The revisions to delete: the oldest beyond the limit (default 10) that neither the status nor a pod names. */
export function planHistory(
  set: StatefulSet,
  revisions: readonly ControllerRevision[],
  inUse: ReadonlySet<string>,
): ControllerRevision[] {
  const history = inOrder(revisions).filter((revision) => !inUse.has(revision.metadata.name));
  return history.slice(0, Math.max(0, history.length - (set.spec.revisionHistoryLimit ?? 10)));
}

function inOrder(revisions: readonly ControllerRevision[]): ControllerRevision[] {
  return revisions.toSorted((a, b) => a.revision - b.revision || a.metadata.name.localeCompare(b.metadata.name));
}

/**
 * FNV-1 of 32 bits over a template, its decimal digits spelt in letters that form no words (Kubernetes: HashControllerRevision).
 * `collisions` > 0 gives the same template another hash.
 */
export function revisionHash(template: unknown, collisions: number): string {
  const text = JSON.stringify(sorted(template));
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(`${text}${collisions}`)) {
    hash = Math.imul(hash, 0x01000193) >>> 0;
    hash = (hash ^ byte) >>> 0;
  }
  const alphabet = 'bcdfghjklmnpqrstvwxz2456789';
  return [...String(hash)].map((digit) => alphabet[digit.charCodeAt(0) % alphabet.length]).join('');
}

// Equal templates must hash alike, whatever the order of their fields.
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(fields.map(([key, field]) => [key, sorted(field)]));
}
