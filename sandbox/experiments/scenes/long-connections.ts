/** "Upgrade and rollback", the question it leaves open: sessions that last for minutes. */
import { Behaviour } from '../../common/pod-behaviour.ts';
import type { Experiment, Scene, Seen, SessionPlan, Workload } from '../experiment.ts';
import { NEW_IMAGE } from '../manifest.ts';

/** Sessions of about 8 s where the article speaks of minutes; grace 3 s for 30 s, preStop 2 s for 20 s. */
const STAYS: SessionPlan = { kind: 'session', clients: 6, lastsMs: 8_000, moves: false };
const MOVES: SessionPlan = { ...STAYS, moves: true };
const NEVER_LEAVES: SessionPlan = { ...STAYS, lastsMs: 3_600_000 };
const ARTICLE = 'no good solution found';

const pods = (onTerminate: string, container: Readonly<Record<string, unknown>> = {}): Workload => ({
  kind: 'StatefulSet',
  replicas: 3,
  strategy: { type: 'RollingUpdate' },
  behaviour: { [Behaviour.readyAfter]: '200ms', [Behaviour.onTerminate]: onTerminate },
  graceSeconds: 3,
  container,
});
const HOOK = { lifecycle: { preStop: { sleep: { seconds: 2 } } } };

const bounds = (seen: Seen): string =>
  `${seen.lost} of ${seen.requests} sessions cut${seen.lost === 0 ? '' : `, longest gap ${seen.longestGapMs} ms`}; it took ${Math.round(seen.seconds)} s`;

const rolls = (what: string, clients: SessionPlan, workload: Workload, promised: Scene['promised']): Scene => ({
  what,
  article: ARTICLE,
  workload,
  door: { kind: 'balancer' },
  clients,
  act: (stage) => stage.roll(NEW_IMAGE),
  promised,
  why: bounds,
});

const onDelete = (workload: Workload): Workload => ({ ...workload, strategy: { type: 'OnDelete' } });

export const longConnections: Experiment = {
  name: 'long-connections',
  about: 'sessions like those of WebSockets through an update of three pods at the load balancer',
  scale: '1:10, sessions of about 8 s, grace 3 s, preStop 2 s',
  scenes: [
    rolls('rolling update, the server cuts', STAYS, pods('ungraceful'), 'some'),
    rolls('rolling update, preStop 2 s', STAYS, pods('ungraceful', HOOK), 'some'),
    rolls('rolling update, the server waits, grace 3 s', STAYS, pods('graceful'), 'some'),
    rolls('rolling update, the server asks to move, the client does', MOVES, pods('graceful'), 'none'),
    rolls('rolling update, the client never leaves', NEVER_LEAVES, pods('graceful'), 'some'),
    {
      what: 'upgrade, the server cuts, no help from the program',
      article: ARTICLE,
      ours: true,
      workload: onDelete(pods('ungraceful')),
      door: { kind: 'balancer' },
      clients: STAYS,
      act: async (stage) => {
        await stage.verb(['upgrade', stage.app, '--image', `nginx=${NEW_IMAGE}`, '--yes', '--timeout', '2m']);
      },
      promised: 'none',
      why: (seen) => `${bounds(seen)}: each pod waits for its own last session`,
    },
    {
      what: 'drain, wait-zero, the client never leaves',
      article: ARTICLE,
      ours: true,
      workload: onDelete(pods('ungraceful')),
      door: { kind: 'balancer' },
      clients: NEVER_LEAVES,
      act: async (stage) => {
        await stage.verb(['drain', stage.app, '0']);
        const code = await stage.verb(['wait-zero', stage.app, '--timeout', '8s'], [6]);
        if (code === 6) await stage.verb(['restore', stage.app]);
      },
      promised: 'none',
      why: (seen) => `${bounds(seen)}: wait-zero ended with exit code 6 (not yet), and no pod was touched`,
    },
  ],
};
