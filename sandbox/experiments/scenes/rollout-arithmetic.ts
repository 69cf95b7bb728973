/** maxSurge and maxUnavailable: what the articles work out on paper, counted from what the controller does. */
import { type RollingStrategy, rolloutBounds } from '../../../lib/core/values/rolling-limits.ts';
import { Behaviour } from '../../common/pod-behaviour.ts';
import type { Experiment, HttpPlan, Scene, Seen, Workload } from '../experiment.ts';
import { NEW_IMAGE } from '../manifest.ts';
import { causesOf } from '../play-scene.ts';

const LAG_MS = 300;
const CLIENTS: HttpPlan = { kind: 'http', clients: 2, pauseMs: 8, path: '/' };
/** Long enough for the upstreams to follow, so that what is lost is lost by the arithmetic. */
const HOOK = { lifecycle: { preStop: { sleep: { seconds: 1 } } } };

const workload = (replicas: number, rollingUpdate: RollingStrategy): Workload => ({
  kind: 'Deployment',
  replicas,
  strategy: { type: 'RollingUpdate', rollingUpdate },
  behaviour: { [Behaviour.readyAfter]: '800ms', [Behaviour.onTerminate]: 'graceful' },
  container: HOOK,
  graceSeconds: 3,
});

const counted = (replicas: number, strategy: RollingStrategy, { rollout }: Seen): string => {
  const { most, fewest } = rolloutBounds(strategy, replicas);
  if (rollout === undefined) return 'nothing was counted';
  const steps = rollout.steps.slice(0, 4).join(', ');
  return `at most ${rollout.most} pods (worked out: ${most}), at least ${rollout.fewest} available (worked out: ${fewest}); steps: ${steps}${rollout.steps.length > 4 ? ', …' : ''}`;
};

/** The bounds are kept, and the upper one is reached. */
const asWorkedOut = (replicas: number, strategy: RollingStrategy, { rollout }: Seen): boolean => {
  const { most, fewest } = rolloutBounds(strategy, replicas);
  return rollout !== undefined && rollout.most === most && rollout.fewest >= fewest;
};

interface Facts {
  replicas: number;
  strategy: RollingStrategy;
  article: string;
  loses: boolean;
  note?: string;
}

const rolls = ({ replicas, strategy, article, loses, note }: Facts): Scene => ({
  what: `${replicas} replica${replicas === 1 ? '' : 's'}, maxSurge ${strategy.maxSurge}, maxUnavailable ${strategy.maxUnavailable}`,
  article,
  workload: workload(replicas, strategy),
  door: { kind: 'proxy', lagMs: LAG_MS, tries: 3 },
  clients: CLIENTS,
  act: (stage) => stage.roll(NEW_IMAGE),
  promised: (seen) => asWorkedOut(replicas, strategy, seen) && seen.lost > 0 === loses,
  why: (seen) => `${counted(replicas, strategy, seen)}. ${causesOf(seen)}${note === undefined ? '' : `. ${note}`}`,
});

export const rolloutArithmetic: Experiment = {
  name: 'rollout-arithmetic',
  about: 'how many pods a rolling update has at most and serves with at least, counted at the ReplicaSets',
  scale: 'pods are ready after 0.8 s; upstreams 0.3 s late, preStop 1 s',
  scenes: [
    rolls({
      replicas: 10,
      strategy: { maxSurge: '25%', maxUnavailable: '25%' },
      article: '13 at most, 8 at least, first 3 new, then 2 old, 4 with one new one ready',
      loses: false,
      note: 'With 3 new pods of which one is ready the formula allows 13 - 8 - 2 = 3 old ones to go, not 4',
    }),
    rolls({
      replicas: 3,
      strategy: { maxSurge: 1, maxUnavailable: 0 },
      article: '3 always run, 4 at most',
      loses: false,
    }),
    rolls({
      replicas: 3,
      strategy: { maxSurge: 1, maxUnavailable: 1 },
      article: '2 always run, 4 at most',
      loses: false,
    }),
    rolls({
      replicas: 1,
      strategy: { maxSurge: 1, maxUnavailable: 1 },
      article: 'may lose requests',
      loses: true,
    }),
    rolls({
      replicas: 1,
      strategy: { maxSurge: 1, maxUnavailable: 0 },
      article: 'avoids it',
      loses: false,
      note: 'The summary of the article says maxSurge=0; its text, and this row, say maxUnavailable=0',
    }),
    {
      what: '1 replica: surge, drain, wait-zero, recreate, restore',
      article: '',
      ours: true,
      workload: { ...workload(1, {}), kind: 'StatefulSet', strategy: { type: 'OnDelete' } },
      door: { kind: 'balancer' },
      clients: CLIENTS,
      act: async (stage) => {
        const words = ['upgrade', stage.app, '--image', `nginx=${NEW_IMAGE}`, '--surge', '1', '--yes'];
        await stage.verb(words);
      },
      promised: 'none',
      why: (seen) => `${causesOf(seen)}; it took ${Math.round(seen.seconds)} s`,
    },
  ],
};
