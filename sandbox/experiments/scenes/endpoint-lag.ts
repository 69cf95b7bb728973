/** "Rolling updates done right": a Service that learns late, a readiness that comes late, a grace period that is short. */
import { Behaviour } from '../../common/pod-behaviour.ts';
import type { Experiment, HttpPlan, Scene, Workload } from '../experiment.ts';
import { causesOf } from '../play-scene.ts';

const CLIENTS: HttpPlan = { kind: 'http', clients: 2, pauseMs: 6, path: '/' };

/** A program that stops properly; `sleep` of its preStop hook in seconds. */
function pods(sleep: number, graceSeconds = 5): Workload {
  const hook = { lifecycle: { preStop: { exec: { command: ['/bin/bash', '-c', `sleep ${sleep}`] } } } };
  return {
    kind: 'Deployment',
    replicas: 3,
    behaviour: { [Behaviour.readyAfter]: '100ms', [Behaviour.onTerminate]: 'graceful' },
    graceSeconds,
    ...(sleep === 0 ? {} : { container: hook }),
  };
}

const stops = (lagMs: number, sleep: number, graceSeconds = 5): Scene => {
  const works = Math.min(sleep, graceSeconds) * 1000 > lagMs;
  return {
    what: `Service ${lagMs / 1000} s late, preStop sleep ${sleep} s${graceSeconds === 5 ? '' : `, grace ${graceSeconds} s`}`,
    article: graceSeconds < sleep ? 'wait a few seconds before closing' : '',
    workload: pods(sleep, graceSeconds),
    door: { kind: 'proxy', lagMs, tries: 1 },
    clients: CLIENTS,
    act: async (stage) => stage.deletePods((await stage.pods()).slice(0, 1)),
    promised: works ? 'none' : 'some',
    why: (seen) =>
      works
        ? `${causesOf(seen)}: the sleep outlasts the lag`
        : `${causesOf(seen)}; the pod refused for about ${Math.max(0, lagMs / 1000 - Math.min(sleep, graceSeconds + 2)).toFixed(1)} s while it was still listed`,
  };
};

export const endpointLag: Experiment = {
  name: 'endpoint-lag',
  about: 'one of three pods is deleted behind a Service (no retry) that learns of it late: loss against lag and sleep',
  scale: 'seconds as they are; the lag of a busy cluster',
  scenes: [
    stops(500, 0),
    stops(1500, 0),
    stops(1500, 0.5),
    stops(1500, 1),
    stops(1500, 2),
    // The hook and SIGTERM share the grace period, and two seconds are added when the hook has used it up.
    {
      ...stops(4000, 6, 1),
      promised: 'some',
      why: (seen) => `${causesOf(seen)}; the hook was cut off when the grace period of 1 s was over`,
    },
    {
      what: 'no readiness probe, program listens 1.5 s after its start',
      article: 'readiness has to be right',
      workload: { ...pods(3), behaviour: { [Behaviour.listenAfter]: '1500ms', [Behaviour.onTerminate]: 'graceful' } },
      door: { kind: 'proxy', lagMs: 300, tries: 1 },
      clients: CLIENTS,
      act: async (stage) => stage.deletePods((await stage.pods()).slice(0, 1)),
      promised: 'some',
      why: (seen) => `${causesOf(seen)}; the replacement counted as ready before it listened`,
    },
    {
      what: 'one of three: drain, wait-zero, recreate',
      article: '',
      ours: true,
      workload: { ...pods(0), kind: 'StatefulSet' },
      door: { kind: 'balancer' },
      clients: CLIENTS,
      act: async (stage) => {
        await stage.roll('nginx:1.25.4');
        await stage.verb(['drain', stage.app, '0']);
        await stage.verb(['wait-zero', stage.app]);
        await stage.verb(['recreate', stage.app]);
        await stage.verb(['restore', stage.app]);
      },
      promised: 'none',
      why: (seen) => `${causesOf(seen)}: no sleep and no lag to guess, the load balancer's weight was seen at 0 first`,
    },
  ],
};
