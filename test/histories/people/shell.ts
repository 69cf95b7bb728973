/** The terminal of the operator: commands once, or again and again, and a few of kubectl's own. */
import type { Cast } from './cast.ts';

/** Types a command; resolves to its exit code, or that it was killed. */
type Type = (...words: string[]) => Promise<number | 'killed'>;

export interface Shell {
  type: Type;
  /** The operator waits. */
  pause(ms: number): Promise<void>;
  /** The same command again and again, as long as that may help. */
  persist: Type;
  /** The output of the last command. */
  printed(): string;
}

export const TRIES = 4;
const TAKES_OVER = ['upgrade', 'recreate', 'restore', 'surge', 'scale'];

export function shellOf(cast: Cast, sleep: (ms: number) => Promise<void>): Shell {
  const type: Type = (...words) => cast.type(...words);
  return {
    type,
    pause: sleep,
    printed: () => cast.told.at(-1)?.ended.stdout ?? '',
    async persist(...words) {
      let code = await type(...words);
      for (let tries = 1; tries < TRIES && code !== 0 && code !== 3 && code !== 4 && code !== 2; tries += 1) {
        await sleep(20_000);
        const last = tries === TRIES - 1 && TAKES_OVER.includes(words[0] ?? '') ? ['--take-over'] : [];
        code = await type(...words, ...last);
      }
      return code;
    },
  };
}

export interface Done {
  /** The commands that are typed again once the day is over. */
  last: readonly string[];
  finished: boolean;
  /** The image that every pod has then; undefined: not every pod was to be upgraded. */
  image?: string;
  /** The node that has no pod of the target then. */
  emptied?: string;
}
