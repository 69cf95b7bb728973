/** The operator's jobs: commands as a person or a script types them, and types again. */
import type { History } from '../history.ts';
import { GAUGE } from '../world/scrapes.ts';
import { NEW_IMAGE, OLD_IMAGE, TARGET } from '../world/stage.ts';
import type { Cast } from './cast.ts';
import { runScript, stepsOf } from './plan-script.ts';

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

const TRIES = 4;
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

/** Runs the job; resolves to the command that a person would type to go on, and whether the job came to its end. */
export async function doJob(shell: Shell, { job, setting }: History, set: (image: string) => void): Promise<Done> {
  const metric = setting.sources.includes('metrics') ? ['--metric', GAUGE] : [];
  const zero = ['--stable-for', '2s', '--source', setting.sources, ...metric];
  // Points of ten seconds and more are minutes late.
  const isSlow = setting.sources.includes('clb') && setting.periodSeconds >= 10;
  const timeout = ['--timeout', isSlow ? '6m' : '1m'];
  const image = ['--image', `${TARGET}=${NEW_IMAGE}`];
  // As many as the floor allows: a person asks the plan first.
  const floor = setting.lowFloor
    ? Math.ceil(0.3 * setting.replicas)
    : setting.budget
      ? setting.replicas - 1
      : Math.ceil(setting.replicas / 2);
  const size = Math.max(1, Math.min(job.batch, setting.replicas - floor));
  const batch = ['--batch', String(size)];
  const least = setting.lowFloor ? ['--min-serving', '30%'] : [];
  const upgrade = ['upgrade', TARGET, ...zero, ...timeout, '--soak', '2s', '--yes', ...least];
  const { persist, type } = shell;
  switch (job.kind) {
    case 'upgrade':
      await type('check', TARGET, '--source', setting.sources);
      return ended([...upgrade, ...image, ...batch], await persist(...upgrade, ...image, ...batch));
    case 'window': {
      const words = [...upgrade, ...image, '--max-unavailable', String(size)];
      return ended(words, await persist(...words));
    }
    case 'surge': {
      const words = [...upgrade, ...image, ...batch, '--surge', String(job.surge)];
      return ended(words, await persist(...words));
    }
    case 'evict': {
      const words = [...upgrade, ...image, '--batch', '1', '--evict'];
      return ended(words, await persist(...words));
    }
    case 'rollback': {
      const forward = [...upgrade, ...image, ...batch];
      if ((await persist(...forward)) === 4) return ended(forward, 4);
      await persist('rollback', TARGET, ...timeout, '--to-revision', '1');
      const back = [...upgrade, ...batch];
      return { ...ended(back, await persist(...back)), image: OLD_IMAGE };
    }
    case 'by-plan': {
      await type('plan', TARGET, ...image, ...batch, '-o', 'json');
      await type('status', TARGET);
      await type('pause', TARGET);
      await persist('resume', TARGET);
      const words = [...upgrade, ...image, ...batch];
      const code = await persist(...words);
      await type('history', TARGET);
      return ended(words, code);
    }
    case 'restart': {
      const words = [...upgrade, '--restart', ...batch];
      return { ...ended(words, await persist(...words)), image: OLD_IMAGE };
    }
    case 'scale': {
      const scaled = (replicas: number) => ['scale', TARGET, String(replicas), ...zero, ...timeout, ...least];
      const fewer = scaled(Math.max(1, setting.replicas - size));
      if ((await persist(...fewer)) !== 0) return { last: fewer, finished: false };
      const words = scaled(setting.replicas);
      return { last: words, finished: (await persist(...words)) === 0 };
    }
    case 'plan-script': {
      await type('plan', TARGET, ...image, ...batch, ...least, ...zero, '-o', 'sh');
      const steps = stepsOf(shell.printed());
      const last = ['restore', TARGET, ...zero];
      // Half an hour by itself: while a point of Cloud Monitor stays missing, each try would last as long.
      const briefly = (...words: string[]) =>
        type(...words, ...(words[0] === 'wait-zero' || words[0] === 'recreate' ? timeout : []));
      let code: number | 'killed' = steps.length === 0 ? 1 : 6;
      for (let tries = 0; tries < TRIES && code !== 0 && code !== 4 && steps.length > 0; tries += 1)
        code = await runScript(steps, { type: briefly, setImage: () => set(NEW_IMAGE) });
      return { last, finished: code === 0, ...(code === 0 ? { image: NEW_IMAGE } : {}) };
    }
    case 'canary':
      set(NEW_IMAGE);
      return canary(shell, [...zero, ...timeout]);
    case 'script':
      set(NEW_IMAGE);
      return script(shell, [...zero, ...timeout], {
        least,
        size,
        surge: size < job.batch ? job.surge : 0,
        replicas: setting.replicas,
      });
  }
}

export interface Done {
  /** The commands that are typed again once the day is over. */
  last: readonly string[];
  finished: boolean;
  /** The image that every pod has then; undefined: not every pod was to be upgraded. */
  image?: string;
}

const ended = (last: readonly string[], code: number | 'killed'): Done => ({
  last,
  finished: code === 0,
  image: NEW_IMAGE,
});

/** One pod first, with a little traffic, then more. */
async function canary({ persist }: Shell, zero: readonly string[]): Promise<Done> {
  const last = ['restore', TARGET, ...zero];
  const steps = [
    ['drain', TARGET, '0', '--timeout', '5m'],
    ['wait-zero', TARGET, '0', ...zero],
    ['recreate', TARGET, '0', ...zero],
    ['verify', TARGET, '0', '--timeout', '5m'],
    ['restore', TARGET, '0', ...zero, '--weight', '1,5,10', '--every', '4s'],
  ];
  for (const step of steps) {
    const code = await persist(...step);
    if (code !== 0) return { last, finished: false };
  }
  const code = await persist(...last);
  return { last, finished: code === 0 };
}

/** Batch by batch with the small verbs, as the guide has it. */
async function script(
  { persist }: Shell,
  zero: readonly string[],
  { least, size, surge, replicas }: { least: readonly string[]; size: number; surge: number; replicas: number },
): Promise<Done> {
  const last = ['restore', TARGET, ...zero];
  if (surge > 0 && (await persist('surge', TARGET, String(surge), '--timeout', '6m')) !== 0)
    return { last, finished: false };
  const first = Array.from({ length: size }, (_, ordinal) => ordinal).join(',');
  if ((await persist('drain', TARGET, first, '--timeout', '5m', ...least)) !== 0) return { last, finished: false };
  for (let round = 0; round < 2 * replicas; round += 1) {
    for (const step of ['wait-zero', 'recreate'])
      if ((await persist(step, TARGET, ...zero)) !== 0) return { last, finished: false };
    const code = await persist('advance', TARGET, '--timeout', '5m', ...least);
    if (code === 3) break;
    if (code !== 0) return { last, finished: false };
  }
  const code = await persist(...last);
  return { last, finished: code === 0, ...(code === 0 ? { image: NEW_IMAGE } : {}) };
}
