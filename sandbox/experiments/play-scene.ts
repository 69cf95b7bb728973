/** Plays one scene in a cluster that stands: objects, door, clients, act, and what was seen. */
import { setTimeout as sleep } from 'node:timers/promises';
import { DEPLOYMENTS, PODS, SERVICES, STATEFUL_SETS } from '../../lib/ports/resources.ts';
import { startProxy, type UpstreamProxy } from '../proxy/start-proxy.ts';
import { countCauses } from '../rehearsal/losses.ts';
import type { VerbOptions } from '../rehearsal/run-plugin.ts';
import { bound, frontDoor } from '../rehearsal/settled.ts';
import { type Played, play, type Stage } from '../rehearsal/stage.ts';
import { applyManifest } from '../start/apply-manifest.ts';
import { until } from '../start/await-ready.ts';
import type { RehearsalCluster } from '../start/start-cluster.ts';
import { type HttpClients, startHttpClients } from './clients/http-clients.ts';
import { type Judge, startJudge } from './clients/judge.ts';
import { type SessionClients, startSessionClients } from './clients/session-clients.ts';
import { holds, type Row, type Scene, type Seen, share } from './experiment.ts';
import { manifestOf } from './manifest.ts';
import { sceneStage } from './scene-stage.ts';
import { type RolloutWatch, watchRollout } from './watch-rollout.ts';

const LEAD_MS = 600;
/** After the act: longer than any lag. */
const TAIL_MS = 800;

interface Clients {
  http?: HttpClients;
  judge?: Judge;
  sessions?: SessionClients;
  proxy?: UpstreamProxy;
  rollout?: RolloutWatch;
  stop(): Promise<void>;
}

/** Resolves with the row; `app` names the objects, which are gone again afterwards. */
export async function playScene(
  scene: Scene,
  app: string,
  cluster: RehearsalCluster,
  options: VerbOptions,
  progress: (line: string) => void,
  signal: AbortSignal,
): Promise<Row> {
  const { kube } = cluster;
  await applyManifest(kube, manifestOf(app, scene.workload, scene.door));
  try {
    await bound(cluster, app, scene.workload.replicas, signal);
    const lagMs = scene.door.kind === 'proxy' ? scene.door.lagMs : 0;
    // The proxy's own view has to have settled, too.
    await sleep(lagMs, undefined, { signal });
    let goneAtMs = 0;
    const stageOf = (stage: Stage) => sceneStage(stage, app, scene.workload, options);
    const act = {
      name: scene.what,
      clients: () => startClients(scene, app, cluster),
      run: async (stage: Stage) => {
        await scene.act(stageOf(stage));
        goneAtMs = Date.now();
      },
      describe: (clients: Clients) => describe(clients),
      leadMs: LEAD_MS,
      tailMs: TAIL_MS + lagMs,
    };
    const total = emptySeen();
    for (let plays = 1; plays <= (scene.again?.upTo ?? 1); plays += 1) {
      const seen = await play(act, cluster, progress, signal, async (played) => seenBy(played, goneAtMs));
      add(total, seen);
      if (total.lost > 0 || plays === (scene.again?.upTo ?? 1)) break;
      const quiet: Stage = { cluster, signal, step: (_command, run) => run() };
      await scene.again?.reset(stageOf(quiet));
      await sleep(lagMs + TAIL_MS, undefined, { signal });
    }
    const { requests, lost } = total;
    const { what, article, ours = false } = scene;
    return { what, requests, lost, ours, article, why: scene.why(total), holds: holds(scene.promised, total) };
  } finally {
    // After an interruption the cluster goes as a whole.
    if (!signal.aborted) await remove(scene, app, cluster);
  }
}

async function startClients(scene: Scene, app: string, cluster: RehearsalCluster): Promise<Clients> {
  const { door, clients } = scene;
  const proxy = door.kind === 'proxy' ? await startProxy(cluster.kube, { ...door, service: app }) : undefined;
  const address = proxy?.address ?? (await frontDoor(cluster, app));
  const rollout = scene.workload.kind === 'Deployment' ? await watchRollout(cluster.kube, app) : undefined;
  const http = clients.kind === 'http' ? startHttpClients(address, clients) : undefined;
  const judge = clients.kind === 'judge' ? startJudge(address, clients) : undefined;
  const sessions = clients.kind === 'session' ? startSessionClients(address, clients) : undefined;
  return {
    ...(http === undefined ? {} : { http }),
    ...(sessions === undefined ? {} : { sessions }),
    ...(judge === undefined ? {} : { judge }),
    ...(proxy === undefined ? {} : { proxy }),
    ...(rollout === undefined ? {} : { rollout }),
    async stop() {
      await http?.stop();
      await sessions?.stop();
      await judge?.stop();
      await proxy?.stop();
      await rollout?.stop();
    },
  };
}

function describe({ http, sessions }: Clients): string {
  if (sessions !== undefined) {
    const { sessions: opened, cut } = sessions.counts();
    return `${opened} sessions, ${cut} cut`;
  }
  const sent = http?.sent ?? [];
  return `${sent.length} requests, ${sent.filter(({ cause }) => cause !== undefined).length} lost`;
}

async function seenBy({ clients, seconds, startedAtMs }: Played<Clients>, goneAtMs: number): Promise<Seen> {
  const { http, judge, sessions, proxy } = clients;
  const changedAtMs = proxy?.changesAtMs().find((at) => at > startedAtMs) ?? 0;
  const failedInProxy = proxy?.counts().failedTries ?? 0;
  if (sessions !== undefined) {
    const { sessions: opened, cut, longestGapMs } = sessions.counts();
    return {
      ...emptySeen(),
      requests: opened,
      lost: cut,
      byCause: cut === 0 ? {} : { cut },
      longestGapMs,
      seconds,
      plays: 1,
    };
  }
  if (judge !== undefined) {
    const judged = await judge.stop();
    return { ...emptySeen(), ...judged, failedTries: failedInProxy, seconds };
  }
  await http?.stop();
  const sent = http?.sent ?? [];
  const lost = sent.filter(({ cause }) => cause !== undefined);
  const within = sent.filter((each) => each.startedAtMs >= goneAtMs && each.endedAtMs < changedAtMs);
  return {
    ...emptySeen(),
    requests: sent.length,
    lost: lost.length,
    failedTries: failedInProxy + (http?.failedTries() ?? 0),
    byCause: countCauses(lost.map(({ cause = '' }) => cause)),
    window:
      within.length === 0
        ? undefined
        : { requests: within.length, lost: within.filter(({ cause }) => cause !== undefined).length },
    rollout: clients.rollout?.rollout(),
    seconds,
    plays: 1,
  };
}

const emptySeen = (): Seen => ({
  requests: 0,
  lost: 0,
  failedTries: 0,
  byCause: {},
  window: undefined,
  rollout: undefined,
  longestGapMs: 0,
  seconds: 0,
  plays: 0,
});

function add(total: Seen, seen: Seen): void {
  total.requests += seen.requests;
  total.lost += seen.lost;
  total.failedTries += seen.failedTries;
  total.seconds += seen.seconds;
  total.plays += 1;
  total.rollout = seen.rollout ?? total.rollout;
  total.longestGapMs = Math.max(total.longestGapMs, seen.longestGapMs);
  const byCause = { ...total.byCause };
  for (const [cause, count] of Object.entries(seen.byCause)) byCause[cause] = (byCause[cause] ?? 0) + count;
  total.byCause = byCause;
  if (seen.window !== undefined)
    total.window = {
      requests: (total.window?.requests ?? 0) + seen.window.requests,
      lost: (total.window?.lost ?? 0) + seen.window.lost,
    };
}

/** The next scene begins with nothing of this one, terminating pods neither. */
async function remove(scene: Scene, app: string, { kube }: RehearsalCluster): Promise<void> {
  const resource = scene.workload.kind === 'Deployment' ? DEPLOYMENTS : STATEFUL_SETS;
  await kube.delete(resource, app, { uid: undefined, propagationPolicy: 'Background' });
  await kube.delete(SERVICES, app, { uid: undefined });
  const never = new AbortController().signal;
  await until(
    `${app} is gone`,
    async () => {
      const { items } = await kube.list(PODS, { labelSelector: `app=${app}` });
      const forced = { uid: undefined, gracePeriodSeconds: 0 };
      await Promise.all(items.map(({ metadata }) => kube.delete(PODS, metadata.name, forced).catch(() => undefined)));
      return items.length === 0;
    },
    never,
    20_000,
  );
}

/** The causes, most frequent first. */
export const causesOf = ({ byCause, lost, requests }: Seen): string =>
  lost === 0
    ? 'nothing lost'
    : `${share(lost, requests)}${Object.keys(byCause).length === 0 ? '' : ': '}${Object.entries(byCause)
        .sort(([, a], [, b]) => b - a)
        .map(([cause, count]) => `${count} × ${cause}`)
        .join(', ')}`;
