/** The words that commands take. */
import { parseTarget, type Target, takeTargetWords } from '../core/target.ts';
import type { Positional } from './define.ts';

export const targetPositional: Positional<Target> = {
  required: true,
  description: 'TARGET is the StatefulSet: nginx, sts/nginx or statefulset/nginx',
  take(words) {
    const { target, rest } = takeTargetWords(words);
    return { value: parseTarget(target), rest };
  },
};

const ordinals = {
  description: "ORDINALS are the numbers of the StatefulSet's pods: 0,1 or 0-3 or 0-3,7 or pod names",
  take: (words: readonly string[]) => ({ value: words[0] ?? '', rest: words.slice(1) }),
};

/** As text: which pod names are meant is known only together with the target. */
export const ordinalsPositional: Positional<string> = { ...ordinals, required: true };
export const optionalOrdinalsPositional: Positional<string | undefined> = { ...ordinals, required: false };
