/** The guide's four causes of failures during upgrades, one by one. */
import { get } from 'node:http';
import { text } from '../../../lib/core/values/read.ts';
import { PODS } from '../../../lib/ports/resources.ts';
import { Behaviour } from '../../common/pod-behaviour.ts';
import { hostPort } from '../../service-controller/targets/plan-targets.ts';
import type { Experiment, HttpPlan, Scene, SceneStage, SessionPlan, Workload } from '../experiment.ts';
import { NEW_IMAGE } from '../manifest.ts';
import { causesOf } from '../play-scene.ts';

const SHORT: HttpPlan = { kind: 'http', clients: 4, pauseMs: 8, path: '/' };
const SLOW: HttpPlan = { ...SHORT, path: '/sleep?ms=300' };
const LONG: SessionPlan = { kind: 'session', clients: 6, lastsMs: 6_000, moves: false };
/** Its program answers errors, and every probe is content. */
const BAD_IMAGE = 'nginx:error-answers';

const pods = (onTerminate: string): Workload => ({
  kind: 'StatefulSet',
  replicas: 2,
  behaviour: { [Behaviour.readyAfter]: '200ms', [Behaviour.onTerminate]: onTerminate },
  graceSeconds: 2,
});

async function deleteEach(stage: SceneStage): Promise<void> {
  await stage.roll(NEW_IMAGE);
  for (const pod of await stage.pods()) await stage.deletePods([pod]);
}

const upgrades = async (stage: SceneStage): Promise<void> => {
  await stage.verb(['upgrade', stage.app, '--image', `nginx=${NEW_IMAGE}`, '--yes', '--timeout', '2m']);
};

/** One cause twice: pods deleted one after the other, each once its predecessor is ready, and the same with the verbs. */
const twice = (cause: string, clients: HttpPlan | SessionPlan, onTerminate: string): Scene[] => {
  const common = {
    article: `cause ${cause.slice(0, 1)}`,
    workload: pods(onTerminate),
    door: { kind: 'balancer' as const },
    clients,
    why: causesOf,
  };
  return [
    { ...common, what: `${cause}: plain delete`, act: deleteEach, promised: 'some' },
    { ...common, what: `${cause}: upgrade`, ours: true, act: upgrades, promised: 'none' },
  ];
};

/** Whether a pod answers `/` without an error, asked at its own address, past the load balancer. */
async function answersWell({ cluster }: SceneStage, name: string): Promise<boolean> {
  const pod = await cluster.kube.get(PODS, name);
  const { host, port } = hostPort(pod, 80) ?? { host: text(pod, 'status', 'podIP') ?? '', port: 80 };
  return new Promise((resolve) => {
    get({ host, port, agent: false }, (answer) => {
      answer.resume();
      resolve((answer.statusCode ?? 500) < 400);
    }).on('error', () => resolve(false));
  });
}

export const cutOff: Experiment = {
  name: 'cut-off',
  about: 'the four causes of the guide, each with a plain delete of every pod and with upgrade',
  scale: '1:10, grace 2 s, sessions of about 6 s; the load balancer follows 0.3 s late',
  scenes: [
    ...twice('1 the program does not stop gracefully', SLOW, 'ungraceful'),
    ...twice('2 sessions outlast the grace period', LONG, 'graceful'),
    {
      what: '3 the new version answers errors: plain delete',
      article: 'cause 3: health checks do not see it',
      workload: pods('graceful'),
      door: { kind: 'balancer' },
      clients: SHORT,
      act: async (stage) => {
        await stage.roll(BAD_IMAGE);
        for (const pod of await stage.pods()) await stage.deletePods([pod]);
      },
      promised: 'some',
      why: causesOf,
    },
    {
      what: '3 the new version answers errors: surge --dark, ask it, go back',
      article: 'cause 3: health checks do not see it',
      ours: true,
      workload: pods('graceful'),
      door: { kind: 'balancer' },
      clients: SHORT,
      act: async (stage) => {
        await stage.roll(BAD_IMAGE);
        await stage.verb(['surge', stage.app, '1', '--dark']);
        const pod = `${stage.app}-2`;
        const good = await answersWell(stage, pod);
        if (good) throw new Error(`${pod} of ${BAD_IMAGE} should have answered an error`);
        await stage.roll('nginx:1.25.3');
        await stage.verb(['restore', stage.app]);
      },
      promised: 'none',
      why: (seen) => `${causesOf(seen)}: the first pod of the new version had no traffic when it was asked`,
    },
    ...twice('4 stopped before the load balancer knows', SHORT, 'graceful'),
  ],
};
