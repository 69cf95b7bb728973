/** The effect of each fault on the world, at the moment at which it strikes; those of people are in deeds.ts. */
import { LEASES, POD_DISRUPTION_BUDGETS, PODS, SERVICES, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import { asMap, asMaps, asText } from '../../../sandbox/semantics/json.ts';
import type { Fault, FaultKind } from '../history.ts';
import type { Court } from '../invariants/witness.ts';
import { annotationOf, type Stage, TARGET } from '../world/stage.ts';
import type { Cast } from './cast.ts';
import { COLLEAGUE } from './colleague.ts';
import { DEEDS } from './deeds.ts';
import { EDITS } from './edits.ts';
import { LEASE, MINUTE, podName, type Strike } from './strike.ts';

const addressOf = ({ stage }: Court, name: string): string =>
  asText(asMap(stage.api.get(PODS, name)?.['status'])['podIP']);

const OF_WORLD: Partial<Record<FaultKind, Strike>> = {
  'api-restart': (court, _cast, size) => {
    court.refusingUntilMs = court.stage.clock.now() + 500 + size * 15_000;
    court.stage.controllers.expireWatches();
  },
  'watches-expire': ({ stage }) => stage.controllers.expireWatches(),
  'controller-sleeps': ({ stage }, _cast, size) => {
    stage.serviceController.asleepUntilMs = stage.clock.now() + 1_000 + size * 25_000;
  },
  'controller-fails': ({ stage }, _cast, size) => {
    stage.serviceController.failing += 1 + Math.floor(size * 3);
  },
  'controller-resyncs': ({ stage }) => stage.serviceController.resync(),
  'weight-overridden': (court, cast, size) => {
    cast.touched.add('weights');
    court.stage.balancers.overrideWeight(addressOf(court, podName(court, size)), size < 0.5 ? 0 : 10);
  },
  'pod-slow': ({ stage }) => stage.kubelet.fates.push('slow'),
  'pod-stuck': ({ stage }) => stage.kubelet.fates.push('stuck'),
  'pod-crashes': (court, _cast, size) =>
    size < 0.3 ? void court.stage.kubelet.fates.push('crash') : court.stage.kubelet.crash(podName(court, size)),
  'node-lost': (court, _cast, size) =>
    court.stage.kubelet.loseNode(podName(court, size), size < 0.8 ? 3_000 + size * 25_000 : 4 * MINUTE),
  'monitor-late': ({ stage }, _cast, size) => {
    stage.cloud.trouble.lateMs = size * 3 * MINUTE;
  },
  'monitor-missing': ({ stage }, _cast, size) => {
    stage.cloud.trouble.missingEvery = 2 + Math.floor(size * 4);
  },
  'monitor-repeats': ({ stage }) => {
    stage.cloud.trouble.repeats = true;
  },
  'pod-never-ready': ({ stage }) => stage.kubelet.fates.push('never'),
  'binds-late': ({ stage }, _cast, size) => {
    stage.serviceController.bindsLateMs = 1_000 + size * 20_000;
  },
  'monitor-throttled': ({ stage }, _cast, size) => {
    stage.cloud.trouble.throttled += 1 + Math.floor(size * 12);
  },
  'inside-clients': (court, _cast, size) => {
    const { stage } = court;
    for (let nth = 0; nth <= size * 4; nth += 1) {
      const pod = stage.api.get(PODS, podName(court, (size + nth * 0.37) % 1));
      const conditions = asMaps(asMap(pod?.['status'])['conditions']);
      // A Service leads no client to a pod that is not ready (Kubernetes: Pod Lifecycle, readiness).
      const isReady = conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
      if (pod?.metadata.uid !== undefined && isReady) stage.balancers.arriveInside(pod.metadata.uid, 80);
    }
  },
};

/** Does to the world and to people what the fault says; those of the network itself strike on the wire. */
export const strike = (court: Court, cast: Cast, { kind, size }: Fault): void =>
  (OF_WORLD[kind] ?? DEEDS[kind] ?? COLLEAGUE[kind] ?? EDITS[kind])?.(court, cast, size);

const hasNoWeights = ({ api }: Stage): boolean => annotationOf(api.get(SERVICES, TARGET)) === undefined;
const hasNotes = ({ api }: Stage): boolean =>
  Object.keys(api.get(SERVICES, TARGET)?.metadata.annotations ?? {}).some((key) => key.includes('kubectl-zeroloss/'));

const IDLE: Partial<Record<FaultKind, (stage: Stage) => boolean>> = {
  'weight-given-back': hasNoWeights,
  'weight-flickers': hasNoWeights,
  'annotation-removed': (stage) => hasNoWeights(stage) && !hasNotes(stage),
  'budget-edited': ({ api }) => api.get(POD_DISRUPTION_BUDGETS, TARGET) === undefined,
  'set-deleted': ({ api }) => api.get(STATEFUL_SETS, TARGET) === undefined,
  'lease-deleted': ({ api }) => api.get(LEASES, LEASE) === undefined,
};

/** Whether such a fault would find nothing to change. */
export const isIdle = (stage: Stage, kind: FaultKind): boolean => IDLE[kind]?.(stage) ?? false;
