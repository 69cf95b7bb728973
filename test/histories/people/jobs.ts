/** The operator's jobs: commands as a person or a script types them, and types again. */
import type { History } from '../history.ts';
import { NEW_IMAGE, OLD_IMAGE, TARGET } from '../world/stage.ts';
import type { Admin } from './admin.ts';
import { giveBack, takeBack } from './changes-of-mind.ts';
import { runScript, stepsOf } from './plan-script.ts';
import { type Done, type Shell, TRIES } from './shell.ts';
import { canary, emptyNode, script } from './small-verbs.ts';
import { wordsOf } from './words.ts';

/** Runs the job; resolves to the command that a person would type to go on, and whether the job came to its end. */
export async function doJob(shell: Shell, { job, setting }: History, admin: Admin): Promise<Done> {
  const words = wordsOf({ job, setting });
  const { size, zero, timeout, least, evict, batch, window, late, surge, image, renewal, restart } = words;
  const upgrade = ['upgrade', TARGET, ...zero, ...timeout, '--soak', '2s', '--yes', ...least];
  const source = ['--source', setting.sources];
  const { persist, type } = shell;
  const byScript = async (...how: readonly string[]): Promise<Done> => {
    await type('plan', TARGET, ...renewal.words, ...how, ...surge, ...least, ...zero, '-o', 'sh');
    const steps = stepsOf(shell.printed());
    const last = ['restore', TARGET, ...zero];
    // Half an hour by itself: while a point of Cloud Monitor stays missing, or a pod sick, each try would last as long.
    const briefly = (...step: string[]) =>
      type(...step, ...(['wait-zero', 'recreate', 'surge'].includes(step[0] ?? '') ? timeout : []));
    let code: number | 'killed' = steps.length === 0 ? 1 : 6;
    for (let tries = 0; tries < TRIES && code !== 0 && code !== 4 && steps.length > 0; tries += 1)
      code = await runScript(steps, { type: briefly, kubectl: (...step) => admin.kubectl(...step) });
    return { last, finished: code === 0, ...(code === 0 ? { image: renewal.image } : {}) };
  };
  switch (job.kind) {
    case 'upgrade': {
      await type('check', TARGET, ...source);
      const whole = [...upgrade, ...image, ...batch];
      return ended(whole, await persist(...whole));
    }
    case 'window': {
      const whole = [...upgrade, ...image, ...window, ...late, ...surge];
      const code = await persist(...whole);
      await type('verify', TARGET);
      return ended(whole, code);
    }
    case 'surge': {
      const whole = [...upgrade, ...image, ...batch, '--surge', String(job.surge)];
      const code = await persist(...whole);
      await type('status', TARGET);
      return ended(whole, code);
    }
    case 'evict': {
      const whole = [...upgrade, ...image, '--batch', '1', '--evict'];
      return ended(whole, await persist(...whole));
    }
    case 'rollback': {
      const forward = [...upgrade, ...image, ...batch];
      if ((await persist(...forward)) === 4) return ended(forward, 4);
      await type('history', TARGET);
      await persist('rollback', TARGET, ...timeout, '--to-revision', '1');
      const back = [...upgrade, ...batch];
      return ended(back, await persist(...back), OLD_IMAGE);
    }
    case 'by-plan': {
      await type('plan', TARGET, ...image, ...batch, '-o', 'json');
      await type('status', TARGET);
      await type('pause', TARGET);
      await persist('resume', TARGET);
      const whole = [...upgrade, ...image, ...batch];
      const code = await persist(...whole);
      await type('history', TARGET);
      return ended(whole, code);
    }
    case 'restart': {
      await type('pause', TARGET);
      await type('history', TARGET);
      await persist('resume', TARGET);
      const rest = job.isShare ? [...batch, ...surge] : [...window, ...surge];
      const code = await persist(...upgrade, ...restart.words, ...rest);
      // Typed again, a restart that is over would be another one.
      return ended([...upgrade, ...(code === 0 ? [] : restart.words), ...rest], code, restart.image);
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
      const whole = scaled(setting.replicas);
      return { last: whole, finished: (await persist(...whole)) === 0 };
    }
    case 'node': {
      const node = admin.cordonNodeOf(job.batch % setting.replicas);
      await type('check', TARGET, ...source);
      const whole = [...upgrade, '--node', node, ...batch, ...evict, ...surge];
      return { ...ended(whole, await persist(...whole), OLD_IMAGE), emptied: node };
    }
    case 'drain-node':
      return emptyNode(shell, [...zero, ...timeout], {
        least,
        evict,
        node: admin.cordonNodeOf(job.batch % setting.replicas),
      });
    case 'plan-script':
      return byScript(...batch);
    case 'window-script':
      return byScript(...window);
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
    case 'take-back':
      admin.setImage(NEW_IMAGE);
      return takeBack(shell, { timeout, upgrade: [...upgrade, ...batch], restore: ['restore', TARGET, ...zero] });
    case 'give-back':
      return giveBack(shell, [...zero, ...timeout], { least, size, surge: job.surge });
  }
}

const ended = (last: readonly string[], code: number | 'killed', image = NEW_IMAGE): Done => ({
  last,
  finished: code === 0,
  image,
});
