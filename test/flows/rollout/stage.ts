/** A Deployment behind a load balancer, in memory, as well set up for rolling updates as can be. */
import type { CheckDetails, Finding } from '../../../lib/core/check/findings.ts';
import type { Outcome } from '../../../lib/core/outcome/outcome.ts';
import { auditDeployment } from '../../../lib/flows/rollout/audit-deployment.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import { mergePatch } from '../../../sandbox/semantics/patch/merge-patch.ts';
import { pod, service } from '../../builders.ts';
import { controllerConfig, wish } from '../check/cases.ts';
import { type Rehearsal, rehearse } from '../rehearsal/rehearsal.ts';

const HASH = '5d4f7c9b8';
const probe = (path: string, more: object = {}) => ({ httpGet: { path, port: 80 }, periodSeconds: 5, ...more });

export const container = (more: object = {}) => ({
  name: 'web',
  image: 'nginx:1.25.3',
  ports: [{ containerPort: 80, name: 'http', protocol: 'TCP' }],
  readinessProbe: probe('/ready'),
  livenessProbe: probe('/alive', { initialDelaySeconds: 30 }),
  lifecycle: { preStop: { exec: { command: ['/bin/bash', '-c', 'sleep 20'] } } },
  ...more,
});

export interface WebOptions {
  replicas?: number;
  containers?: unknown[];
  spec?: Record<string, unknown>;
  template?: Record<string, unknown>;
  service?: Parameters<typeof service>[0];
}

const deployment = ({ replicas = 10, containers = [container()], spec = {}, template = {} }: WebOptions): KubeObject =>
  mergePatch(
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'default', uid: 'dep-web' },
      spec: {
        replicas,
        minReadySeconds: 15,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' }, annotations: { 'tke.cloud.tencent.com/networks': 'tke-route-eni' } },
          spec: { terminationGracePeriodSeconds: 60, containers, ...template },
        },
        ...spec,
      },
    },
    {},
  ) as KubeObject;

/** Ready eight seconds after its start. */
const podOf = (index: number, labels: Record<string, string>): KubeObject =>
  pod({
    ip: `10.1.0.${index}`,
    merge: {
      metadata: {
        name: `web-${HASH}-${index}`,
        uid: `pod-web-${index}`,
        labels: { app: 'web', 'pod-template-hash': HASH, ...labels },
        ownerReferences: [
          { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `web-${HASH}`, uid: 'rs', controller: true },
        ],
      },
      status: {
        containerStatuses: [
          { name: 'web', restartCount: 0, ready: true, state: { running: { startedAt: '2026-01-01T00:00:00Z' } } },
        ],
        conditions: ['Ready', 'ContainersReady', 'cloud.tencent.com/load-balancer-backendgroup-ready'].map((type) => ({
          type,
          status: 'True',
          lastTransitionTime: '2026-01-01T00:00:08Z',
        })),
      },
    },
  });

/** The world, with grace deletion on. */
export function web(options: WebOptions = {}): Rehearsal {
  const rehearsal = rehearse();
  const replicas = options.replicas ?? 10;
  for (const object of [
    deployment(options),
    ...Array.from({ length: replicas }, (_, index) => podOf(index, {})),
    service({ name: 'web', ...options.service }),
    controllerConfig({ VERSION: 'v2.5.0', EnablePodGracefulDeletion: 'true' }),
  ])
    rehearsal.kube.put(object);
  return rehearsal;
}

export const audited = (rehearsal: Rehearsal): Promise<Outcome<CheckDetails>> =>
  auditDeployment(rehearsal.world, { ...wish, name: 'web' });

/** The one finding of a rule; `LEVEL message` for comparisons. */
export async function finding(rule: string, options: WebOptions = {}, arrange?: (rehearsal: Rehearsal) => void) {
  const rehearsal = web(options);
  arrange?.(rehearsal);
  const { details } = await audited(rehearsal);
  const found = details.findings.filter((each) => each.rule === rule);
  return { found, text: found.map(({ level, message }: Finding) => `${level} ${message}`).join('\n') };
}
