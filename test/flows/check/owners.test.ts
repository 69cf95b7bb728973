import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RefusedError, StatusError } from '../../../lib/core/errors.ts';
import { surge } from '../../../lib/flows/verbs/surge.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import { common, rehearse } from '../rehearsal/rehearsal.ts';
import { checked, found } from './cases.ts';

const target = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'nginx' };
const hpa = (metadata: Partial<KubeObject['metadata']> = {}, scaleTargetRef: object = target): KubeObject => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'web', ...metadata },
  spec: { scaleTargetRef },
});
const owner = (kind: string) => [{ apiVersion: 'keda.sh/v1alpha1', kind, name: 'web-so', uid: 'u', controller: true }];
const cron: KubeObject = {
  apiVersion: 'autoscaling.cloud.tencent.com/v1',
  kind: 'HorizontalPodCronscaler',
  metadata: { name: 'nightly' },
  spec: { scaleTarget: { ...target, namespace: 'default' }, crons: [{ schedule: '0 0 22 * * *', targetSize: 3 }] },
};

const refusalOf = async (object: KubeObject) => {
  const rehearsal = rehearse();
  rehearsal.kube.put(object);
  try {
    await surge(rehearsal.world, { ...common, count: 1, dark: false });
  } catch (error) {
    assert.ok(error instanceof RefusedError, String(error));
    return error.refusals.find(({ rule }) => rule === 'no-autoscaler');
  }
  return undefined;
};

describe('other owners of the replicas', () => {
  it('is TKE’s scaler by the clock too: surge is refused, and check names its times', async () => {
    assert.match(
      String((await refusalOf(cron))?.message),
      /horizontalpodcronscaler\/nightly scales .* to 3 at "0 0 22 \* \* \*"/,
    );
    const rehearsal = rehearse();
    rehearsal.kube.put(cron);
    assert.match(found((await checked(rehearsal)).findings, 'no-autoscaler', 'WARN')?.message ?? '', /to 3 at "0 0 22/);
  });
  it('is KEDA behind its HorizontalPodAutoscaler: the cure is its own switch, for the patch would be undone', async () => {
    const byOwner = await refusalOf(hpa({ ownerReferences: owner('ScaledObject') }));
    assert.match(String(byOwner?.cure), /^kubectl annotate scaledobject web-so autoscaling\.keda\.sh\/paused=true/);
    const byLabel = await refusalOf(hpa({ labels: { 'scaledobject.keda.sh/name': 'web-so' } }));
    assert.equal(String(byLabel?.cure), String(byOwner?.cure));
    assert.match(String((await refusalOf(hpa()))?.cure), /^kubectl patch horizontalpodautoscaler\/web .*minReplicas/);
  });
  it('is not who scales a StatefulSet of another API group, or of another namespace', async () => {
    assert.equal(await refusalOf(hpa({}, { ...target, apiVersion: 'apps.kruise.io/v1beta1' })), undefined);
    const spec = { ...(cron['spec'] as object), scaleTarget: { ...target, namespace: 'other' } };
    assert.equal(await refusalOf({ ...cron, spec }), undefined);
  });
  it('is reported as unknown by kind, where one may not be listed', async () => {
    const rehearsal = rehearse();
    const forbidden = new StatusError(403, 'Forbidden', 'horizontalpodcronscalers is forbidden');
    rehearsal.kube.failNext({ verb: 'list', resource: 'horizontalpodcronscalers' }, forbidden, 9);
    await surge(rehearsal.world, { ...common, count: 1, dark: false });
    assert.match(rehearsal.report.text, /cannot be read: HorizontalPodCronscalers/);
  });
});

describe('a Service that an operator owns', () => {
  it('gets a WARN that its weights may be written back', async () => {
    const ownerReferences = [{ apiVersion: 'broker/v1', kind: 'Broker', name: 'broker', uid: 'u', controller: true }];
    const { findings } = await checked(rehearse({ service: { merge: { metadata: { ownerReferences } } } }));
    assert.match(
      found(findings, 'owned-by-controller', 'WARN')?.message ?? '',
      /service\/nginx belongs to Broker\/broker, whose controller may write its annotations back/,
    );
  });
});
