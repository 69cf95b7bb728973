/** The words that commands take. */
import { parseTarget, type Target, takeTargetWords } from '../core/target.ts';
import type { Positional } from './define.ts';
import { listCompleter } from './flag.ts';

export const targetPositional: Positional<Target> = {
  required: true,
  description: 'TARGET is the StatefulSet: nginx, sts/nginx or statefulset/nginx',
  async complete(prefix, offers) {
    const type = /^[^/]*\//.exec(prefix)?.[0] ?? '';
    return (await offers.statefulSets()).map((candidate) => ({ ...candidate, value: `${type}${candidate.value}` }));
  },
  take(words) {
    const { target, rest } = takeTargetWords(words);
    return { value: parseTarget(target), rest };
  },
};

const ordinals = {
  description: "ORDINALS are the numbers of the StatefulSet's pods: 0,1 or 0-3 or 0-3,7 or pod names",
  complete: listCompleter((offers, words) => offers.ordinals(words)),
  take: (words: readonly string[]) => ({ value: words[0] ?? '', rest: words.slice(1) }),
};

/** As text: which pod names are meant is known only together with the target. */
export const ordinalsPositional: Positional<string> = { ...ordinals, required: true };
export const optionalOrdinalsPositional: Positional<string | undefined> = { ...ordinals, required: false };
