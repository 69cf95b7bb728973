/** The effect of each fault on the world and on people, at the moment at which it strikes. */
import { LEASES, POD_DISRUPTION_BUDGETS, PODS } from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import { asMap, asText } from '../../../sandbox/semantics/json.ts';
import type { Fault, FaultKind } from '../history.ts';
import type { Court } from '../invariants/witness.ts';
import { RS_WEIGHT } from '../world/service-controller.ts';
import { NEW_IMAGE, TARGET } from '../world/stage.ts';
import type { Cast } from './cast.ts';

type Strike = (court: Court, cast: Cast, size: number) => void;

const MINUTE = 60_000;

const podName = ({ stage }: Court, size: number): string => {
  const names = stage.api.list(PODS).map(({ metadata }) => metadata.name);
  return names[Math.floor(size * names.length)] ?? `${TARGET}-0`;
};

const ordinalOf = (name: string): string => name.split('-').at(-1) ?? '0';

const addressOf = ({ stage }: Court, name: string): string =>
  asText(asMap(stage.api.get(PODS, name)?.['status'])['podIP']);

/** Everything that the annotation says of this StatefulSet's weights is taken out. */
const withoutZeros = (object: KubeObject): void => {
  const { annotations = {} } = object.metadata;
  delete annotations[RS_WEIGHT];
};

const scale =
  (by: 1 | -1): Strike =>
  (_court, cast, size) => {
    cast.touched.add('replicas');
    cast.edit(
      'set',
      (object) => {
        const spec = asMap(object['spec']);
        spec['replicas'] = Math.max(1, Number(spec['replicas']) + by * (1 + Math.floor(size * 2)));
      },
      'horizontal-pod-autoscaler',
    );
  };

const typed =
  (words: (court: Court, size: number) => string[]): Strike =>
  (court, cast, size) => {
    cast.touched.add('weights');
    cast.colleagueTypes(...words(court, size));
  };

const STRIKES: Partial<Record<FaultKind, Strike>> = {
  'api-restart': (court, _cast, size) => {
    court.refusingUntilMs = court.stage.clock.now() + 500 + size * 15_000;
    court.stage.controllers.expireWatches();
  },
  'watches-expire': ({ stage }) => stage.controllers.expireWatches(),
  'controller-sleeps': ({ stage }, _cast, size) => {
    stage.serviceController.asleepUntilMs = stage.clock.now() + 1_000 + size * 25_000;
  },
  'controller-fails': ({ stage }, _cast, size) => {
    stage.serviceController.failing += 1 + Math.floor(size * 3);
  },
  'controller-resyncs': ({ stage }) => stage.serviceController.resync(),
  'weight-overridden': (court, cast, size) => {
    cast.touched.add('weights');
    court.stage.balancers.overrideWeight(addressOf(court, podName(court, size)), size < 0.5 ? 0 : 10);
  },
  'pod-slow': ({ stage }) => stage.kubelet.fates.push('slow'),
  'pod-stuck': ({ stage }) => stage.kubelet.fates.push('stuck'),
  'pod-crashes': (court, _cast, size) =>
    size < 0.3 ? void court.stage.kubelet.fates.push('crash') : court.stage.kubelet.crash(podName(court, size)),
  'node-lost': (court, _cast, size) => court.stage.kubelet.loseNode(podName(court, size), 3_000 + size * 25_000),
  'monitor-late': ({ stage }, _cast, size) => {
    stage.cloud.trouble.lateMs = size * 3 * MINUTE;
  },
  'monitor-missing': ({ stage }, _cast, size) => {
    stage.cloud.trouble.missingEvery = 2 + Math.floor(size * 4);
  },
  'monitor-repeats': ({ stage }) => {
    stage.cloud.trouble.repeats = true;
  },
  killed: (_court, cast) => cast.current?.life.kill(),
  interrupted: (_court, cast) => cast.current?.life.interrupt(),
  'put-to-sleep': (_court, cast, size) => cast.current?.life.putToSleep(1_000 + size * size * 20 * MINUTE),
  'clock-jumps': (_court, cast, size) => cast.current?.life.jump(1_000 + size * size * 60 * MINUTE),
  'clock-back': (_court, cast, size) => cast.current?.life.jump(-1_000 - size * size * 60 * MINUTE),
  'other-upgrade': typed((_court, size) => [
    ...['upgrade', TARGET, '--image', `${TARGET}=${NEW_IMAGE}`, '--batch', String(1 + Math.floor(size * 3))],
    ...['--yes', '--stable-for', '2s', '--timeout', '10m'],
  ]),
  'other-drain': typed((court, size) => ['drain', TARGET, ordinalOf(podName(court, size))]),
  'other-restore': typed((court, size) => [
    'restore',
    TARGET,
    ...(size < 0.5 ? [] : [ordinalOf(podName(court, size))]),
  ]),
  'other-recreate': typed(() => ['recreate', TARGET, '--stable-for', '2s']),
  paused: ({ stage }, cast, size) => {
    cast.colleagueTypes('pause', TARGET);
    stage.clock.after(3_000 + size * 25_000, () => cast.colleagueTypes('resume', TARGET));
  },
  'scaled-up': scale(1),
  'scaled-down': scale(-1),
  'image-edited': (_court, cast) => {
    cast.touched.add('image');
    cast.edit('set', (object) => {
      const template = asMap(asMap(asMap(object['spec'])['template'])['spec']);
      template['containers'] = (template['containers'] as object[]).map((each) => ({ ...each, image: 'nginx:1.26.0' }));
    });
  },
  'weight-given-back': (_court, cast) => {
    cast.touched.add('weights');
    cast.edit('service', withoutZeros);
  },
  'weight-flickers': ({ stage }, cast, size) => {
    cast.touched.add('weights');
    let before: string | undefined;
    cast.edit('service', (object) => {
      before = object.metadata.annotations?.[RS_WEIGHT];
      withoutZeros(object);
    });
    stage.clock.after(200 + size * 3_000, () =>
      cast.edit('service', ({ metadata }) => {
        if (before !== undefined) metadata.annotations = { ...metadata.annotations, [RS_WEIGHT]: before };
      }),
    );
  },
  'annotation-removed': (_court, cast, size) => {
    cast.touched.add('weights');
    cast.edit('service', ({ metadata }) => {
      for (const key of Object.keys(metadata.annotations ?? {}))
        if (key.includes('kubectl-zeroloss/') && size < 0.5) delete metadata.annotations?.[key];
      if (size >= 0.5) delete metadata.annotations?.[RS_WEIGHT];
    });
  },
  'service-touched': (court, cast, size) =>
    cast.edit('service', ({ metadata }) => {
      metadata.labels = { ...metadata.labels, [`note-${Math.floor(size * 100)}`]: String(court.stage.clock.elapsedMs) };
    }),
  'budget-edited': ({ stage }, _cast, size) => {
    stage.api.edit(POD_DISRUPTION_BUDGETS, TARGET, (object) => {
      asMap(object['spec'])['maxUnavailable'] = Math.floor(size * 3);
    });
  },
  'pod-deleted': (court, cast, size) => {
    cast.touched.add('pods');
    void court.stage.controllers.delete(PODS, podName(court, size), { uid: undefined }).catch(() => undefined);
  },
  'lease-deleted': ({ stage }) => stage.api.remove(LEASES, `kubectl-zeroloss-${TARGET}`),
};

/** Does to the world what the fault says; those of the network itself strike on the wire. */
export const strike = (court: Court, cast: Cast, { kind, size }: Fault): void => STRIKES[kind]?.(court, cast, size);
