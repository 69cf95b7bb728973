/**
 * Defaults that belong to a workload: annotations on its StatefulSet, shared by everyone who works on it. A flag wins. The
 * list is closed: nothing that answers a question, overrides a rule or runs a command can stand there.
 */
import type { Refusal } from '../errors.ts';

export const DEFAULT_NAMES = ['stable-for', 'min-serving', 'batch', 'max-unavailable', 'source', 'metric'] as const;

/** The flag that a default stands for, without dashes. */
export type DefaultName = (typeof DEFAULT_NAMES)[number];

/** On the StatefulSet, before the name of the flag. */
export const DEFAULT_PREFIX = 'kubectl-zeroloss/default-';

/** The texts of some defaults, as flags would have them. */
export type DefaultTexts = Readonly<Partial<Record<DefaultName, string>>>;

/** One annotation, judged. */
export interface JudgedDefault {
  name: DefaultName;
  text: string;
  /** Undefined: verbs use it. */
  refusal?: Refusal;
}

/** All of them, as a StatefulSet has them now. */
export interface JudgedDefaults {
  each: readonly JudgedDefault[];
  /** Of annotations with the prefix that name no default. */
  strangers: readonly Refusal[];
}

/** The annotations with the prefix: texts by the name of their flag, and the keys that name no default. */
export function defaultTexts(annotations: Readonly<Record<string, string>>): {
  texts: readonly (readonly [DefaultName, string])[];
  strangers: readonly string[];
} {
  const known = new Set<string>(DEFAULT_NAMES.map((name) => `${DEFAULT_PREFIX}${name}`));
  return {
    texts: DEFAULT_NAMES.flatMap((name) => {
      const text = annotations[`${DEFAULT_PREFIX}${name}`];
      return text === undefined ? [] : [[name, text] as const];
    }),
    strangers: Object.keys(annotations)
      .filter((key) => key.startsWith(DEFAULT_PREFIX) && !known.has(key))
      .sort(),
  };
}

/** `--stable-for 2m, --min-serving 75%`. */
export const defaultsText = (texts: DefaultTexts): string =>
  DEFAULT_NAMES.flatMap((name) => (texts[name] === undefined ? [] : [`--${name} ${texts[name]}`])).join(', ');
