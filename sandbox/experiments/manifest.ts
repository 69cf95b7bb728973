/** The objects of one scene: a workload and the Service in front of it. */
import type { KubeObject } from '../../lib/ports.ts';
import type { Entrance, Workload } from './experiment.ts';

export const OLD_IMAGE = 'nginx:1.25.3';
export const NEW_IMAGE = 'nginx:1.25.4';
/** Name of the container. */
export const CONTAINER = 'nginx';

/** A load balancer's Service binds the pods directly; a proxy needs Endpoints alone. */
export function manifestOf(app: string, workload: Workload, door: Entrance): KubeObject[] {
  const labels = { app };
  const { kind, replicas, strategy, behaviour = {}, container = {}, graceSeconds = 2 } = workload;
  const template = {
    metadata: { labels, annotations: { ...behaviour } },
    spec: {
      terminationGracePeriodSeconds: graceSeconds,
      containers: [{ name: CONTAINER, image: OLD_IMAGE, ports: [{ containerPort: 80 }], ...container }],
    },
  };
  const common = { replicas, selector: { matchLabels: labels }, template };
  const spec =
    kind === 'Deployment'
      ? { ...common, ...(strategy === undefined ? {} : { strategy }) }
      : {
          ...common,
          serviceName: app,
          podManagementPolicy: 'Parallel',
          updateStrategy: strategy ?? { type: 'OnDelete' },
        };
  const balancer = door.kind === 'balancer';
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        name: app,
        labels,
        ...(balancer ? { annotations: { 'service.cloud.tencent.com/direct-access': 'true' } } : {}),
      },
      spec: {
        type: balancer ? 'LoadBalancer' : 'ClusterIP',
        selector: labels,
        ports: [{ port: 80, targetPort: 80, protocol: 'TCP' }],
      },
    },
    { apiVersion: 'apps/v1', kind, metadata: { name: app, labels }, spec },
  ];
}
