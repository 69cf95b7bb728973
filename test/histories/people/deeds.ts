/** The deeds of people in the operator's day: to the process, beside it with the same verbs, and past every tool. */
import {
  CONTROLLER_REVISIONS,
  HORIZONTAL_POD_AUTOSCALERS,
  LEASES,
  POD_DISRUPTION_BUDGETS,
  PODS,
  STATEFUL_SETS,
} from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import { asMap } from '../../../sandbox/semantics/json.ts';
import type { FaultKind } from '../history.ts';
import { defaultsOf } from '../world/defaults.ts';
import { POD_SECRET } from '../world/secrets.ts';
import { RS_WEIGHT } from '../world/service-controller.ts';
import { budgetOf, type Stage, TARGET } from '../world/stage.ts';
import { LEASE, MINUTE, podName, type Strike } from './strike.ts';

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

export const DEEDS: Partial<Record<FaultKind, Strike>> = {
  killed: (_court, cast) => cast.current?.life.kill(),
  interrupted: (_court, cast) => cast.current?.life.interrupt(),
  'put-to-sleep': (_court, cast, size) => cast.current?.life.putToSleep(1_000 + size * size * 20 * MINUTE),
  'clock-jumps': (_court, cast, size) => cast.current?.life.jump(1_000 + size * size * 60 * MINUTE),
  'clock-back': (_court, cast, size) => cast.current?.life.jump(-1_000 - size * size * 60 * MINUTE),
  // Five per cent at most: more is a broken machine.
  'clock-drifts': (_court, cast, size) => cast.current?.life.driftBy((size - 0.5) / 10),
  paused: ({ stage }, cast, size) => {
    cast.colleagueTypes('pause', TARGET);
    stage.clock.after(3_000 + size * 25_000, () => cast.colleagueTypes('resume', TARGET));
  },
  'scaled-up': scale(1),
  'scaled-down': scale(-1),
  'image-edited': (_court, cast, size) => {
    cast.touched.add('image');
    cast.edit('set', (object) => {
      const template = asMap(asMap(asMap(object['spec'])['template'])['spec']);
      const env = size < 0.5 ? {} : { env: [{ name: 'DB_PASSWORD', value: `${POD_SECRET}-new` }] };
      template['containers'] = (template['containers'] as object[]).map((each) => ({
        ...each,
        ...env,
        image: 'nginx:1.26.0',
      }));
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
    cast.edit('service', ({ metadata: { annotations = {} } }) => {
      const notes = Object.keys(annotations).filter((key) => key.includes('kubectl-zeroloss/'));
      const isNotes = notes.length > 0 && (size < 0.5 || annotations[RS_WEIGHT] === undefined);
      for (const key of isNotes ? notes : [RS_WEIGHT]) delete annotations[key];
    });
  },
  'service-touched': (court, cast, size) =>
    cast.edit('service', ({ metadata }) => {
      metadata.labels = { ...metadata.labels, [`note-${Math.floor(size * 100)}`]: String(court.stage.clock.elapsedMs) };
    }),
  // Narrowed, seen to be wrong, and taken back.
  'selector-edited': ({ stage }, cast, size) => {
    cast.touched.add('weights');
    const select = (selector: object): void => {
      cast.edit('service', (object) => {
        asMap(object['spec'])['selector'] = selector;
      });
    };
    select({ app: TARGET, tier: 'gone' });
    stage.clock.after(500 + size * 20_000, () => select({ app: TARGET }));
  },
  'budget-made': ({ stage }) => {
    if (stage.api.get(POD_DISRUPTION_BUDGETS, TARGET) === undefined)
      stage.api.create(POD_DISRUPTION_BUDGETS, budgetOf());
    else stage.api.remove(POD_DISRUPTION_BUDGETS, TARGET);
  },
  'autoscaler-made': ({ stage }, _cast, size) => {
    if (stage.api.get(HORIZONTAL_POD_AUTOSCALERS, TARGET) !== undefined) return;
    stage.api.create(HORIZONTAL_POD_AUTOSCALERS, autoscaler());
    if (size < 0.7)
      stage.clock.after(2_000 + size * MINUTE, () => stage.api.remove(HORIZONTAL_POD_AUTOSCALERS, TARGET));
  },
  'budget-edited': ({ stage }, _cast, size) => {
    stage.api.edit(POD_DISRUPTION_BUDGETS, TARGET, (object) => {
      asMap(object['spec'])['maxUnavailable'] = Math.floor(size * 3);
    });
  },
  'pod-deleted': (court, cast, size) => {
    cast.touched.add('pods');
    void court.stage.controllers.delete(PODS, podName(court, size), { uid: undefined }).catch(() => undefined);
  },
  'set-deleted': ({ stage }, cast, size) => {
    for (const what of ['replicas', 'image', 'weights', 'pods']) cast.touched.add(what);
    orphanPods(stage, 1_000 + size * 20_000);
  },
  'lease-deleted': ({ stage }) => stage.api.remove(LEASES, LEASE),
};

/** Kubernetes looks for owners that are gone within seconds. */
const GARBAGE_MS = 1_000;

/** `kubectl delete statefulset --cascade=orphan`, and `kubectl apply` of the manifest after `ms`. */
function orphanPods({ api, clock, controllers, setting }: Stage, ms: number): void {
  const set = api.get(STATEFUL_SETS, TARGET);
  if (set === undefined) return;
  api.remove(STATEFUL_SETS, TARGET);
  for (const resource of [PODS, CONTROLLER_REVISIONS])
    for (const { metadata } of api.list(resource))
      api.edit(resource, metadata.name, (object) => {
        object.metadata.ownerReferences = [];
      });
  const isBereft = ({ metadata }: KubeObject): boolean =>
    metadata.ownerReferences?.some(({ uid }) => uid === set.metadata.uid) === true;
  // The controller may have been about to create a pod; the garbage collector deletes one whose owner is gone.
  clock.after(GARBAGE_MS, () => {
    for (const { metadata } of api.list(PODS).filter(isBereft))
      void controllers.delete(PODS, metadata.name, { uid: metadata.uid }).catch(() => undefined);
  });
  const { apiVersion, kind, spec } = structuredClone(set);
  const metadata = { name: TARGET, annotations: defaultsOf(setting) };
  clock.after(ms, () => api.create(STATEFUL_SETS, { apiVersion, kind, metadata, spec } as KubeObject));
}

const autoscaler = (): KubeObject =>
  ({
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: TARGET },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: TARGET },
      minReplicas: 1,
      maxReplicas: 20,
    },
  }) as KubeObject;
