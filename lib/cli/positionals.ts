/** The words that commands take. */

import {
  type CheckTarget,
  isSetType,
  parseCheckTarget,
  parseTarget,
  type Target,
  takeCheckWords,
  takeTargetWords,
} from '../core/target/target.ts';
import { advice, own } from '../core/values/command.ts';
import type { Positional } from './arguments.ts';
import { listCompleter } from './flag.ts';

export const targetPositional: Positional<Target> = {
  required: true,
  description: 'TARGET is the StatefulSet: nginx, sts/nginx or statefulset/nginx',
  async complete(prefix, offers) {
    const type = /^[^/]*\//.exec(prefix)?.[0] ?? '';
    if (type !== '' && !isSetType(type.slice(0, -1))) return [];
    return (await offers.statefulSets()).map((candidate) => ({ ...candidate, value: `${type}${candidate.value}` }));
  },
  take(words) {
    const { target, rest } = takeTargetWords(words);
    return { value: parseTarget(target), rest };
  },
};

const nameOf = (word: string): string => word.slice(word.indexOf('/') + 1);

type TakeWords = typeof takeTargetWords;

/** Several targets, each as `parse` reads it; `sts a b` too. */
function takeSeveral<T>(words: readonly string[], takeWords: TakeWords, parse: (words: readonly string[]) => T) {
  const { target, rest } = takeWords(words);
  const type = target.length > 1 ? target.slice(0, 1) : [];
  // Ordinals are not asked for here; the error reports that, rather than a StatefulSet called 0.
  const end = rest.findIndex((word) => /^[\d,-]+$/.test(word));
  const more = end < 0 ? rest : rest.slice(0, end);
  return { value: [parse(target), ...more.map((word) => parse([...type, word]))], rest: rest.slice(more.length) };
}

/** Several names; `sts a b` too. */
export const targetsPositional: Positional<readonly Target[] | undefined> = {
  ...targetPositional,
  required: false,
  repeats: true,
  description: 'TARGETS are StatefulSets: nginx, sts/nginx or statefulset/nginx',
  async complete(prefix, offers, words) {
    const named = new Set(words.map(nameOf));
    const offered = (await targetPositional.complete?.(prefix, offers, words)) ?? [];
    return offered.filter(({ value }) => !named.has(nameOf(value)));
  },
  take: (words) => takeSeveral(words, takeTargetWords, parseTarget),
};

/** A Deployment is always written with its type. */
const DEPLOYMENT_PREFIX = /^deploy(?:ment)?s?(?:\.apps)?\//;

/** As targetsPositional, and Deployments by their type. */
export const checkTargetsPositional: Positional<readonly CheckTarget[] | undefined> = {
  ...targetsPositional,
  description:
    'TARGETS are StatefulSets (nginx, sts/nginx or statefulset/nginx), or Deployments (deploy/web or deployment/web)',
  async complete(prefix, offers, words) {
    const type = DEPLOYMENT_PREFIX.exec(prefix)?.[0];
    const named = new Set(words);
    // With permission to list only one kind, that one is offered.
    const [sets, deployments] = await Promise.allSettled([
      type === undefined ? targetsPositional.complete?.(prefix, offers, words) : [],
      prefix.includes('/') && type === undefined ? [] : offers.deployments(),
    ]);
    return [
      ...(sets.status === 'fulfilled' ? (sets.value ?? []) : []),
      ...(deployments.status === 'fulfilled' ? deployments.value : [])
        .map((each) => ({ ...each, value: `${type ?? 'deployment/'}${each.value}` }))
        .filter(({ value }) => !named.has(value)),
    ];
  },
  take: (words) => takeSeveral(words, takeCheckWords, parseCheckTarget),
};

const ordinals = {
  description: "ORDINALS are the numbers of the StatefulSet's pods: 0,1 or 0-3 or 0-3,7 or pod names",
  complete: listCompleter((offers, words) => offers.ordinals(words)),
  take: (words: readonly string[]) => ({ value: words[0] ?? '', rest: words.slice(1) }),
};

/** As text: the pod names are known only together with the target. */
export const ordinalsPositional: Positional<string> = {
  ...ordinals,
  required: true,
  // A pod's name alone: `drain nginx-0`.
  probable(words, command) {
    const [, name, ordinal] = /^(?:(?:pods?|po)\/)?(.+)-(\d+)$/.exec(words.at(-1) ?? '') ?? [];
    if (name === undefined || ordinal === undefined) return undefined;
    return advice`did you mean ${own(command, name, ordinal)}? TARGET is the StatefulSet, ORDINALS the numbers of its pods`;
  },
};
export const optionalOrdinalsPositional: Positional<string | undefined> = { ...ordinals, required: false };
