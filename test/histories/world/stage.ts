/** Sets a history's world up: cluster, load balancers, cloud, clients, all settled before anything goes wrong. */

import { SPECIFY_PROTOCOL } from '../../../lib/core/facts/specify-protocol.ts';
import { POD_DISRUPTION_BUDGETS, PODS, SERVICES, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import { MASTERS } from '../../../sandbox/apiserver/auth/identity.ts';
import { startDisruptionController } from '../../../sandbox/controllers/budget/disruption.ts';
import { startStatefulSetController } from '../../../sandbox/controllers/stateful-set/stateful-set-controller.ts';
import { asMap, asMaps, asText } from '../../../sandbox/semantics/json.ts';
import { service, statefulSet } from '../../builders.ts';
import type { Setting } from '../history.ts';
import { ApiServer } from './api-server.ts';
import { Balancers } from './clb/balancer.ts';
import { PERSISTED_MS } from './clb/client-sessions.ts';
import { type CloudApi, createCloudApi } from './clb/cloud.ts';
import { defaultsOf } from './defaults.ts';
import { Dice } from './dice.ts';
import { DirectKube } from './direct-kube.ts';
import { type Kubelet, startKubelet } from './kubelet.ts';
import { Nodes } from './nodes.ts';
import { bindRoles, OPERATOR } from './rights.ts';
import { OPERATOR_TOKEN, POD_SECRET } from './secrets.ts';
import { RS_WEIGHT, type ServiceController, startServiceController } from './service-controller.ts';
import { SimClock } from './sim-clock.ts';

const CONTROLLER_TOKEN = 'controller';
export const TARGET = 'nginx';
const LONG = 24;
const GATE = 'cloud.tencent.com/load-balancer-backendgroup-ready';
export const OLD_IMAGE = 'nginx:1.25.3';
export const NEW_IMAGE = 'nginx:1.25.4';

export interface Stage {
  setting: Setting;
  clock: SimClock;
  dice: Dice;
  api: ApiServer;
  controllers: DirectKube;
  balancers: Balancers;
  cloud: CloudApi;
  kubelet: Kubelet;
  nodes: Nodes;
  serviceController: ServiceController;
  /** Clients come no more for long, or as before. */
  calm: { isCalm: boolean };
  stop(): void;
}

const OTHER_SET = { name: 'other', weights: [{ weight: 0, podIndexes: [0] }] };

/** As somebody wrote it: with spaces, so that giving back has to bring back the text. */
const weightsOf = ({ weights, protocol }: Setting): string | undefined =>
  ({
    '': undefined,
    default: '{ "defaultWeight": 20, "groups": [] }',
    canary: `{"defaultWeight":10,"groups":[{"key":{"proto":"${protocol}","port":80},"statefulSets":[{"name":"${TARGET}","weights":[{"weight":5,"podIndexes":[1]}]}]}]}`,
    'other-set': `{ "defaultWeight":10,"groups":[{"key":{"proto":"${protocol}","port":80},"statefulSets":[${JSON.stringify(OTHER_SET)}]}]}`,
  })[weights];

/** Of the first port, with a rule for each of two hosts. */
const HTTP_LISTENER = '{"80":{"protocol":["HTTP"],"hosts":{"a.example":{},"b.example":{}}}}';
const RULES = ['a', 'b'];

const serviceName = (index: number): string => (index === 0 ? TARGET : `${TARGET}-internal`);

function serviceOf(setting: Setting, index: number): KubeObject {
  const ports = [80, 443]
    .slice(0, setting.ports)
    .map((port) => ({ port, protocol: setting.protocol, name: `p${port}`, targetPort: 80 }));
  const text = index === 0 ? weightsOf(setting) : undefined;
  const annotations = setting.layer7 ? { [SPECIFY_PROTOCOL]: HTTP_LISTENER } : {};
  return service({
    name: serviceName(index),
    ports,
    selector: { app: TARGET },
    loadBalancerId: `lb-${String(index).padStart(8, '0')}`,
    ...(text === undefined ? {} : { rsWeight: text }),
    merge: { metadata: { uid: null, creationTimestamp: null, annotations }, spec: { clusterIP: null } },
  });
}

/** A budget of one pod. */
export const budgetOf = (): KubeObject =>
  ({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: TARGET },
    spec: { maxUnavailable: 1, selector: { matchLabels: { app: TARGET } } },
  }) as KubeObject;

/** Resolves once every pod is ready and bound. `rbac`: the objects of deploy/rbac.yaml. */
export async function openStage(
  setting: Setting,
  rbac: readonly KubeObject[],
  own: (stage: { clock: SimClock; dice: Dice }) => void,
): Promise<Stage> {
  const clock = new SimClock();
  const dice = new Dice(setting.seed);
  own({ clock, dice });
  const api = new ApiServer(() => clock.now());
  for (const watched of [PODS, SERVICES, STATEFUL_SETS, POD_DISRUPTION_BUDGETS])
    api.store.table(watched).subscribe(undefined, () => clock.stir());
  api.addUser(CONTROLLER_TOKEN, 'system:kube-controller-manager', [MASTERS]);
  api.addUser(OPERATOR_TOKEN, OPERATOR.user, OPERATOR.groups);
  bindRoles(api, rbac);
  const calm = { isCalm: false };
  const balancers = new Balancers({
    clock,
    dice,
    get longestMs() {
      if (calm.isCalm) return 1_000;
      // Cloud Monitor shows minutes late what was: shorter connections have ended by then.
      return setting.sources === 'clb'
        ? (setting.periodSeconds < 10 ? LONG / 6 : LONG) * setting.longestMs
        : setting.longestMs;
    },
    podAt: (address) => podAt(api, address),
    periodMs: setting.periodSeconds * 1000,
    get clients() {
      return calm.isCalm && setting.clients === 'returning' ? 'persisted' : setting.clients;
    },
  });
  for (let index = 0; index < setting.services; index += 1)
    for (const port of [80, 443].slice(0, setting.ports))
      balancers.add({
        id: `lbl-${index}${String(port).padStart(7, '0')}`,
        balancerId: `lb-${String(index).padStart(8, '0')}`,
        service: serviceName(index),
        ...(setting.layer7 && port === 80
          ? { protocol: 'HTTP', rules: RULES.map((rule) => `loc-${index}${rule}`) }
          : { protocol: setting.protocol, rules: [] }),
        carrier: setting.protocol,
        port,
      });
  const controllers = new DirectKube(api, CONTROLLER_TOKEN);
  const nodes = new Nodes(api);
  const kubelet = startKubelet({
    ...{ api, balancers, clock, dice, nodes },
    startMs: setting.startMs,
    reusesAddresses: setting.reusesAddresses,
  });
  const serviceController = startServiceController({ api, balancers, clock, dice, lagMs: setting.lagMs });
  const running = [
    startStatefulSetController(controllers, { clock }),
    startDisruptionController(controllers, { clock }),
  ];
  for (let index = 0; index < setting.services; index += 1) api.create(SERVICES, serviceOf(setting, index));
  const set = statefulSet({
    replicas: setting.replicas,
    image: OLD_IMAGE,
    podManagementPolicy: setting.ordered ? 'OrderedReady' : 'Parallel',
    ...(setting.gate ? { merge: { spec: { template: { spec: { readinessGates: [{ conditionType: GATE }] } } } } } : {}),
  });
  const { status: _none, ...bare } = set;
  const [container] = asMaps(asMap(asMap(asMap(bare['spec'])['template'])['spec'])['containers']);
  if (container !== undefined) container['env'] = [{ name: 'DB_PASSWORD', value: POD_SECRET }];
  api.create(STATEFUL_SETS, { ...bare, metadata: { name: TARGET, annotations: defaultsOf(setting) } } as KubeObject);
  if (setting.budget) api.create(POD_DISRUPTION_BUDGETS, budgetOf());
  await clock.run(() => isSettled(setting, api, balancers), 3_600_000);
  for (const listener of balancers.listeners) welcome(listener.id);
  const warmUntilMs = clock.now() + 130_000;
  clock.after(130_000, () => undefined);
  await clock.run(() => clock.now() >= warmUntilMs, 3_600_000);

  function welcome(id: string): void {
    const listener = balancers.listeners.find((each) => each.id === id);
    if (listener === undefined) return;
    balancers.arrive(listener);
    clock.after(setting.arrivalMs * (0.2 - Math.log(1 - dice.roll(`arrival ${id}`)) * 0.8), () => welcome(id), true);
  }

  return {
    ...{ setting, clock, dice, api, controllers, balancers, kubelet, nodes, serviceController, calm },
    cloud: createCloudApi({
      ...{ balancers, clock, periodSeconds: setting.periodSeconds },
      sessionSeconds: setting.clients === 'persisted' || setting.clients === 'returning' ? PERSISTED_MS / 1000 : 0,
    }),
    stop: () => {
      for (const each of running) void each.stop();
    },
  };
}

function podAt(api: ApiServer, address: string): { uid: string; ready: boolean } | undefined {
  const pod = api.list(PODS).find((each) => asText(asMap(each['status'])['podIP']) === address);
  if (pod === undefined) return undefined;
  const conditions = asMaps(asMap(pod['status'])['conditions']);
  const ready = conditions.some(({ type, status }) => type === 'ContainersReady' && status === 'True');
  return ready ? { uid: pod.metadata.uid ?? '', ready } : undefined;
}

function isSettled(setting: Setting, api: ApiServer, balancers: Balancers): boolean {
  const status = asMap(api.get(STATEFUL_SETS, TARGET)?.['status']);
  const bound = balancers.listeners.every(
    ({ backends }) =>
      backends.size === setting.replicas &&
      [...backends.values()].every((each) => balancers.healthOf(each) === 'alive'),
  );
  return status['readyReplicas'] === setting.replicas && bound;
}

export const annotationOf = (object: KubeObject | undefined): string | undefined =>
  object?.metadata.annotations?.[RS_WEIGHT];
