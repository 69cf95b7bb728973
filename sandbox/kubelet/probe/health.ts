/** The probes of one container life: startup first and alone, then readiness and liveness side by side. */

import type { PodHost } from '../container/pod-host.ts';
import { sleepUnlessAborted } from '../container/sleep-unless-aborted.ts';
import type { ContainerPlan } from '../pod/pod-plan.ts';
import type { PodServer } from '../server/pod-server.ts';
import { askProbe } from './probe.ts';
import type { ProbePlan } from './probe-plan.ts';

/** The verdicts of the probes on a container; each is called whenever the verdict is reached anew. */
export interface HealthReport {
  /** The startup probe has succeeded, or there is none. */
  started(): void;
  ready(ready: boolean): void;
  /** The startup or liveness probe has failed as often as it may: the container has to be restarted. */
  unhealthy(probe: 'startup' | 'liveness'): void;
}

type Kind = 'Startup' | 'Readiness' | 'Liveness';
type ProbeHost = Pick<PodHost, 'address' | 'sleep' | 'event'>;
type Probed = { readonly server: PodServer | undefined };

/** Probes from the start of the container until `signal` aborts or it is unhealthy. Never rejects. `plan.readiness` is asked only when `asksReadiness`. */
export async function watchHealth(
  plan: ContainerPlan,
  container: Probed,
  host: ProbeHost,
  report: HealthReport,
  signal: AbortSignal,
  asksReadiness = true,
): Promise<void> {
  const { startup, readiness, liveness } = plan;
  const loop = (kind: Kind, probe: ProbePlan, judge: (ok: boolean) => boolean) =>
    watchProbe(kind, probe, plan, container, host, judge, signal);
  if (startup !== undefined) {
    let passed = false;
    await loop('Startup', startup, (ok) => {
      passed = ok;
      return true;
    });
    if (signal.aborted) return;
    if (!passed) {
      report.unhealthy('startup');
      return;
    }
  }
  report.started();
  const record = (ok: boolean) => {
    report.ready(ok);
    return false;
  };
  const cares = (ok: boolean) => {
    if (!ok) report.unhealthy('liveness');
    return !ok;
  };
  await Promise.all([
    readiness !== undefined && asksReadiness ? loop('Readiness', readiness, record) : undefined,
    liveness === undefined ? undefined : loop('Liveness', liveness, cares),
  ]);
}

/** One probe with its delay, period and thresholds as the API defines them, until `judge` has heard enough. */
async function watchProbe(
  kind: Kind,
  probe: ProbePlan,
  plan: ContainerPlan,
  container: Probed,
  host: ProbeHost,
  judge: (ok: boolean) => boolean,
  signal: AbortSignal,
): Promise<void> {
  let successes = 0;
  let failures = 0;
  let reported = false;
  if (!(await sleepUnlessAborted(host.sleep, probe.initialDelayMs, signal))) return;
  do {
    const dial = dialOf(plan, probe, container.server, host.address);
    const { ok, because } = await askProbe(probe, dial, probe.timeoutMs);
    if (signal.aborted) return;
    successes = ok ? successes + 1 : 0;
    failures = ok ? 0 : failures + 1;
    if (!ok && !reported) host.event('Warning', 'Unhealthy', `${kind} probe failed: ${because}`);
    reported = !ok;
    if (successes >= probe.successThreshold && judge(true)) return;
    if (failures >= probe.failureThreshold && judge(false)) return;
  } while (await sleepUnlessAborted(host.sleep, probe.periodMs, signal));
}

/** Where the probed port really listens; a name is looked up among the container's ports. */
export function dialOf(
  plan: ContainerPlan,
  probe: ProbePlan,
  server: PodServer | undefined,
  address: string,
): { host: string; port: number } | undefined {
  if (probe.action.kind === 'none') return undefined;
  const asked = probe.action.port;
  const port = typeof asked === 'number' ? asked : plan.portNames[asked];
  if (port === undefined) return undefined;
  const [host, hostPort] = server?.hostPorts[String(port)]?.split(':') ?? [];
  return host === undefined ? { host: address, port } : { host, port: Number(hostPort) };
}
