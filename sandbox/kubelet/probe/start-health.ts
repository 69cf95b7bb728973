/** The verdict of the probes on one life of a container: started, ready, or to be restarted. */
import type { PodHost } from '../container/pod-host.ts';
import type { ContainerPlan } from '../pod/pod-plan.ts';
import type { PodServer } from '../server/pod-server.ts';
import { watchHealth } from './health.ts';

/** The part of a container that its probes look at and change. */
interface Patient {
  readonly plan: ContainerPlan;
  readonly server: PodServer | undefined;
  ready: boolean;
  started: boolean;
}

export interface HealthWatch {
  /** The ports are open, and the API server knows where: without a readiness probe it is ready once it has started. */
  serving(): void;
  /** The life is over. */
  stop(): void;
}

/** Probes until `signal` aborts or `stop`. `serves`: false for a program that never gets ready. `unhealthy` is given the probe that failed. */
export function startHealth(
  patient: Patient,
  host: PodHost,
  serves: boolean,
  signal: AbortSignal,
  unhealthy: (probe: string) => void,
): HealthWatch {
  const { plan } = patient;
  const ending = new AbortController();
  let serving = false;
  const setReady = (ready: boolean): void => {
    if (signal.aborted || patient.ready === ready) return;
    patient.ready = ready;
    host.changed();
  };
  const readyWithoutProbe = (): void => {
    if (plan.readiness === undefined && serves && serving && patient.started) setReady(true);
  };
  const started = (): void => {
    if (!patient.started) host.changed();
    patient.started = true;
    readyWithoutProbe();
  };
  const report = { started, ready: setReady, unhealthy };
  void watchHealth(plan, patient, host, report, AbortSignal.any([signal, ending.signal]), serves);
  return {
    serving: () => {
      serving = true;
      readyWithoutProbe();
    },
    stop: () => ending.abort(),
  };
}
