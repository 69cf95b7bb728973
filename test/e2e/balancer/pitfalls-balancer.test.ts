/** A load balancer that is not what the annotation says: it remembers clients, pools connections, is written to by others, or gets a wrong weight. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { text } from '../../../lib/core/values/read.ts';
import { PODS, SERVICES } from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import type { ListenerFields } from '../../../sandbox/clb/model.ts';
import type { E2eCluster } from '../cluster/cluster.ts';
import { closeCluster, openCluster } from '../cluster/shared-cluster.ts';
import { startAsking } from '../stage/ask.ts';
import { guideText } from '../stage/guide-text.ts';
import { FAST, openStage, RS_WEIGHT, type Stage } from '../stage/stage.ts';
import { holdConnection } from '../stage/trouble/hold.ts';
import { assertUnwritten } from '../stage/unwritten.ts';

let cluster: E2eCluster;
before(async () => {
  cluster = await openCluster();
});
after(closeCluster);

const TKE = 'service.cloud.tencent.com';

async function listenerOf(stage: Stage, port = 80) {
  const id = (await stage.service()).metadata.annotations?.['service.kubernetes.io/loadbalance-id'] ?? '';
  const listener = cluster.clb.balancer(id)?.listenerAt(port);
  return { id, listener: listener ?? assert.fail(`no listener on port ${port}`) };
}

/** Changes the listener as its owner could on the console. */
async function modify(stage: Stage, change: Partial<ListenerFields>): Promise<void> {
  const { id, listener } = await listenerOf(stage);
  for (;;) {
    try {
      const state = await cluster.clb.modifyListener(id, listener.id, change).done;
      assert.equal(state.status, 0, state.message);
      return;
    } catch (error) {
      // Another task is running.
      if (!String(error).includes('operated by another task')) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

const annotated = (annotations: Record<string, string>) => ({
  edit: (object: KubeObject): KubeObject => {
    if (object.kind === 'Service') object.metadata.annotations = { ...object.metadata.annotations, ...annotations };
    return object;
  },
});

describe('one listener', { concurrency: true }, () => {
  test('at layer 7 pooled connections carry requests to a pod of weight 0, and it is not at zero before they end', async (t) => {
    const stage = await openStage(t, cluster, {
      replicas: 2,
      ...annotated({ [`${TKE}/specify-protocol`]: '{"80":{"protocol":["HTTP"]}}' }),
    });
    await stage.setImage();
    await modify(stage, { keepaliveMs: 1500, pooledAtZeroWeight: true });
    const asking = await startAsking(t, stage, { keepsConnection: true });
    await stage.until('both pods answer', async () => new Set(asking.answeredBy).size === 2);
    await stage.ok('drain', 'nginx', '0');
    const seen = asking.answeredBy.length;
    await stage.until('the drained pod is asked', async () => asking.answeredBy.slice(seen).includes('nginx-0'));

    const busy = await stage.run(['wait-zero', 'nginx', '--timeout', '8s', ...FAST]);
    assert.deepEqual([busy.code, busy.stdout], [6, ''], busy.stderr);
    assert.match(busy.stderr, /nginx-0 HTTP\/80 clb: [1-9]/);
    await assertUnwritten(stage, ['recreate', 'nginx', ...FAST], { code: 4, says: [/^ {2}at-zero: /m] });

    await modify(stage, { pooledAtZeroWeight: false });
    await stage.ok('wait-zero', 'nginx', ...FAST);
    await stage.ok('recreate', 'nginx', ...FAST);
    await asking.stop();
    assert.deepEqual(asking.failures, []);
  });

  test('persisted clients keep coming to a pod of weight 0, which is busy until the last of them is gone', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 2 });
    await stage.setImage();
    await modify(stage, { sessionExpireSeconds: 30 });
    const asking = await startAsking(t, stage);
    await stage.until('the client is answered', async () => asking.answeredBy.length > 3);
    const [pod = ''] = asking.answeredBy;
    const ordinal = pod.split('-').at(-1) ?? '';
    const { stdout } = await stage.ok('check', 'nginx', ...FAST);
    assert.match(stdout, /^ {2}WARN {2}session-persistence: .* keeps clients on one backend for 30s/m);
    assert.match(stdout, /wait-zero nginx --stable-for 30s/);

    await stage.ok('drain', 'nginx', ordinal);
    const seen = asking.answeredBy.length;
    const busy = await stage.run(['wait-zero', 'nginx', '--timeout', '8s', ...FAST]);
    assert.deepEqual([busy.code, busy.stdout], [6, ''], busy.stderr);
    assert.match(busy.stderr, new RegExp(`${pod} TCP/80 clb: [1-9]`));
    assert.deepEqual([...new Set(asking.answeredBy.slice(seen))], [pod]);
    await assertUnwritten(stage, ['recreate', 'nginx', ...FAST], { code: 4, says: [/^ {2}at-zero: /m] });

    await asking.stop();
    assert.deepEqual(asking.failures, []);
    await stage.ok('wait-zero', 'nginx', ...FAST);
    await stage.ok('recreate', 'nginx', ...FAST);
  });

  test('a scheduler that hashes addresses past the weights is warned of, and its clients keep the pod busy', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 2 });
    await stage.setImage();
    await modify(stage, { scheduler: 'IP_HASH', hashIgnoresWeight: true });
    const asking = await startAsking(t, stage);
    await stage.until('the client is answered', async () => asking.answeredBy.length > 3);
    const [pod = ''] = asking.answeredBy;
    const { stdout } = await stage.ok('check', 'nginx', ...FAST);
    assert.match(stdout, /^ {2}WARN {2}scheduler: .* schedules by IP_HASH/m);
    await stage.ok('drain', 'nginx', pod.split('-').at(-1) ?? '');
    const seen = asking.answeredBy.length;
    const busy = await stage.run(['wait-zero', 'nginx', '--timeout', '6s', ...FAST]);
    assert.equal(busy.code, 6, busy.stderr);
    assert.deepEqual([...new Set(asking.answeredBy.slice(seen))], [pod]);
    await assertUnwritten(stage, ['recreate', 'nginx', ...FAST], { code: 4, says: [/^ {2}at-zero: /m] });
    await asking.stop();
    assert.deepEqual(asking.failures, []);
  });

  test('a listener that would cut connections at weight 0 is found out before anything is cut', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 2 });
    const held = await holdConnection(t, stage, 'nginx-0');
    await modify(stage, { flags: ['RescheduleTargetZeroWeight'] });
    await assertUnwritten(stage, ['drain', 'nginx', '0'], { code: 4, says: [/^ {2}no-reschedule: /m] });
    assert.equal(held.lost, false);
    // The pitfall itself: the same weight written by hand does cut.
    await stage.patch('nginx', { metadata: { annotations: { [RS_WEIGHT]: guideText([0]) } } });
    await stage.until('the connection is cut', async () => held.lost);
  });

  test('a pod with a weight of its own keeps traffic although it is drained, and is not taken for idle', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 2 });
    await stage.setImage();
    await stage.ok('drain', 'nginx', '0');
    await stage.patch('nginx-0', { metadata: { annotations: { [`${TKE}/custom-weight`]: '50' } } }, PODS);
    await stage.until('the load balancer follows', async () => {
      const { listener } = await listenerOf(stage);
      return listener.targets.some(({ weight }) => weight === 50);
    });
    const waited = await stage.run(['wait-zero', 'nginx', '--timeout', '2s', ...FAST]);
    assert.equal(waited.code, 6, waited.stderr);
    assert.match(waited.stderr, /shows nginx-0 at weight 50 on TCP\/80/);
    await assertUnwritten(stage, ['recreate', 'nginx', ...FAST], { code: 4, says: [/shows nginx-0 at weight 50/] });
    await assertUnwritten(stage, ['drain', 'nginx', '0,1', '--min-serving', '0'], {
      code: 4,
      says: [/^ {2}no-custom-weight: nginx-0 has a weight of its own/m],
    });
  });

  test('a drain that was written by hand for one of two ports is no drain until the other port has it too', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 2, morePorts: [8080] });
    await stage.setImage();
    await stage.patch('nginx', { metadata: { annotations: { [RS_WEIGHT]: guideText([0]) } } });
    const waited = await stage.run(['wait-zero', 'nginx', '0', '--timeout', '2s', ...FAST]);
    assert.ok(waited.code === 6 || waited.code === 4, waited.stderr);
    await assertUnwritten(stage, ['recreate', 'nginx', '0', ...FAST], { code: 4, says: [/weight 10/] });
    await stage.ok('drain', 'nginx', '0');
    assert.equal(await stage.weights(), guideText([0], [80, 8080]));
    await stage.ok('wait-zero', 'nginx', ...FAST);
  });

  test('a balancer with a domain name alone cannot be counted by the monitor, which is reported, and is counted in the pod', async (t) => {
    const { balancerId, done } = cluster.clb.createBalancer({ domain: 'lb-e2e.example.com' });
    await done;
    const stage = await openStage(t, cluster, {
      replicas: 2,
      ...annotated({ 'service.kubernetes.io/tke-existed-lbid': balancerId }),
    });
    await stage.setImage();
    const held = await holdConnection(t, stage, 'nginx-0');
    await stage.ok('drain', 'nginx', '0');
    const refused = await stage.run(['wait-zero', 'nginx', '--source', 'clb', ...FAST]);
    assert.deepEqual([refused.code, refused.stdout], [4, ''], refused.stderr);
    assert.match(refused.stderr, /shows no VIP \(only the domain lb-e2e\.example\.com\)/);
    const busy = await stage.run(['wait-zero', 'nginx', '--timeout', '4s', ...FAST]);
    assert.equal(busy.code, 6, busy.stderr);
    assert.match(busy.stderr, /nginx-0 TCP\/80 pod: 1 connection/);
    held.release();
    await stage.ok('wait-zero', 'nginx', ...FAST);
  });

  test('connections of a second load balancer, left out with --service, are counted at weight 0, and its weight keeps the pod', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 2 });
    const { metadata, ...first } = await stage.service();
    const annotations = { [`${TKE}/direct-access`]: 'true' };
    const { selector, ports } = first['spec'] as Record<string, unknown>;
    const plain = (ports as Record<string, unknown>[]).map(({ nodePort: _node, ...port }) => port);
    const second = {
      metadata: { name: 'second', annotations },
      spec: { type: 'LoadBalancer', selector, ports: plain },
    };
    await cluster.kube.create(
      SERVICES,
      { apiVersion: 'v1', kind: 'Service', ...second },
      { namespace: stage.namespace },
    );
    await stage.settled(2);
    await stage.setImage();
    const held = await holdConnection(t, stage, 'nginx-0', 'second');
    const byMonitor = ['--service', metadata.name, '--source', 'clb', ...FAST];

    await stage.ok('drain', 'nginx', '0', '--service', 'nginx');
    await assertUnwritten(stage, ['recreate', 'nginx', ...byMonitor], { code: 4, says: [/^ {2}no-other-binding: /m] });
    await stage.ok('drain', 'nginx', '0');
    const busy = await stage.run(['wait-zero', 'nginx', ...byMonitor, '--timeout', '6s']);
    assert.deepEqual([busy.code, busy.stdout], [6, ''], busy.stderr);
    assert.match(busy.stderr, /nginx-0 lb-\S+ TCP\/80 clb: 1 connection/);
    await assertUnwritten(stage, ['recreate', 'nginx', ...byMonitor], { code: 4, says: [/1 connection/] });
    assert.equal(held.lost, false);
    held.release();
    await stage.ok('recreate', 'nginx', ...byMonitor);
  });

  test('a private balancer is counted in its own namespace of the monitor', async (t) => {
    const stage = await openStage(t, cluster, {
      replicas: 2,
      ...annotated({ 'service.kubernetes.io/qcloud-loadbalancer-internal-subnetid': 'subnet-1' }),
    });
    const held = await holdConnection(t, stage, 'nginx-0');
    await stage.ok('drain', 'nginx', '0');
    const byMonitor = ['wait-zero', 'nginx', '--source', 'clb', ...FAST];
    const busy = await stage.run([...byMonitor, '--timeout', '4s']);
    assert.equal(busy.code, 6, busy.stderr);
    assert.match(busy.stderr, /nginx-0 TCP\/80 clb: 1 connection/);
    held.release();
    await stage.ok(...byMonitor);
  });
});

describe('another client writes to the load balancer past the annotation', () => {
  test('a weight given back there ends the zero, and the stability window begins anew once the controller has taken it back', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 2 });
    await stage.setImage();
    await stage.ok('drain', 'nginx', '0');
    await stage.ok('wait-zero', 'nginx', ...FAST);
    cluster.serviceController.pause();
    t.after(() => cluster.serviceController.resume());
    await cluster.serviceController.overwrite(10);
    const waited = await stage.run(['wait-zero', 'nginx', '--timeout', '2s', ...FAST]);
    assert.equal(waited.code, 6, waited.stderr);
    assert.match(waited.stderr, /shows nginx-0 at weight 10 on TCP\/80/);
    await assertUnwritten(stage, ['recreate', 'nginx', ...FAST], { code: 4, says: [/shows nginx-0 at weight 10/] });
    cluster.serviceController.resume();
    await stage.ok('wait-zero', 'nginx', ...FAST);
  });

  test('a weight of 0 written there is no drain: the controller overwrites it, and this program writes none', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 2 });
    await stage.setImage();
    cluster.serviceController.pause();
    t.after(() => cluster.serviceController.resume());
    cluster.cloud.resetCalls();
    const { id, listener } = await listenerOf(stage);
    const pod = (await stage.pods()).find(({ metadata }) => metadata.name === 'nginx-1');
    const address = text(pod, 'status', 'podIP') ?? '';
    const task = cluster.clb.modifyWeights(id, [{ listenerId: listener.id, address, port: 80, weight: 0 }]);
    // Asynchronous: the call was accepted, and nothing has changed yet.
    assert.equal(listener.find({ address, port: 80 })?.weight, 10);
    await task.done;
    assert.match((await stage.ok('status', 'nginx')).stdout, /^nginx-1 +10 +0 /m);
    const says = [/^ {2}drained: /m];
    await assertUnwritten(stage, ['wait-zero', 'nginx', '1', ...FAST], { code: 4, says });
    await assertUnwritten(stage, ['recreate', 'nginx', '1', ...FAST], { code: 4, says });
    cluster.serviceController.resume();
    await stage.until('the annotation wins', async () => listener.find({ address, port: 80 })?.weight === 10);
    for (const action of Object.keys(cluster.cloud.calls)) assert.match(action, /^(Describe|Get)/);
  });

  test('weight tasks that fail keep drain waiting, end it with 7, and the same command goes on when they pass', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 2 });
    await stage.setImage();
    cluster.clb.failNextTasks(1000);
    t.after(async () => cluster.clb.failNextTasks(0));
    const drained = await stage.run(['drain', 'nginx', '0', '--timeout', '2s']);
    assert.equal(drained.code, 7, drained.stderr);
    assert.match(drained.stderr, /the load balancer does not show them: .* shows nginx-0 at weight 10/);
    await assertUnwritten(stage, ['recreate', 'nginx', ...FAST], { code: 4, says: [/shows nginx-0 at weight 10/] });
    cluster.clb.failNextTasks(3);
    await stage.ok('drain', 'nginx', '0');
  });

  test('a controller that is asleep for a while costs drain that while, and nothing else', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 2 });
    cluster.serviceController.pause(3000);
    t.after(async () => cluster.serviceController.resume());
    const drained = await stage.ok('drain', 'nginx', '0');
    assert.match(drained.stderr, /waiting for the load balancer: .* shows nginx-0 at weight 10/);
  });
});

describe('the cloud or the controller is wrong', () => {
  test('health checks that are counted as connections never reach zero, and only a constant that is named is accepted', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 2 });
    await stage.ok('drain', 'nginx', '0');
    t.after(cluster.cloud.misbehave({ kind: 'never-zero', floor: 1 }));
    const busy = await stage.run(['wait-zero', 'nginx', '--timeout', '8s', ...FAST]);
    assert.equal(busy.code, 6, busy.stderr);
    assert.match(busy.stderr, /nginx-0 TCP\/80 clb: 1 connection/);
    const accepted = await stage.ok('wait-zero', 'nginx', '--max-connections', '1', ...FAST);
    assert.match(accepted.stdout + accepted.stderr, /at most 1|1 connection/);
  });

  test('a controller that counts podIndexes from 0 drains the wrong pod, and drain ends with 7 before any pod is touched', async (t) => {
    const stage = await openStage(t, cluster, {
      replicas: 3,
      edit: (object) => {
        if (object.kind === 'StatefulSet') (object['spec'] as Record<string, unknown>)['ordinals'] = { start: 1 };
        return object;
      },
    });
    await stage.setImage();
    cluster.serviceController.faults.countsFrom = 1;
    t.after(() => {
      cluster.serviceController.faults.countsFrom = 0;
    });
    const drained = await stage.run(['drain', 'nginx', '2', '--timeout', '3s']);
    assert.equal(drained.code, 7, drained.stderr);
    assert.match(drained.stderr, /shows nginx-2 at weight 10/);
    assert.match((await stage.ok('status', 'nginx')).stdout, /^nginx-3 +10 +0 /m);
    await assertUnwritten(stage, ['recreate', 'nginx', ...FAST], { code: 4, says: [/shows nginx-2 at weight 10/] });
    await stage.ok('restore', 'nginx');
  });
});
