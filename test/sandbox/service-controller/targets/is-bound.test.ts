import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SERVICES } from '../../../../lib/ports/resources.ts';
import { isBound } from '../../../../sandbox/service-controller/targets/is-bound.ts';
import { startBackend, until } from '../../clb/support.ts';
import { drained, pod, type Rig, service, startRig, WEIGHTS } from '../support.ts';

const NOW_MS = Date.parse('2026-01-01T00:00:00Z');

const bound = ({ kube, clb }: Rig, ...pods: ReturnType<typeof pod>[]): boolean =>
  isBound(clb, kube.object(SERVICES, 'nginx') ?? service(), pods, NOW_MS);

test('a Service is bound once its load balancer knows whether each backend lives, also one that is dead or drained', async (t) => {
  const backend = await startBackend(t, 'nginx-0');
  const nginx0 = pod(0, { dialPort: backend.port });
  const rig = await startRig(t, [service({ [WEIGHTS]: drained(0) }), nginx0]);
  await until(() => rig.listener()?.targets[0]?.health === 'alive');
  const [target] = rig.listener()?.targets ?? [];
  assert.equal(bound(rig, nginx0), true);
  target?.seen('probing');
  assert.equal(bound(rig, nginx0), false);
  target?.seen('dead');
  assert.equal(bound(rig, nginx0), true);
});

test('a Service is not bound while one of its pods is missing on any of its listeners', async (t) => {
  const backend = await startBackend(t, 'nginx-0');
  const nginx0 = pod(0, { dialPort: backend.port });
  const rig = await startRig(t, [service(), nginx0]);
  await until(() => rig.listener()?.targets[0]?.health === 'alive');
  assert.equal(bound(rig, nginx0, pod(1)), false);
  assert.equal(bound(rig, pod(0, { uid: 'another' })), false, 'its address is bound for the pod before it');
  const second = service({}, { ports: [{ port: 8080, targetPort: 80 }] });
  second.metadata.uid = rig.kube.object(SERVICES, 'nginx')?.metadata.uid ?? '';
  assert.equal(isBound(rig.clb, second, [nginx0], NOW_MS), false, 'no listener at all on that port');
});

test('pods that no load balancer binds keep a Service from nothing', async (t) => {
  const backend = await startBackend(t, 'nginx-0');
  const nginx0 = pod(0, { dialPort: backend.port });
  const rig = await startRig(t, [service(), nginx0]);
  await until(() => rig.listener()?.targets[0]?.health === 'alive');
  const other = { ...pod(2), metadata: { ...pod(2).metadata, labels: { app: 'other' } } };
  const starting = { ...pod(3), status: { phase: 'Pending' } };
  const deleted = { ...pod(4), metadata: { ...pod(4).metadata, deletionTimestamp: '2025-12-31T23:00:00Z' } };
  assert.equal(bound(rig, nginx0, other, starting, deleted), true);
  // Without direct access the nodes are bound: a pod is no backend then.
  const ofNodes = service();
  ofNodes.metadata.annotations = {};
  ofNodes.metadata.uid = rig.kube.object(SERVICES, 'nginx')?.metadata.uid ?? '';
  assert.equal(isBound(rig.clb, ofNodes, [pod(1)], NOW_MS), true);
});
