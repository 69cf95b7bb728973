/** Flags of a run that hold for the command typed next as well: without them that command would plan, count or refuse differently. */
import { maskUserInfo } from '../core/values/mask.ts';
import type { RawArguments } from './arguments.ts';
import type { WrittenFlag } from './repeated.ts';

const COUNT_ZERO = ['wait-zero', 'recreate', 'restore', 'scale', 'upgrade', 'plan', 'check'];
const DRAIN = ['drain', 'advance', 'scale', 'upgrade', 'plan'];
const OBSERVE = ['upgrade', 'verify', 'restore'];

/**
 * Each flag with the verbs that it is handed on to. Not handed on: what permits a single act (--force, --yes, --take-over,
 * --evict), the time-out, which each verb has of its own, and an image, except to plan: `rollback && upgrade` goes back from it.
 */
export const CARRIED: Readonly<Record<string, readonly string[]>> = {
  batch: ['advance', 'upgrade', 'plan'],
  image: ['plan'],
  restart: ['plan'],
  node: ['plan'],
  surge: ['upgrade', 'plan'],
  soak: ['upgrade', 'plan'],
  'max-unavailable': ['upgrade', 'plan'],
  'ask-every': ['upgrade'],
  'busy-after': ['upgrade'],
  'min-serving': [...DRAIN, 'check'],
  'allow-alone': DRAIN,
  'ignore-ingress': DRAIN,
  source: COUNT_ZERO,
  'stable-for': COUNT_ZERO,
  'max-connections': COUNT_ZERO,
  'ignore-port': COUNT_ZERO,
  'debug-image': COUNT_ZERO,
  metric: COUNT_ZERO,
  'metrics-port': COUNT_ZERO,
  'metrics-path': COUNT_ZERO,
  'gate-command': OBSERVE,
  'gate-query': OBSERVE,
  prometheus: OBSERVE,
};

/** Plan takes these for the manifest of an upgrade alone, and a command for that names its format. */
const IN_A_JOB = [
  ...['job-image', 'job-secret', 'job-role', 'pause-at', 'busy-after', 'evict'],
  ...['gate-command', 'gate-query', 'prometheus', 'notify-command'],
];

const isOfAJob = ([verb, ...words]: readonly string[], flag: string): boolean =>
  verb === 'plan' &&
  IN_A_JOB.includes(flag) &&
  words.some((word, index) => (word === 'job' || word === 'argo') && words[index - 1] === '-o');

/** Restore observes a canary alone, and counts nothing where it only gives weights back. */
const isIdle = (verb: string | undefined, flag: string, has: (flag: string) => boolean): boolean =>
  verb === 'restore' &&
  ((CARRIED[flag] === OBSERVE && !has('--weight')) || (CARRIED[flag] === COUNT_ZERO && has('--weights-only')));

/** Answers, for the words of a command, the given flags that it takes and does not have yet. A password in a URL stays behind. */
export function carriedTo(given: RawArguments['flags']): (words: readonly string[]) => WrittenFlag[] {
  const flags = [...new Set([...Object.keys(CARRIED), ...IN_A_JOB])].flatMap((name) =>
    (given.get(name) ?? []).map((text) => ({ name, verbs: CARRIED[name] ?? [], text })),
  );
  return (words) => {
    const [verb] = words;
    const has = (flag: string) => words.some((word) => word === flag || word.startsWith(`${flag}=`));
    return flags.flatMap(({ name, verbs, text }): WrittenFlag[] => {
      const flag = `--${name}`;
      if (!(verbs.includes(verb ?? '') || isOfAJob(words, name)) || has(flag) || text === 'false') return [];
      if (isIdle(verb, name, has)) return [];
      return [[flag, text === 'true' ? undefined : name === 'prometheus' ? maskUserInfo(text) : text]];
    });
  };
}
