/** preStop hooks: what runs between a pod's deletion and SIGTERM, within the grace period. */
import { field, list, number } from '../../../lib/core/values/read.ts';
import { askProbe } from '../probe/probe.ts';
import { type ProbePlan, planProbe } from '../probe/probe-plan.ts';
import type { PodHost } from './pod-host.ts';
import { sleepUnlessAborted } from './sleep-unless-aborted.ts';

export type HookPlan =
  | { kind: 'sleep'; ms: number }
  /** `ms`: the sum of its sleeps; whatever else the command does takes no time and succeeds. */
  | { kind: 'exec'; command: string; ms: number }
  | { kind: 'http'; ask: ProbePlan };

const UNITS_MS: Readonly<Record<string, number>> = { '': 1_000, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Reads `lifecycle.preStop`; undefined without one. */
export function planHook(hook: unknown): HookPlan | undefined {
  const seconds = number(hook, 'sleep', 'seconds');
  if (seconds !== undefined) return { kind: 'sleep', ms: seconds * 1_000 };
  if (field(hook, 'httpGet') !== undefined) {
    const ask = planProbe({ httpGet: field(hook, 'httpGet') });
    return ask === undefined ? undefined : { kind: 'http', ask };
  }
  const words = list(hook, 'exec', 'command');
  if (words.length === 0) return undefined;
  const command = words.join(' ');
  return { kind: 'exec', command, ms: sleepsOf(command) };
}

function sleepsOf(command: string): number {
  const sleeps = command.matchAll(/\bsleep\s+(\d+(?:\.\d+)?)([smhd]?)\b/g);
  return [...sleeps].reduce((sum, [, amount, unit = '']) => sum + Number(amount) * (UNITS_MS[unit] ?? 0), 0);
}

/**
 * Runs the hook to its end, or until `signal` aborts. Resolves with why it failed, undefined when it did not. A failed hook
 * takes no time: SIGTERM follows at once (Kubernetes: killContainer). `dial` is where an httpGet hook's port listens.
 */
export async function runHook(
  hook: HookPlan,
  image: string,
  dial: { host: string; port: number } | undefined,
  sleep: PodHost['sleep'],
  signal: AbortSignal,
): Promise<string | undefined> {
  if (hook.kind === 'http') {
    const { ok, because } = await askProbe(hook.ask, dial, hook.ask.timeoutMs);
    return ok ? undefined : because;
  }
  // An image of that name has no program to run, `sleep` neither; the `sleep` action is the kubelet's own.
  if (hook.kind === 'exec' && image.includes('distroless'))
    return `exec: ${JSON.stringify(hook.command.split(' ')[0])}: executable file not found in $PATH`;
  await sleepUnlessAborted(sleep, hook.ms, signal);
  return undefined;
}
