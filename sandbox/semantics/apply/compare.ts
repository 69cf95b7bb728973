/** Server-side apply has to know what a write changed, field by field, to give it to its manager. */

import { isMap, type JsonMap, sameJson } from '../json.ts';
import { fieldSchema, type MergeSchema } from '../patch/merge-schema.ts';
import { branch, EMPTY, type FieldSet } from './field-set.ts';
import { elementSchema, elementsByStep, isGranularList } from './steps.ts';

export interface Comparison {
  /** Paths that are new or have another value. */
  changed: FieldSet;
  /** Paths that are gone. */
  removed: FieldSet;
}

interface Difference {
  changed: Record<string, FieldSet>;
  removed: Record<string, FieldSet>;
}

/** The paths at which two objects differ. Parts that are the same in memory are not looked into. */
export function compare(before: JsonMap, after: JsonMap, schema: MergeSchema): Comparison {
  return compareMaps(before, after, schema);
}

function compareMaps(before: JsonMap, after: JsonMap, schema: MergeSchema): Difference {
  const found: Difference = { changed: {}, removed: {} };
  for (const key of Object.keys(after)) {
    compareAt(
      `f:${key}`,
      Object.hasOwn(before, key) ? before[key] : undefined,
      after[key],
      fieldSchema(schema, key),
      found,
    );
  }
  for (const key of Object.keys(before)) {
    if (!Object.hasOwn(after, key)) {
      compareAt(`f:${key}`, before[key], undefined, fieldSchema(schema, key), found);
    }
  }
  return found;
}

function compareLists(before: readonly unknown[], after: readonly unknown[], schema: MergeSchema): Difference {
  const found: Difference = { changed: {}, removed: {} };
  const [old, now] = [elementsByStep(before, schema), elementsByStep(after, schema)];
  const inner = elementSchema(schema);
  for (const [step, element] of now) {
    compareAt(step, old.get(step), element, inner, found);
  }
  for (const [step, element] of old) {
    if (!now.has(step)) {
      compareAt(step, element, undefined, inner, found);
    }
  }
  return found;
}

function compareAt(step: string, before: unknown, after: unknown, schema: MergeSchema, found: Difference): void {
  if (before === after) {
    return;
  }
  if (after === undefined) {
    found.removed[step] = pathsOf(before, schema, step, true);
    return;
  }
  if (before === undefined) {
    found.changed[step] = pathsOf(after, schema, step, true);
    return;
  }
  const inner = compareInside(before, after, schema);
  if (inner === undefined) {
    if (!sameJson(before, after)) {
      found.changed[step] = EMPTY;
    }
    return;
  }
  const [changed, removed] = [branch(false, inner.changed), branch(false, inner.removed)];
  if (changed !== undefined) {
    found.changed[step] = changed;
  }
  if (removed !== undefined) {
    found.removed[step] = removed;
  }
}

function compareInside(before: unknown, after: unknown, schema: MergeSchema): Difference | undefined {
  if (isMap(before) && isMap(after) && schema.atomic !== true) {
    return compareMaps(before, after, schema);
  }
  if (Array.isArray(before) && Array.isArray(after) && isGranularList(schema)) {
    return compareLists(before, after, schema);
  }
  return undefined;
}

/**
 * Parts that the API server writes even when they are empty: they are there before they are filled, so that no manager
 * comes to own them by creating them (seen on a real one: `f:containers` has no `.`, `f:ports` has).
 */
const ALWAYS_THERE = new Set(
  ['', 'metadata', 'spec', 'status', 'template', 'containers', 'updateStrategy', 'strategy', 'resources']
    .concat([
      'state',
      'lastState',
      'loadBalancer',
      'source',
      'jobTemplate',
      'webhooks',
      'rules',
      'subjects',
      'endpoints',
      'users',
    ])
    .map((name) => (name === '' ? '' : `f:${name}`)),
);

const isOptional = (step: string): boolean => !ALWAYS_THERE.has(step);

/**
 * Every path of a value that is reached by `step` ('' for a whole object). Elements of keyed lists are paths of their own;
 * with `containers` so are lists and maps with free keys, which an update creates and an apply only fills.
 */
export function pathsOf(value: unknown, schema: MergeSchema, step: string, containers: boolean): FieldSet {
  const children: Record<string, FieldSet> = {};
  let ends = step.startsWith('k:');
  if (isMap(value) && schema.atomic !== true) {
    for (const key of Object.keys(value)) {
      children[`f:${key}`] = pathsOf(value[key], fieldSchema(schema, key), `f:${key}`, containers);
    }
    ends ||= containers && (schema.freeKeys === true || isOptional(step));
  } else if (Array.isArray(value) && isGranularList(schema)) {
    const inner = elementSchema(schema);
    for (const [elementStep, element] of elementsByStep(value, schema)) {
      children[elementStep] = pathsOf(element, inner, elementStep, containers);
    }
    ends ||= containers && isOptional(step);
  }
  return branch(ends, children) ?? EMPTY;
}
