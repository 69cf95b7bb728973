import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NODES } from '../../../../lib/ports/resources.ts';
import { bindsPods } from '../../../../sandbox/service-controller/targets/direct-access.ts';
import { pod, service, startRig } from '../support.ts';

const plain = service({ 'service.cloud.tencent.com/direct-access': 'false' });
const node = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'node-1', uid: 'node-1' },
  status: { addresses: [{ type: 'InternalIP', address: '10.1.0.1' }] },
};

test('with nodes of its own a cluster binds pods only where the Service asks for it', () => {
  assert.equal(bindsPods(service(), [pod(0)], false), true);
  assert.equal(bindsPods(plain, [pod(0)], false), false);
});

test('a serverless cluster binds the pods of a Service that has no annotation', async (t) => {
  const rig = await startRig(t, [plain, node, pod(0), pod(1)], { serverless: true });
  await rig.show('10.0.0.0=10 10.0.0.1=10');
  assert.equal(rig.kube.objects(NODES).length, 1);
});

test('pods on super nodes are bound directly in any cluster, but not beside pods on nodes', () => {
  const onSuperNode = (ordinal: number) => {
    const made = pod(ordinal);
    return {
      ...made,
      metadata: { ...made.metadata, annotations: { 'tke.cloud.tencent.com/pod-type': 'eklet' } },
    };
  };
  assert.equal(bindsPods(plain, [onSuperNode(0), onSuperNode(1)], false), true);
  assert.equal(bindsPods(plain, [onSuperNode(0), pod(1)], false), false);
  assert.equal(bindsPods(plain, [], false), false);
});
