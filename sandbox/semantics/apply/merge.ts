import { isMap, type JsonMap, setField } from '../json.ts';
import { fieldSchema, type MergeSchema } from '../patch/merge-schema.ts';
import { elementSchema, elementStep, elementsByStep, isGranularList } from './steps.ts';

/** The live value with an applied configuration on it: what the configuration names takes its value, the rest stays. */
export function mergeApplied(live: unknown, applied: unknown, schema: MergeSchema): unknown {
  if (isMap(live) && isMap(applied) && schema.atomic !== true) {
    return mergeMaps(live, applied, schema);
  }
  if (Array.isArray(live) && Array.isArray(applied) && isGranularList(schema)) {
    return mergeLists(live, applied, schema);
  }
  return applied;
}

function mergeMaps(live: JsonMap, applied: JsonMap, schema: MergeSchema): JsonMap {
  const merged: JsonMap = {};
  for (const key of Object.keys(live)) {
    setField(merged, key, live[key]);
  }
  for (const key of Object.keys(applied)) {
    const own = Object.hasOwn(live, key);
    setField(merged, key, own ? mergeApplied(live[key], applied[key], fieldSchema(schema, key)) : applied[key]);
  }
  return merged;
}

/**
 * Applied elements in their own order; elements that only the live list has stay where they are among the shared ones,
 * before new ones (structured-merge-diff: visitListItems).
 */
function mergeLists(live: readonly unknown[], applied: readonly unknown[], schema: MergeSchema): readonly unknown[] {
  const [old, wanted] = [elementsByStep(live, schema), elementsByStep(applied, schema)];
  const inner = elementSchema(schema);
  const shared = [...wanted.keys()].filter((step) => old.has(step));
  const left = [...old.keys()];
  const right = [...wanted.keys()];
  const done = new Set<string>();
  const merged: unknown[] = [];
  const take = (step: string): void => {
    done.add(step);
    merged.push(
      wanted.has(step) && old.has(step)
        ? mergeApplied(old.get(step), wanted.get(step), inner)
        : (wanted.get(step) ?? old.get(step)),
    );
  };
  while (left.length > 0 || right.length > 0) {
    const [mine, theirs] = [left[0], right[0]];
    const next = shared.find((step) => !done.has(step));
    if (mine !== undefined && (!wanted.has(mine) || done.has(mine))) {
      left.shift();
      if (!wanted.has(mine)) {
        take(mine);
      }
    } else if (mine !== undefined && theirs !== undefined && mine !== theirs && mine !== next) {
      // A shared element, but not the one whose turn it is in the applied order.
      left.shift();
    } else if (theirs !== undefined) {
      right.shift();
      take(theirs);
    } else {
      left.shift();
    }
  }
  return [...merged, ...live.filter((element) => elementStep(element, schema) === undefined)];
}
