/** "How to upgrade applications gracefully in k8s": scaling behind ingress-nginx, with its retries. */
import { Behaviour } from '../../common/pod-behaviour.ts';
import { expectedShares, isWithin } from '../../proxy/retry-share.ts';
import {
  type Experiment,
  type HttpPlan,
  type JudgePlan,
  type Scene,
  type SceneStage,
  type Seen,
  share,
  type Workload,
} from '../experiment.ts';
import { causesOf } from '../play-scene.ts';

const LAG_MS = 1500;
const TRIES = 3;
const RATE: HttpPlan = { kind: 'http', clients: 2, pauseMs: 6, path: '/' };
const ONE: HttpPlan = { ...RATE, clients: 1 };

/** nginx ends at SIGTERM, and cuts what is open. */
const pods = (replicas: number, onTerminate = 'ungraceful', graceSeconds = 2): Workload => ({
  kind: 'Deployment',
  replicas,
  behaviour: { [Behaviour.readyAfter]: '100ms', [Behaviour.onTerminate]: onTerminate },
  graceSeconds,
});
const door = (tries = TRIES, workers = 1) => ({ kind: 'proxy' as const, lagMs: LAG_MS, tries, workers });

interface Shrink {
  from: number;
  tries?: number;
  clients: HttpPlan;
}

/** The formula's range beside what was measured while all the dead were still upstreams. */
function explain({ from, tries = TRIES, clients }: Shrink, seen: Seen): string {
  const { least, most } = expectedShares({ upstreams: from, dead: from - 1, tries }, clients.clients);
  const percent = (value: number) => `${Math.round(100 * value)} %`;
  const range =
    Math.round(100 * least) === Math.round(100 * most) ? percent(least) : `${percent(least)} to ${percent(most)}`;
  const window =
    seen.window === undefined
      ? 'no request fell into the time when all of them were dead and still upstreams'
      : `${share(seen.window.lost, seen.window.requests)} while ${from - 1} of ${from} upstreams were dead; the formula: ${range}`;
  return seen.lost === 0 ? `${window}` : `${window}. ${causesOf(seen)}`;
}

function fits({ from, tries = TRIES, clients }: Shrink, seen: Seen): boolean {
  const range = expectedShares({ upstreams: from, dead: from - 1, tries }, clients.clients);
  return seen.window === undefined || isWithin(seen.window.lost, seen.window.requests, range);
}

const shrink = (what: string, article: string, facts: Shrink): Scene => ({
  what,
  article,
  workload: pods(facts.from),
  door: door(facts.tries),
  clients: facts.clients,
  act: (stage) => stage.scale(1),
  promised: (seen) => seen.lost > 0 && fits(facts, seen),
  why: (seen) => explain(facts, seen),
});

const WRK: JudgePlan = { kind: 'judge', program: 'wrk', clients: 2, path: '/' };

const drainAndScale = async (stage: SceneStage): Promise<void> => {
  await stage.verb(['drain', stage.app, '1-9', '--min-serving', '1']);
  await stage.verb(['wait-zero', stage.app]);
  await stage.scale(1);
};

const threeToOne: Shrink = { from: 3, clients: RATE };
const threeAlone: Shrink = { from: 3, clients: ONE };

export const ingressRetry: Experiment = {
  name: 'ingress-retry',
  about: 'scaling pods behind a proxy with the retry rule of ingress-nginx (3 tries, upstreams late)',
  scale: `upstreams ${LAG_MS / 1000} s late where the article has about 2 s; otherwise as it was`,
  scenes: [
    shrink('10→1, two clients', '366 of 8,969 (4.08 %)', { from: 10, clients: RATE }),
    shrink('10→1, no retry', '', { from: 10, tries: 1, clients: RATE }),
    shrink('4→1, two clients', 'loses', { from: 4, clients: RATE }),
    {
      ...shrink('3→1, one client', '', threeAlone),
      promised: 'none',
    },
    {
      ...shrink('3→1, two clients, until one is lost', 'now and then', threeToOne),
      again: { upTo: 10, reset: (stage) => stage.scale(3) },
      promised: 'some',
      why: (seen) => `in ${seen.plays} of at most 10 tries: ${explain(threeToOne, seen)}`,
    },
    {
      what: '10→1, SIGTERM not acted on',
      article: '0 of 8,811',
      workload: pods(10, 'ignore', 3),
      door: door(),
      clients: RATE,
      act: (stage) => stage.scale(1),
      promised: 'none',
      why: (seen) => (seen.lost === 0 ? 'the pods served on until no upstream list named them' : causesOf(seen)),
    },
    {
      what: '1→10',
      article: 'none',
      workload: pods(1),
      door: door(),
      clients: RATE,
      act: (stage) => stage.scale(10),
      promised: 'none',
      why: (seen) => (seen.lost === 0 ? 'a pod is an upstream only once it is ready' : causesOf(seen)),
    },
    {
      what: '10→1 at the load balancer, plain scale',
      article: '',
      workload: { ...pods(10), kind: 'StatefulSet' },
      door: { kind: 'balancer' },
      clients: RATE,
      act: (stage) => stage.scale(1),
      promised: 'some',
      why: causesOf,
    },
    {
      what: '10→1: drain, wait-zero, then scale',
      article: '',
      ours: true,
      workload: { ...pods(10), kind: 'StatefulSet' },
      door: { kind: 'balancer' },
      clients: RATE,
      act: drainAndScale,
      promised: 'none',
      why: (seen) =>
        `${seen.lost === 0 ? 'no backend with a connection was stopped' : causesOf(seen)}. Another door: the load balancer's own, for weights do not reach a proxy that goes by Endpoints`,
    },
    {
      what: '10→1, judged by wrk -c2',
      article: '366 of 8,969 (4.08 %)',
      workload: pods(10),
      door: door(),
      clients: WRK,
      act: (stage) => stage.scale(1),
      promised: 'some',
      why: causesOf,
    },
    {
      what: '10→1 at the load balancer, plain scale, judged by wrk -c2',
      article: '',
      workload: { ...pods(10), kind: 'StatefulSet' },
      door: { kind: 'balancer' },
      clients: WRK,
      act: (stage) => stage.scale(1),
      promised: 'some',
      why: causesOf,
    },
    {
      what: '10→1: drain, wait-zero, then scale, judged by wrk -c2',
      article: '',
      ours: true,
      workload: { ...pods(10), kind: 'StatefulSet' },
      door: { kind: 'balancer' },
      clients: WRK,
      act: drainAndScale,
      promised: 'none',
      why: causesOf,
    },
  ],
};
