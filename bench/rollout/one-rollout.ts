/** One upgrade of every pod on the simulated clock: the real flow and cloud adapter, against the in-memory world. */

import { createLoadBalancer } from '../../lib/clb/clb-load-balancer.ts';
import type { UpgradeIntent } from '../../lib/core/intent/intent.ts';
import { upgrade } from '../../lib/flows/verbs/upgrade.ts';
import { PODS, SERVICES } from '../../lib/ports/resources.ts';
import { createPodSockets } from '../../lib/sources/pod-sockets/pod-sockets.ts';
import { RS_WEIGHT, rehearse, showWriters } from '../../test/flows/rehearsal/rehearsal.ts';
import { countingCloud } from '../requests/counting-cloud.ts';
import { keepLedger } from './ledger.ts';
import { connectionLengths, type Distribution } from './lengths.ts';

export interface RolloutWish {
  way: 'window' | 'batches';
  /** How many pods may be out of service at once, or the size of a batch. */
  size: number;
  /** By ordinal: from weight 0 to the end of the last connection. */
  lengthsMs: readonly number[];
  soakMs: number;
}

export interface Rollout {
  tookMs: number;
  cluster: number;
  cloud: number;
  mostOut: number;
  unproved: number;
}

/** Pods that may be out of service at once, and a batch. */
export const SIZE = 10;
/** --stable-for as it is by default. */
export const STABLE_FOR_MS = 30_000;
/** From the deletion of a pod until its replacement is ready. */
export const START_MS = 60_000;

export async function oneRollout({ way, size, lengthsMs, soakMs }: RolloutWish): Promise<Rollout> {
  const replicas = lengthsMs.length;
  const rehearsal = rehearse({ replicas, startMs: START_MS, maxSleeps: Number.POSITIVE_INFINITY });
  const { clock, report } = rehearsal;
  showWriters(rehearsal);
  rehearsal.kube.replacement = (name) => ({ ip: addressOf(replicas + Number(name.split('-').at(-1))) });
  const ledger = keepLedger(rehearsal, { lengthsMs, stableForMs: STABLE_FOR_MS });
  // The load balancer follows the pods and the weights.
  const weights = () => rehearsal.kube.view(SERVICES).map(({ metadata }) => metadata.annotations?.[RS_WEIGHT]);
  const version = () => `${rehearsal.kube.versionOf(PODS)} ${weights()}`;
  const cloud = countingCloud(rehearsal.balancer, ['lb-nginx'], clock, version);
  const { kube } = ledger;
  const pods = createPodSockets({
    kube,
    clock,
    warn: (line) => report.warn(line),
    debugImage: undefined,
    mayWrite: true,
  });
  const beganMs = clock.now();
  await upgrade(
    { ...rehearsal.world, kube, balancer: createLoadBalancer(cloud, clock), sources: [pods] },
    intentOf({ way, size, soakMs }),
  );
  if (ledger.deleted() !== replicas) throw new Error(`${ledger.deleted()} of ${replicas} pods were replaced`);
  return {
    tookMs: clock.now() - beganMs,
    cluster: rehearsal.kube.calls.length + ledger.execs(),
    cloud: [...cloud.calls.values()].reduce((sum, each) => sum + each, 0),
    mostOut: ledger.mostOut(),
    unproved: ledger.unproved(),
  };
}

/** Of each pod, by ordinal: from weight 0 to the end of its soak. */
export const ownTimesMs = ({ distribution, pods, seed, soakMs }: OwnTimesOf): number[] =>
  connectionLengths(distribution, pods, seed).map((ms) => ms + STABLE_FOR_MS + START_MS + soakMs);

interface OwnTimesOf {
  distribution: Distribution;
  pods: number;
  seed: number;
  soakMs: number;
}

const addressOf = (number: number): string => `10.1.${Math.floor(number / 250)}.${number % 250}`;

/** Of an upgrade to the image that the template has already, without questions. */
export const intentOf = ({ way, size, soakMs }: Omit<RolloutWish, 'lengthsMs'>): UpgradeIntent => ({
  name: 'nginx',
  dryRun: 'none',
  timeoutMs: 0,
  stableForMs: STABLE_FOR_MS,
  maxConnections: 0,
  images: {},
  batch: size,
  ...(way === 'window' ? { maxUnavailable: { kind: 'count', count: size } as const } : {}),
  surge: 0,
  soakMs,
  yes: true,
  takeOver: false,
  evict: false,
});
