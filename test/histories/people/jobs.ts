/** The operator's jobs: commands as a person or a script types them, and types again. */
import type { History } from '../history.ts';
import { PERSISTED_MS } from '../world/clb/client-sessions.ts';
import { GAUGE } from '../world/scrapes.ts';
import { NEW_IMAGE, OLD_IMAGE, TARGET } from '../world/stage.ts';
import { runScript, stepsOf } from './plan-script.ts';
import { type Admin, type Done, type Shell, TRIES } from './shell.ts';
import { canary, emptyNode, script } from './small-verbs.ts';

/** As `check` asks: it outlasts the sessions that bring clients back to a drained pod. */
export const stableFor = ({ clients }: History['setting']): string =>
  clients === 'returning' ? `${PERSISTED_MS / 1000 + 3}s` : '2s';

/** Runs the job; resolves to the command that a person would type to go on, and whether the job came to its end. */
export async function doJob(shell: Shell, { job, setting }: History, admin: Admin): Promise<Done> {
  const metric = setting.sources.includes('metrics') ? ['--metric', GAUGE] : [];
  const zero = ['--stable-for', stableFor(setting), '--source', setting.sources, ...metric];
  // Points of ten seconds and more are minutes late.
  const isSlow = setting.sources.includes('clb') && setting.periodSeconds >= 10;
  const timeout = ['--timeout', isSlow ? '6m' : setting.clients === 'returning' ? '4m' : '1m'];
  const image = ['--image', `${TARGET}=${NEW_IMAGE}`];
  // As many as the floor allows: a person asks the plan first.
  const floor = setting.lowFloor
    ? Math.ceil(0.3 * setting.replicas)
    : setting.budget
      ? setting.replicas - 1
      : Math.ceil(setting.replicas / 2);
  const size = Math.max(1, Math.min(job.batch, setting.replicas - floor));
  const batch = ['--batch', String(size)];
  const window = ['--max-unavailable', String(size)];
  const least = setting.lowFloor ? ['--min-serving', '30%'] : [];
  const upgrade = ['upgrade', TARGET, ...zero, ...timeout, '--soak', '2s', '--yes', ...least];
  const evict = job.evict ? ['--evict'] : [];
  const { persist, type } = shell;
  const byScript = async (how: readonly string[]): Promise<Done> => {
    await type('plan', TARGET, ...image, ...how, ...least, ...zero, '-o', 'sh');
    const steps = stepsOf(shell.printed());
    const last = ['restore', TARGET, ...zero];
    // Half an hour by itself: while a point of Cloud Monitor stays missing, each try would last as long.
    const briefly = (...words: string[]) =>
      type(...words, ...(words[0] === 'wait-zero' || words[0] === 'recreate' ? timeout : []));
    let code: number | 'killed' = steps.length === 0 ? 1 : 6;
    for (let tries = 0; tries < TRIES && code !== 0 && code !== 4 && steps.length > 0; tries += 1)
      code = await runScript(steps, { type: briefly, setImage: () => admin.setImage(NEW_IMAGE) });
    return { last, finished: code === 0, ...(code === 0 ? { image: NEW_IMAGE } : {}) };
  };
  switch (job.kind) {
    case 'upgrade':
      await type('check', TARGET, '--source', setting.sources);
      return ended([...upgrade, ...image, ...batch], await persist(...upgrade, ...image, ...batch));
    case 'window': {
      const late = job.busyAfter ? ['--busy-after', setting.clients === 'returning' ? '50s' : '8s'] : [];
      const words = [...upgrade, ...image, ...window, ...late];
      const code = await persist(...words);
      await type('verify', TARGET);
      return ended(words, code);
    }
    case 'surge': {
      const words = [...upgrade, ...image, ...batch, '--surge', String(job.surge)];
      const code = await persist(...words);
      await type('status', TARGET);
      return ended(words, code);
    }
    case 'evict': {
      const words = [...upgrade, ...image, '--batch', '1', '--evict'];
      return ended(words, await persist(...words));
    }
    case 'rollback': {
      const forward = [...upgrade, ...image, ...batch];
      if ((await persist(...forward)) === 4) return ended(forward, 4);
      await type('history', TARGET);
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
      await type('pause', TARGET);
      await type('history', TARGET);
      await persist('resume', TARGET);
      const words = [...upgrade, '--restart', ...batch];
      return { ...ended(words, await persist(...words)), image: OLD_IMAGE };
    }
    case 'pause-at': {
      const whole = [...upgrade, ...image, ...(job.busyAfter ? window : batch)];
      if ((await persist(...whole, '--pause-at', '50%')) !== 0)
        return { last: whole, finished: false, image: NEW_IMAGE };
      await type('status', TARGET);
      await type('verify', TARGET);
      return ended(whole, await persist(...whole));
    }
    case 'scale': {
      const scaled = (replicas: number) => ['scale', TARGET, String(replicas), ...zero, ...timeout, ...least];
      const fewer = scaled(Math.max(1, setting.replicas - size));
      if ((await persist(...fewer)) !== 0) return { last: fewer, finished: false };
      const words = scaled(setting.replicas);
      return { last: words, finished: (await persist(...words)) === 0 };
    }
    case 'node': {
      const node = admin.cordonNodeOf(job.batch % setting.replicas);
      await type('check', TARGET, '--source', setting.sources);
      const words = [...upgrade, '--node', node, ...batch, ...evict];
      return { ...ended(words, await persist(...words)), image: OLD_IMAGE, emptied: node };
    }
    case 'drain-node':
      return emptyNode(shell, [...zero, ...timeout], {
        least,
        evict,
        node: admin.cordonNodeOf(job.batch % setting.replicas),
      });
    case 'plan-script':
      return byScript(batch);
    case 'window-script':
      return byScript(window);
    case 'canary':
      admin.setImage(NEW_IMAGE);
      return canary(shell, [...zero, ...timeout]);
    case 'script':
      admin.setImage(NEW_IMAGE);
      return script(shell, [...zero, ...timeout], {
        ...{ least, evict, size },
        surge: size < job.batch ? job.surge : 0,
        replicas: setting.replicas,
      });
  }
}

const ended = (last: readonly string[], code: number | 'killed'): Done => ({
  last,
  finished: code === 0,
  image: NEW_IMAGE,
});
