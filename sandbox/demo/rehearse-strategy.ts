/** One strategy in a cluster of its own, under the same traffic as the others, with every lost connection explained. */
import type { KubeObject } from '../../lib/ports.ts';
import { Behaviour } from '../common/pod-behaviour.ts';
import { causeOf, countCauses } from '../rehearsal/losses.ts';
import { bound, frontDoor, podUids } from '../rehearsal/settled.ts';
import { type Played, play, round, type Stage } from '../rehearsal/stage.ts';
import { applyManifest, readManifest } from '../start/apply-manifest.ts';
import { awaitSettled } from '../start/await-ready.ts';
import { SAMPLE_MANIFEST } from '../start/sample-manifest.ts';
import { type RehearsalCluster, startCluster } from '../start/start-cluster.ts';
import { startTraffic, type TrafficRun } from '../traffic/start-traffic.ts';
import type { StrategyName, StrategyReport } from './demo-types.ts';

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
    await awaitSettled(cluster, signal);
    await bound(cluster, 'nginx', REPLICAS, signal);
    const before = await podUids(cluster, 'nginx');
    const act = {
      name: strategy.name,
      clients: async () => startTraffic({ ...(await frontDoor(cluster, 'nginx')), ...TRAFFIC, shortPerSecond }),
      run: (stage: Stage) => strategy.upgrade(stage),
      describe: trafficLine,
      leadMs: LEAD_MS,
      tailMs: LEAD_MS,
    };
    return await play(act, cluster, progress, signal, (played) => report(strategy.name, cluster, played, before));
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

function trafficLine(traffic: TrafficRun): string {
  const { connections, lost, streams, streamsLost } = traffic.snapshot();
  return `${connections} connections, ${lost.length} lost; ${streams} long streams, ${streamsLost} lost`;
}

async function report(
  name: StrategyName,
  cluster: RehearsalCluster,
  { clients, steps, seconds }: Played<TrafficRun>,
  before: ReadonlyMap<string, string>,
): Promise<StrategyReport> {
  const result = await clients.stop();
  const after = await podUids(cluster, 'nginx');
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
