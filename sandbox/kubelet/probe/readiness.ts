/** The probe loop of one container life: thresholds, delays and periods as the API defines them. */

import { pause } from '../container/pause.ts';
import type { PodHost } from '../container/pod-host.ts';
import type { ContainerPlan } from '../pod/pod-plan.ts';
import type { PodServer } from '../server/pod-server.ts';
import { askProbe } from './probe.ts';
import type { ProbePlan } from './probe-plan.ts';

/** Probes from the start of the container until `signal` aborts. Never rejects. */
export async function watchReadiness(
  plan: ContainerPlan,
  probe: ProbePlan,
  container: { readonly server: PodServer | undefined },
  host: Pick<PodHost, 'address' | 'sleep' | 'event'>,
  setReady: (ready: boolean) => void,
  signal: AbortSignal,
): Promise<void> {
  let successes = 0;
  let failures = 0;
  let reported = false;
  if (!(await pause(host.sleep, probe.initialDelayMs, signal))) return;
  do {
    const dial = dialOf(plan, probe, container.server, host.address);
    const { ok, because } = await askProbe(probe, dial, probe.timeoutMs);
    if (signal.aborted) return;
    successes = ok ? successes + 1 : 0;
    failures = ok ? 0 : failures + 1;
    if (successes >= probe.successThreshold) setReady(true);
    if (failures >= probe.failureThreshold) setReady(false);
    if (!ok && !reported) host.event('Warning', 'Unhealthy', `Readiness probe failed: ${because}`);
    reported = !ok;
  } while (await pause(host.sleep, probe.periodMs, signal));
}

/** Where the probed port really listens; a name is looked up among the container's ports. */
function dialOf(
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
