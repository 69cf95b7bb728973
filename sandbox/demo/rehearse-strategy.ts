/** One strategy in a cluster of its own, under the same traffic as the others, with every lost connection explained. */
import { setTimeout as sleep } from 'node:timers/promises';
import { list, text } from '../../lib/core/values/read.ts';
import { PODS, SERVICES } from '../../lib/ports/resources.ts';
import type { KubeObject } from '../../lib/ports.ts';
import { Behaviour } from '../common/pod-behaviour.ts';
import { applyManifest, readManifest } from '../start/apply-manifest.ts';
import { awaitSettled, isReady, until } from '../start/await-ready.ts';
import { SAMPLE_MANIFEST } from '../start/sample-manifest.ts';
import { type RehearsalCluster, startCluster } from '../start/start-cluster.ts';
import { startTraffic, type Traffic } from '../traffic/start-traffic.ts';
import type { Step, StrategyName, StrategyReport } from './demo-types.ts';
import { causeOf, countCauses } from './losses.ts';

export const NEW_IMAGE = 'nginx:1.25.4';
export const REPLICAS = 10;

/**
 * The traffic of every strategy. Time runs about fifteen times faster here than at work: streams of 3 to 6 seconds
 * against a grace period of 2 are as streams of 45 to 90 seconds against Kubernetes' default of 30.
 */
const SHORT_PER_SECOND = 220;
const TRAFFIC = { keepAliveClients: 10, streamClients: 12, streamMs: [3000, 6000] as const };
const GRACE_SECONDS = 2;
/** Traffic runs alone before the first step and after the last. */
const LEAD_MS = 1000;

export interface Stage {
  cluster: RehearsalCluster;
  signal: AbortSignal;
  /** Runs one step and keeps its time. */
  step(command: string, run: () => Promise<void>): Promise<void>;
}

export interface Strategy {
  name: StrategyName;
  updateStrategy: 'OnDelete' | 'RollingUpdate';
  upgrade(stage: Stage): Promise<void>;
}

export async function rehearseStrategy(
  strategy: Strategy,
  progress: (line: string) => void,
  signal: AbortSignal,
  start: () => Promise<RehearsalCluster> = startCluster,
  shortPerSecond: number = SHORT_PER_SECOND,
): Promise<StrategyReport> {
  const cluster = await start();
  try {
    await applyManifest(cluster.kube, await manifestFor(strategy));
    await awaitSettled(cluster.kube, signal);
    await bound(cluster, signal);
    const before = await podUids(cluster);
    const traffic = startTraffic({ ...(await frontDoor(cluster)), ...TRAFFIC, shortPerSecond });
    const steps: Step[] = [];
    const ticker = setInterval(() => progress(trafficLine(strategy.name, traffic)), 1000);
    try {
      await sleep(LEAD_MS, undefined, { signal });
      const startedAtMs = Date.now();
      await strategy.upgrade({
        cluster,
        signal,
        step: (command, run) => timed(command, run, steps, progress, strategy.name),
      });
      const seconds = (Date.now() - startedAtMs) / 1000;
      await sleep(LEAD_MS, undefined, { signal });
      return await report(strategy.name, cluster, traffic, steps, seconds, before);
    } finally {
      clearInterval(ticker);
      await traffic.stop();
    }
  } finally {
    await cluster.stop();
  }
}

async function manifestFor(strategy: Strategy): Promise<KubeObject[]> {
  const objects = await readManifest(SAMPLE_MANIFEST, 'the sample');
  for (const object of objects.filter((each) => each.kind === 'StatefulSet')) {
    const spec = object['spec'] as {
      updateStrategy: object;
      template: { metadata: { annotations: Record<string, string> }; spec: Record<string, unknown> };
    };
    spec.updateStrategy = { type: strategy.updateStrategy };
    spec.template.spec['terminationGracePeriodSeconds'] = GRACE_SECONDS;
    Object.assign(spec.template.metadata.annotations, {
      [Behaviour.onTerminate]: 'graceful',
      [Behaviour.readyAfter]: '300ms',
    });
  }
  return objects;
}

/** Every pod alive in the load balancer's eyes: an upgrade begins from a whole service. */
async function bound(cluster: RehearsalCluster, signal: AbortSignal): Promise<void> {
  await until(
    'every pod healthy at the load balancer',
    async () => {
      const pods = await cluster.kube.list(PODS);
      return pods.items.length === REPLICAS && pods.items.every((pod) => isReady(pod) && gatesMet(pod));
    },
    signal,
  );
}

const gatesMet = (pod: KubeObject): boolean =>
  list(pod, 'spec', 'readinessGates').every((gate) =>
    list(pod, 'status', 'conditions').some(
      (condition) => text(condition, 'type') === text(gate, 'conditionType') && text(condition, 'status') === 'True',
    ),
  );

async function frontDoor(cluster: RehearsalCluster): Promise<{ host: string; port: number }> {
  const service = await cluster.kube.get(SERVICES, 'nginx');
  const address = cluster.clb.addressOf(
    service.metadata.annotations?.['service.kubernetes.io/loadbalance-id'] ?? '',
    80,
  );
  if (address === undefined) throw new Error('the load balancer of service/nginx has no listener on port 80');
  return address;
}

async function podUids(cluster: RehearsalCluster): Promise<Map<string, string>> {
  const pods = await cluster.kube.list(PODS);
  return new Map(pods.items.map((pod) => [pod.metadata.name, pod.metadata.uid ?? '']));
}

async function timed(
  command: string,
  run: () => Promise<void>,
  steps: Step[],
  progress: (line: string) => void,
  name: string,
): Promise<void> {
  const startedAtMs = Date.now();
  progress(`${name}: $ ${command}`);
  await run();
  steps.push({ command, seconds: round((Date.now() - startedAtMs) / 1000) });
}

function trafficLine(name: string, traffic: Traffic): string {
  const { connections, lost, streams, streamsLost } = traffic.snapshot();
  return `${name}: ${connections} connections, ${lost.length} lost; ${streams} long streams, ${streamsLost} lost`;
}

async function report(
  name: StrategyName,
  cluster: RehearsalCluster,
  traffic: Traffic,
  steps: Step[],
  seconds: number,
  before: ReadonlyMap<string, string>,
): Promise<StrategyReport> {
  const result = await traffic.stop();
  const after = await podUids(cluster);
  const explained = result.lost.map((lost) => ({ lost, fate: cluster.clb.fateOf(lost.localPort), pod: lost.pod }));
  const causes = explained.map(({ lost, fate }) => causeOf(lost, fate));
  return {
    name,
    connections: result.connections,
    lost: result.lost.length,
    lostByCause: countCauses(causes),
    streams: result.streams,
    streamsLost: result.streamsLost,
    longestSurvivedStreamSeconds: round(result.longestSurvivedStreamMs / 1000),
    podsReplaced: [...before].filter(([pod, uid]) => after.get(pod) !== uid).length,
    seconds: round(seconds),
    steps,
    examples: explained.slice(0, 20).map(({ lost, fate, pod }, index) => ({
      at: new Date(lost.atMs).toISOString(),
      kind: lost.kind,
      pod: pod ?? fate?.backend?.address ?? 'none',
      cause: causes[index] ?? '',
    })),
  };
}

const round = (value: number): number => Math.round(value * 10) / 10;
