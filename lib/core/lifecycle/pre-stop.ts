/** How long a container's preStop hook keeps it serving before SIGTERM, as far as its manifest shows. */
import { field, list, number, text } from '../values/read.ts';

export type PreStop =
  | { kind: 'none' }
  /** It only waits: that long, in seconds; Infinity for `sleep infinity`. */
  | { kind: 'sleep'; seconds: number }
  /** It does something whose length the manifest does not show. `does`: what, as a verb with its object. */
  | { kind: 'unknown'; does: string };

const SHELL = /^(?:\/(?:usr\/)?bin\/)?(?:ba|da|a|k|z)?sh$/;
const SLEEP = /^(?:\/(?:usr\/)?bin\/)?sleep$/;
const UNIT_SECONDS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 };

/** Reads `lifecycle.preStop` of a container (Kubernetes: Container Lifecycle Hooks). */
export function preStopOf(container: unknown): PreStop {
  const hook = field(container, 'lifecycle', 'preStop');
  if (hook === undefined || hook === null) return { kind: 'none' };
  const seconds = number(hook, 'sleep', 'seconds');
  if (seconds !== undefined) return { kind: 'sleep', seconds };
  if (field(hook, 'exec') !== undefined) {
    const words = list(hook, 'exec', 'command').map(String);
    const slept = sleepOfWords(words);
    return slept === undefined
      ? { kind: 'unknown', does: `runs ${JSON.stringify(words.join(' '))}` }
      : { kind: 'sleep', seconds: slept };
  }
  if (field(hook, 'httpGet') !== undefined)
    return { kind: 'unknown', does: `asks ${text(hook, 'httpGet', 'path') ?? '/'} over HTTP` };
  // Kept for old manifests; the kubelet runs no such hook (Kubernetes API: LifecycleHandler.tcpSocket).
  return { kind: 'unknown', does: 'is of a type that the kubelet does not run' };
}

/** A command that is run without a shell: `sleep 20`, or a shell whose script does nothing but sleep. */
function sleepOfWords([program = '', ...rest]: readonly string[]): number | undefined {
  if (/^(?:\/bin\/)?busybox$/.test(program)) return sleepOfWords(rest);
  if (SLEEP.test(program)) return sleepOfArguments(rest);
  if (!SHELL.test(program)) return undefined;
  const flag = rest.findIndex((word) => /^-[a-z]*c$/.test(word));
  const isPlain = flag >= 0 && rest.slice(0, flag).every((word) => /^-[a-z]+$/.test(word));
  return isPlain ? sleepOfScript(rest[flag + 1] ?? '') : undefined;
}

/** Sleeps one after the other, and nothing else: what another command does, or how long it takes, no one can tell. */
function sleepOfScript(script: string): number | undefined {
  const statements = script
    .split(/;|&&|\n/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
  const slept = statements.map((statement) => {
    const words = statement.split(/\s+/).map((word) => word.replace(/^(["'])(.*)\1$/, '$2'));
    const [program = '', ...rest] = words[0] === 'exec' ? words.slice(1) : words;
    return SLEEP.test(program) ? sleepOfArguments(rest) : undefined;
  });
  return slept.length === 0 ? undefined : sum(slept);
}

/** GNU's sleep takes several, with units, and adds them up; one that cannot be read makes the whole unknown. */
const sleepOfArguments = (words: readonly string[]): number | undefined =>
  words.length === 0 ? undefined : sum(words.map(secondsOf));

function secondsOf(word: string): number | undefined {
  if (/^inf(?:inity)?$/.test(word)) return Number.POSITIVE_INFINITY;
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?|\.\d+)([smhd]?)$/.exec(word) ?? [];
  return amount === undefined ? undefined : Number(amount) * (UNIT_SECONDS[unit] ?? 0);
}

const sum = (values: readonly (number | undefined)[]): number | undefined =>
  values.reduce<number | undefined>(
    (total, value) => (total === undefined || value === undefined ? undefined : total + value),
    0,
  );

/** Of a pod or a template, in seconds (Kubernetes API: 30 unless it is set). */
export const graceSecondsOf = (podOrTemplate: unknown): number =>
  number(podOrTemplate, 'spec', 'terminationGracePeriodSeconds') ?? 30;
