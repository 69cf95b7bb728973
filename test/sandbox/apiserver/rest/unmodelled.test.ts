import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statefulSet, useApi } from '../harness.ts';

const api = useApi();
const AUTOSCALERS = '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers';

test('a field that nothing acts on is accepted with a warning on creation, and only then', async () => {
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
  const autoscaler = {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'web' },
    spec: { maxReplicas: 3, scaleTargetRef },
  };
  const created = await api.post(AUTOSCALERS, autoscaler);
  assert.equal(created.status, 201);
  assert.match(String(created.headers['warning']), /sandbox: HorizontalPodAutoscaler: no autoscaler runs here/);
  const patched = await api.merge(`${AUTOSCALERS}/web`, { spec: { maxReplicas: 4 } });
  assert.equal(patched.headers['warning'], undefined);
});

test('TKE’s cron scaler is taken as the custom resource that it is: any field, and no strategic merge patch', async () => {
  const path = '/apis/autoscaling.cloud.tencent.com/v1/namespaces/default/horizontalpodcronscalers';
  const spec = { scaleTarget: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web' }, crons: [{ targetSize: 3 }] };
  const created = await api.post(path, {
    apiVersion: 'autoscaling.cloud.tencent.com/v1',
    kind: 'HorizontalPodCronscaler',
    metadata: { name: 'nightly' },
    spec,
  });
  assert.equal(created.status, 201);
  assert.match(String(created.headers['warning']), /no cron scaler runs here/);
  assert.deepEqual((await api.get(`${path}/nightly`)).json.spec, spec);
  const merged = await api.merge(`${path}/nightly`, { spec: { crons: [{ targetSize: 4 }] } });
  assert.deepEqual(merged.json.spec.crons, [{ targetSize: 4 }]);
  const strategic = await api.strategic(`${path}/nightly`, { spec: {} });
  assert.equal(strategic.status, 415);
  assert.doesNotMatch(strategic.json.message, /strategic/);
});

test('a StatefulSet with maxUnavailable is warned of, one without is not', async () => {
  const path = '/apis/apps/v1/namespaces/default/statefulsets';
  const plain = statefulSet('plain');
  const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 2 } };
  const odd = await api.post(path, { ...statefulSet('odd'), spec: { ...(plain['spec'] as object), updateStrategy } });
  assert.match(String(odd.headers['warning']), /maxUnavailable: not modelled/);
  assert.equal((await api.post(path, plain)).headers['warning'], undefined);
});
