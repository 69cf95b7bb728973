/**
 * Sets of field paths, in the form in which metadata.managedFields keeps them (FieldsV1): a key per step
 * (`f:` a field, `k:{…}` an element of a keyed list, `v:…` an element of a set), `{}` where a path ends, and `.` where
 * a path ends and longer ones go on. Sets are values: no function here changes one, and results share parts.
 */
export interface FieldSet {
  readonly [step: string]: FieldSet;
}

export const EMPTY: FieldSet = Object.freeze({});
const SELF = '.';

export const isEmpty = (set: FieldSet): boolean => {
  for (const _ in set) {
    return false;
  }
  return true;
};

/** Whether the path that leads to this node is itself in the set. */
const endsHere = (node: FieldSet): boolean => isEmpty(node) || node[SELF] !== undefined;

/** Steps that lead on from a node, without the mark that a path ends at it. */
export const stepsOf = (node: FieldSet): string[] => Object.keys(node).filter((step) => step !== SELF);

/** The paths below a step, and the step's own path if `ends`; undefined when there are none. */
export function branch(ends: boolean, children: FieldSet): FieldSet | undefined {
  if (isEmpty(children)) {
    return ends ? EMPTY : undefined;
  }
  return ends ? { [SELF]: EMPTY, ...children } : children;
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  const all: Record<string, FieldSet> = {};
  for (const step of stepsOf(a)) {
    all[step] = a[step] ?? EMPTY;
  }
  for (const step of stepsOf(b)) {
    const [mine, theirs] = [a[step], b[step] ?? EMPTY];
    all[step] =
      mine === undefined ? theirs : (branch(endsHere(mine) || endsHere(theirs), union(mine, theirs)) ?? EMPTY);
  }
  return all;
}

/** The paths of `a` that are not in `b`. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  const kept: Record<string, FieldSet> = {};
  for (const step of stepsOf(a)) {
    const [mine, theirs] = [a[step] ?? EMPTY, b[step]];
    const node = theirs === undefined ? mine : branch(endsHere(mine) && !endsHere(theirs), difference(mine, theirs));
    if (node !== undefined) {
      kept[step] = node;
    }
  }
  return kept;
}

/** The paths that are in both. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const kept: Record<string, FieldSet> = {};
  for (const step of stepsOf(a)) {
    const [mine, theirs] = [a[step] ?? EMPTY, b[step]];
    const node =
      theirs === undefined ? undefined : branch(endsHere(mine) && endsHere(theirs), intersection(mine, theirs));
    if (node !== undefined) {
      kept[step] = node;
    }
  }
  return kept;
}

/** Whether the path of exactly this one step is in the set. */
export function includes(set: FieldSet, step: string): boolean {
  const node = set[step];
  return node !== undefined && endsHere(node);
}

export function sameSet(a: FieldSet, b: FieldSet): boolean {
  if (a === b) {
    return true;
  }
  const steps = Object.keys(a);
  return (
    steps.length === Object.keys(b).length &&
    steps.every((step) => {
      const [mine, theirs] = [a[step], b[step]];
      return mine !== undefined && theirs !== undefined && sameSet(mine, theirs);
    })
  );
}

/**
 * Every path, as the API writes it in its messages: `.spec.template.spec.containers[name="web"].image`.
 * The paths that end in a map come before those that go on (structured-merge-diff: Set.Iterate).
 */
export function renderPaths(set: FieldSet, prefix = ''): string[] {
  const steps = stepsOf(set).sort();
  const at = (step: string) => set[step] ?? EMPTY;
  return [
    ...steps.filter((step) => endsHere(at(step))).map((step) => prefix + renderStep(step)),
    ...steps.flatMap((step) => renderPaths(at(step), prefix + renderStep(step))),
  ];
}

function renderStep(step: string): string {
  const value = step.slice(2);
  switch (step.slice(0, 2)) {
    case 'k:': {
      const keys = JSON.parse(value) as Record<string, unknown>;
      return `[${Object.entries(keys)
        .map(([key, part]) => `${key}=${JSON.stringify(part)}`)
        .join(',')}]`;
    }
    case 'v:':
      return `[${value}]`;
    default:
      return `.${value}`;
  }
}
