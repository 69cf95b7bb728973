/** "Rolling updates done right", its last resort: clients that try again. */
import { Behaviour } from '../../common/pod-behaviour.ts';
import type { Experiment, HttpPlan, Scene, Seen, Workload } from '../experiment.ts';
import { NEW_IMAGE } from '../manifest.ts';
import { causesOf } from '../play-scene.ts';

const CLIENTS: HttpPlan = { kind: 'http', clients: 4, pauseMs: 10, path: '/' };
/** As the gRPC example of the article: WithMax(3). */
const TRIES = 3;

const pods = (onTerminate: string): Workload => ({
  kind: 'StatefulSet',
  replicas: 4,
  strategy: { type: 'RollingUpdate' },
  behaviour: { [Behaviour.readyAfter]: '200ms', [Behaviour.onTerminate]: onTerminate },
});

const seenTwice = (seen: Seen): string => `${seen.failedTries} tries failed; ${causesOf(seen)}`;

const rolls = (
  what: string,
  article: string,
  clients: HttpPlan,
  onTerminate: string,
  promised: Scene['promised'],
): Scene => ({
  what,
  article,
  workload: pods(onTerminate),
  door: { kind: 'balancer' },
  clients,
  act: (stage) => stage.roll(NEW_IMAGE),
  promised,
  why: seenTwice,
});

export const clientRetry: Experiment = {
  name: 'client-retry',
  about:
    'a rolling update of a StatefulSet behind the load balancer, with clients that try again and clients that do not',
  scale: 'seconds as they are; the load balancer follows 0.3 s late',
  scenes: [
    rolls('one try, the program ends at once', '', CLIENTS, 'ungraceful', 'some'),
    rolls('one try, the program stops gracefully', '', CLIENTS, 'graceful', 'some'),
    rolls(
      'three tries, stops gracefully',
      'slower, no loss',
      { ...CLIENTS, tries: TRIES },
      'graceful',
      (seen) => seen.failedTries > 0,
    ),
    rolls(
      'three tries, keep-alive, slow answers cut',
      'slower, no loss',
      { ...CLIENTS, tries: TRIES, keepAlive: true, path: '/sleep?ms=150' },
      'ungraceful',
      (seen) => seen.failedTries > 0,
    ),
    rolls(
      'three tries, HTTP/2, GOAWAY on stop',
      'slower, no loss',
      { ...CLIENTS, tries: TRIES, http2: true, path: '/sleep?ms=100' },
      'graceful',
      'any',
    ),
    {
      what: 'one try: drain, wait-zero, recreate of every pod',
      article: '',
      ours: true,
      workload: { ...pods('ungraceful'), strategy: { type: 'OnDelete' } },
      door: { kind: 'balancer' },
      clients: CLIENTS,
      act: async (stage) => {
        await stage.verb(['upgrade', stage.app, '--image', `nginx=${NEW_IMAGE}`, '--batch', '2', '--yes']);
      },
      promised: (seen) => seen.lost === 0 && seen.failedTries === 0,
      why: (seen) => `${seenTwice(seen)}: nothing to try again`,
    },
  ],
};
