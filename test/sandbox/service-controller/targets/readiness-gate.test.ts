import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PODS } from '../../../../lib/ports/resources.ts';
import { injectReadinessGate, READINESS_GATE } from '../../../../sandbox/service-controller/targets/readiness-gate.ts';
import { startBackend, until } from '../../clb/support.ts';
import { drained, pod, podCondition, service, startRig, WEIGHTS } from '../support.ts';

test('a gate opens only when the pod is bound and healthy', async (t) => {
  const backend = await startBackend(t, 'nginx-0');
  backend.server.close();
  const rig = await startRig(t, [service(), pod(0, { dialPort: backend.port, gate: true })]);
  await until(() => rig.listener()?.targets[0]?.health === 'dead');
  assert.equal(podCondition(rig.kube, 'nginx-0', READINESS_GATE), undefined);
  backend.server.listen(backend.port, '127.0.0.1');
  await until(() => podCondition(rig.kube, 'nginx-0', READINESS_GATE) !== undefined);
  const condition = podCondition(rig.kube, 'nginx-0', READINESS_GATE);
  assert.deepEqual([condition?.['status'], condition?.['reason']], ['True', 'LoadBalancerNetworkGroupReady']);
});

test('a drained pod is bound at weight 0 and its gate still opens', async (t) => {
  const backend = await startBackend(t, 'nginx-0');
  const rig = await startRig(t, [service({ [WEIGHTS]: drained(0) }), pod(0, { dialPort: backend.port, gate: true })]);
  await until(() => podCondition(rig.kube, 'nginx-0', READINESS_GATE)?.['status'] === 'True');
  assert.equal(rig.weights(), '10.0.0.0=0');
});

test('a gate waits for every listener of the Service', async (t) => {
  const backend = await startBackend(t, 'nginx-0');
  const ports = [
    { port: 80, targetPort: 80 },
    { port: 8080, targetPort: 9 },
  ];
  const rig = await startRig(t, [service({}, { ports }), pod(0, { dialPort: backend.port, gate: true })]);
  await until(() => rig.listener(80)?.targets[0]?.health === 'alive');
  await until(() => rig.listener(8080)?.targets[0] !== undefined);
  assert.equal(podCondition(rig.kube, 'nginx-0', READINESS_GATE), undefined);
});

test('a pod without the gate is not written to', async (t) => {
  const backend = await startBackend(t, 'nginx-0');
  const rig = await startRig(t, [service(), pod(0, { dialPort: backend.port })]);
  await until(() => rig.listener()?.targets[0]?.health === 'alive');
  assert.deepEqual(
    rig.kube.writes.filter(({ resource }) => resource === PODS.plural),
    [],
  );
});

test('the gate is injected once, and other gates are kept', () => {
  const plain = { metadata: { name: 'a' }, spec: { containers: [], readinessGates: [{ conditionType: 'other' }] } };
  const gated = injectReadinessGate(plain);
  assert.deepEqual(gated, {
    metadata: { name: 'a' },
    spec: { containers: [], readinessGates: [{ conditionType: 'other' }, { conditionType: READINESS_GATE }] },
  });
  assert.equal(injectReadinessGate(gated), gated);
  assert.deepEqual(plain.spec.readinessGates, [{ conditionType: 'other' }]);
  assert.equal(
    injectReadinessGate(plain, () => false),
    plain,
  );
});
