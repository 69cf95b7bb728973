/** "Upgrade and rollback": a rolling update under fortio, without probes, with them, and with preStop. */
import { Behaviour } from '../../common/pod-behaviour.ts';
import type { Experiment, HttpPlan, JudgePlan, Scene, SceneStage, Workload } from '../experiment.ts';
import { NEW_IMAGE } from '../manifest.ts';
import { causesOf } from '../play-scene.ts';

const LAG_MS = 500;
/** fortio's `-c 8`: eight keep-alive connections. */
const SHORT: HttpPlan = { kind: 'http', clients: 8, pauseMs: 25, path: '/', keepAlive: true };
const SLOW: HttpPlan = { ...SHORT, path: '/sleep?ms=400' };

const asks = { httpGet: { path: '/healthz', port: 80 }, periodSeconds: 1 };
const PROBES = {
  readinessProbe: { ...asks, failureThreshold: 3 },
  livenessProbe: { ...asks, initialDelaySeconds: 3, failureThreshold: 3 },
};
const PRE_STOP = { lifecycle: { preStop: { exec: { command: ['/bin/bash', '-c', 'sleep 2'] } } } };

/** A program that needs a second to listen, and ends at SIGTERM without waiting for what is open. */
const pods = (container: Readonly<Record<string, unknown>>): Workload => ({
  kind: 'Deployment',
  replicas: 4,
  behaviour: { [Behaviour.listenAfter]: '1s', [Behaviour.onTerminate]: 'ungraceful' },
  container,
  graceSeconds: 5,
});

const FORTIO: JudgePlan = { kind: 'judge', program: 'fortio', clients: 8, path: '/' };
/** A connection that never ends would be waited for until fortio's own time is over, and nothing be judged after that. */
const REUSING: JudgePlan = { ...FORTIO, reuse: '50:100' };

const upgrades = async (stage: SceneStage): Promise<void> => {
  await stage.verb(['upgrade', stage.app, '--image', `nginx=${NEW_IMAGE}`, '--batch', '2', '--yes']);
};

type Facts = Pick<Scene, 'what' | 'article' | 'clients' | 'promised'> & { container?: Record<string, unknown> };

const rolls = ({ container = {}, ...rest }: Facts): Scene => ({
  ...rest,
  workload: pods(container),
  door: { kind: 'proxy', lagMs: LAG_MS, tries: 1 },
  act: (stage) => stage.roll(NEW_IMAGE),
  why: causesOf,
});

export const preStop: Experiment = {
  name: 'pre-stop',
  about:
    'a rolling update of a Deployment behind a Service (no retry), with 8 keep-alive connections as fortio has them',
  scale: `1:10, preStop sleeps 2 s where the article sleeps 20 s; the Service is ${LAG_MS / 1000} s late`,
  scenes: [
    rolls({ what: 'no probes, short requests', article: '504 and 404 for minutes', clients: SHORT, promised: 'some' }),
    rolls({ what: 'no probes, slow requests', article: '504 and 404 for minutes', clients: SLOW, promised: 'some' }),
    rolls({
      what: 'probes, short requests',
      article: 'still problems',
      clients: SHORT,
      promised: 'some',
      container: PROBES,
    }),
    rolls({ what: 'probes, slow requests', article: 'some 503', clients: SLOW, promised: 'some', container: PROBES }),
    rolls({
      what: 'probes and preStop, short requests',
      article: 'none',
      clients: SHORT,
      promised: 'none',
      container: { ...PROBES, ...PRE_STOP },
    }),
    rolls({
      what: 'probes and preStop, slow requests',
      article: 'none',
      clients: SLOW,
      promised: 'none',
      container: { ...PROBES, ...PRE_STOP },
    }),
    {
      ...rolls({
        what: 'probes, judged by fortio -c 8 -qps 500',
        article: 'still problems',
        clients: SHORT,
        promised: 'some',
        container: PROBES,
      }),
      clients: FORTIO,
    },
    {
      what: 'upgrade --batch 2, judged by fortio -c 8 -qps 500 -connection-reuse 50:100',
      article: '',
      ours: true,
      workload: { ...pods(PROBES), kind: 'StatefulSet' },
      door: { kind: 'balancer' },
      clients: REUSING,
      act: upgrades,
      promised: 'none',
      why: causesOf,
    },
    {
      what: 'upgrade --batch 2, slow requests',
      article: '',
      ours: true,
      workload: { ...pods(PROBES), kind: 'StatefulSet' },
      door: { kind: 'balancer' },
      clients: { ...SLOW, keepAlive: false },
      act: upgrades,
      promised: 'none',
      why: (seen) =>
        `${causesOf(seen)}; no hook, the same program that ends at once; it took ${Math.round(seen.seconds)} s`,
    },
  ],
};
