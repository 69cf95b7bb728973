/** A cluster whose own words mislead: a strategy that cannot be switched as one would think, counts that are ahead, revisions that agree too early, ordinals that come back. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import type { CheckDetails } from '../../../lib/core/check/findings.ts';
import { StatusError } from '../../../lib/core/errors.ts';
import { number, text } from '../../../lib/core/values/read.ts';
import { PODS, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import { HOST_PORTS_ANNOTATION } from '../../../sandbox/common/pod-behaviour.ts';
import type { E2eCluster } from '../cluster/cluster.ts';
import { closeCluster, openCluster } from '../cluster/shared-cluster.ts';
import { guideText } from '../stage/guide-text.ts';
import { FAST, NEW_IMAGE, openStage, type Stage } from '../stage/stage.ts';
import { holdConnection } from '../stage/trouble/hold.ts';
import { assertUnwritten } from '../stage/unwritten.ts';

const OLD_IMAGE = 'nginx:1.25.3';

let cluster: E2eCluster;
before(async () => {
  cluster = await openCluster();
});
after(closeCluster);

const checked = async (stage: Stage): Promise<CheckDetails> =>
  (JSON.parse((await stage.run(['check', 'nginx', '-o', 'json'])).stdout) as { details: CheckDetails }).details;

const revisions = async (stage: Stage) => {
  const set = await stage.set();
  return { current: text(set, 'status', 'currentRevision'), update: text(set, 'status', 'updateRevision') };
};

/** Where a pod's port 80 can be dialled past the load balancer. */
function doorOf(pod: KubeObject): { host: string; port: number } {
  const elsewhere: unknown = JSON.parse(pod.metadata.annotations?.[HOST_PORTS_ANNOTATION] ?? '{}');
  const [host = '', port = ''] = (text(elsewhere, '80') ?? `${text(pod, 'status', 'podIP')}:80`).split(':');
  return { host, port: Number(port) };
}

describe('the cluster', { concurrency: true }, () => {
  test('the strategy cannot be switched to OnDelete without its other half, and the cure that check names does it', async (t) => {
    const stage = await openStage(t, cluster, {
      replicas: 2,
      edit: (object) => {
        const rolling = { type: 'RollingUpdate', rollingUpdate: { partition: 2 } };
        if (object.kind === 'StatefulSet') (object['spec'] as Record<string, unknown>)['updateStrategy'] = rolling;
        return object;
      },
    });
    const uids = await stage.uids();
    const halfway = { spec: { updateStrategy: { type: 'OnDelete' } } };
    await assert.rejects(
      stage.patch('nginx', halfway, STATEFUL_SETS),
      (error) => error instanceof StatusError && error.httpStatus === 422,
    );
    const failed = (await checked(stage)).findings.find(({ rule, level }) => rule === 'on-delete' && level === 'FAIL');
    const [, patch = ''] =
      /^kubectl -n \S+ patch statefulset nginx --type merge -p '(\{.*\})'/.exec(String(failed?.cure ?? '')) ?? [];
    await stage.patch('nginx', JSON.parse(patch), STATEFUL_SETS);
    const { findings } = await checked(stage);
    assert.deepEqual(
      findings.filter(({ rule }) => rule === 'on-delete').map(({ level }) => level),
      ['OK'],
    );
    await stage.ok('drain', 'nginx', '0', '--dry-run=server');
    assert.deepEqual(await stage.uids(), uids);
  });

  test('a status that still counts a terminating pod as ready misleads neither the floor nor verify', async (t) => {
    const stage = await openStage(t, cluster, {
      replicas: 3,
      edit: (object) => {
        const spec = object['spec'] as { template?: { spec: Record<string, unknown> } };
        if (spec.template !== undefined) spec.template.spec['terminationGracePeriodSeconds'] = 25;
        return object;
      },
    });
    await holdConnection(t, stage, 'nginx-1');
    const { 'nginx-1': uid } = await stage.uids();
    await cluster.kube.delete(PODS, 'nginx-1', { namespace: stage.namespace, uid });
    await stage.until('the pod terminates', async () =>
      (await stage.pods()).some(({ metadata }) => metadata.uid === uid && metadata.deletionTimestamp !== undefined),
    );
    assert.equal(number(await stage.set(), 'status', 'readyReplicas'), 3);

    const going = (await checked(stage)).findings.find(({ rule }) => rule === 'not-terminating');
    assert.equal(going?.level, 'WARN');
    assert.match(going?.message ?? '', /nginx-1 .*terminating/);
    await assertUnwritten(stage, ['drain', 'nginx', '0', '--min-serving', '2'], {
      code: 4,
      says: [/^ {2}floor: .*only 1 backend/m],
    });
    const verified = await stage.run(['verify', 'nginx', '1']);
    assert.notEqual(verified.code, 0);
    assert.match(verified.stderr, /nginx-1 is terminating/);
    assert.equal(number(await stage.set(), 'status', 'readyReplicas'), 3);
  });

  test('current and update revision agree after a way back, and the pod that runs the other one is still outdated', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 2 });
    await stage.setImage();
    await stage.ok('drain', 'nginx', '0');
    await stage.ok('wait-zero', 'nginx', ...FAST);
    await stage.ok('recreate', 'nginx', ...FAST);
    await stage.setImage(OLD_IMAGE);
    const { current, update } = await revisions(stage);
    assert.equal(current, update);
    assert.equal((await stage.images())['nginx-0'], NEW_IMAGE);

    const verified = await stage.run(['verify', 'nginx', '0']);
    assert.notEqual(verified.code, 0);
    assert.match(verified.stderr, /nginx-0 is outdated/);
    await assertUnwritten(stage, ['advance', 'nginx'], { code: 4, says: [/nginx-0 of this batch is outdated/] });
    await stage.ok('wait-zero', 'nginx', ...FAST);
    await stage.ok('recreate', 'nginx', ...FAST);
    assert.equal((await stage.images())['nginx-0'], OLD_IMAGE);
    assert.equal((await stage.run(['advance', 'nginx'])).code, 3);
  });

  test('a pod that another client replaces during a wait is a conflict, not a success, and its successor is not deleted', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 2 });
    await stage.setImage();
    await holdConnection(t, stage, 'nginx-0');
    await stage.ok('drain', 'nginx', '0');
    const waiting = stage.start(['wait-zero', 'nginx', ...FAST]);
    await stage.until('it waits for the held connection', async () => /1 connection/.test(waiting.stderrSoFar()));
    await stage.replace('nginx-0');
    const { code, stderr } = await waiting.ended;
    assert.equal(code, 5, stderr);
    assert.match(stderr, /pod\/nginx-0 was replaced by another writer during the wait/);
    const uids = await stage.uids();
    await stage.ok('recreate', 'nginx', ...FAST);
    assert.deepEqual(await stage.uids(), uids);
  });

  test('a surplus pod is made from the new template, which surge says, and stays the only one that is', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 2 });
    await stage.setImage();
    const surged = await stage.ok('surge', 'nginx', '1');
    assert.match(surged.stderr, /canary/);
    assert.deepEqual(await stage.images(), { 'nginx-0': OLD_IMAGE, 'nginx-1': OLD_IMAGE, 'nginx-2': NEW_IMAGE });
    const dark = await openStage(t, cluster, { replicas: 2 });
    await dark.setImage();
    await dark.ok('surge', 'nginx', '1', '--dark');
    assert.equal(await dark.weights(), guideText([2]));
  });

  test('an upgrade that is stopped deletes nothing more, keeps its batch without new traffic, and cuts nothing', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 3 });
    const uids = await stage.uids();
    const held = await holdConnection(t, stage, 'nginx-0');
    const upgrading = stage.start(['upgrade', 'nginx', '--image', `nginx=${NEW_IMAGE}`, '--yes', ...FAST]);
    await stage.until('it waits for the held connection', async () => /1 connection/.test(upgrading.stderrSoFar()));
    upgrading.kill('SIGINT');
    const { code, stderr } = await upgrading.ended;
    assert.equal(code, 130, stderr);
    assert.match(stderr, /^hint: to go on: the same command again$/m);
    assert.match(stderr, /^hint: to go back: kubectl zeroloss \S+ nginx/m);

    assert.equal(await stage.weights(), guideText([0]));
    const traffic = await stage.traffic();
    await new Promise((resolve) => setTimeout(resolve, 3000));
    await traffic.stop();
    assert.deepEqual(await stage.uids(), uids);
    assert.equal(held.lost, false);
    assert.match((await stage.ok('status', 'nginx')).stdout, /^nginx-0 +0 +0 /m);
    await stage.ok('restore', 'nginx', '--weights-only');
    assert.equal(await stage.weights(), undefined);
    assert.equal(held.lost, false);
  });
});

test('an ordinal that comes back is a new pod: neither the zero of the old one nor its backend, which is still bound, counts for it', async (t) => {
  const stage = await openStage(t, cluster, { replicas: 3 });
  await stage.setImage();
  await stage.ok('drain', 'nginx', '2');
  await stage.ok('wait-zero', 'nginx', ...FAST);
  const before = await stage.uids();
  const addresses = async () => {
    const id = (await stage.service()).metadata.annotations?.['service.kubernetes.io/loadbalance-id'] ?? '';
    return (
      cluster.clb
        .balancer(id)
        ?.listenerAt(80)
        ?.targets.map(({ address }) => address) ?? []
    );
  };

  cluster.serviceController.faults.keepsGone = true;
  t.after(async () => {
    cluster.serviceController.faults.keepsGone = false;
  });
  const scale = (replicas: number) => stage.patch('nginx', { spec: { replicas } }, STATEFUL_SETS);
  await scale(2);
  await stage.settled(2);
  await scale(3);
  await stage.settled(3);
  assert.notEqual((await stage.uids())['nginx-2'], before['nginx-2']);
  assert.equal((await addresses()).length, 4);

  // The load balancer gives it nothing new, but somebody who knew the old one comes straight.
  const pod = (await stage.pods()).find(({ metadata }) => metadata.name === 'nginx-2');
  const socket = connect(doorOf(pod ?? assert.fail('nginx-2 is there')));
  t.after(async () => void socket.destroy());
  socket.write('GET /stream?ms=600000 HTTP/1.1\r\nHost: sandbox\r\n\r\n');
  await once(socket, 'data');
  socket.resume();
  const busy = await stage.run(['wait-zero', 'nginx', '--timeout', '5s', ...FAST]);
  assert.equal(busy.code, 6, busy.stderr);
  assert.match(busy.stderr, /nginx-2 TCP\/80 pod: 1 connection/);

  socket.destroy();
  await stage.ok('wait-zero', 'nginx', ...FAST);
  // It was made from the new template: there is nothing to recreate, and its successor would be no other.
  await stage.ok('recreate', 'nginx', ...FAST);
  await stage.ok('verify', 'nginx', '2');
  await stage.ok('advance', 'nginx');
});
