import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConflictError, DisagreesError, RefusedError, StatusError } from '../../../lib/core/errors.ts';
import { ANNOTATIONS_LIMIT } from '../../../lib/core/safety/annotation-size.ts';
import { floorRefusals } from '../../../lib/core/safety/floor-check.ts';
import { gather } from '../../../lib/flows/target/gather.ts';
import { observe } from '../../../lib/flows/target/observe.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { confirmWeights } from '../../../lib/flows/weights/confirm-weights.ts';
import { DEPLOYMENTS, EVENTS, PODS, SERVICES } from '../../../lib/ports/resources.ts';
import { service } from '../../builders.ts';
import {
  annotation,
  cloudDown,
  common,
  type Rehearsal,
  type RehearsalOptions,
  rehearse,
} from '../rehearsal/rehearsal.ts';

const GUIDE = (ordinals: number[]) =>
  `{"defaultWeight":10,"groups":[{"key":{"proto":"TCP","port":80},"statefulSets":[{"name":"nginx","weights":[{"weight":0,"podIndexes":${JSON.stringify(ordinals)}}]}]}]}`;

const run = (rehearsal: Rehearsal, ordinals: number[], more: object = {}) =>
  drain(rehearsal.world, { ...common, ordinals, ...more });

async function refused(
  options: RehearsalOptions,
  rule: string,
  arrange: (rehearsal: Rehearsal) => void = () => {},
  ordinals = [0],
): Promise<void> {
  const rehearsal = rehearse(options);
  arrange(rehearsal);
  await assert.rejects(run(rehearsal, ordinals), (error: unknown) => {
    assert.ok(error instanceof RefusedError, String(error));
    assert.ok(
      error.refusals.some((refusal) => refusal.rule === rule),
      `${rule} among ${JSON.stringify(error.refusals)}`,
    );
    return true;
  });
  assert.deepEqual(rehearsal.kube.writes, [], 'nothing may be written');
}

describe('drain', () => {
  it('writes the guide’s annotation and sees it at the load balancer', async () => {
    const rehearsal = rehearse();
    const outcome = await run(rehearsal, [0]);
    assert.equal(annotation(rehearsal), GUIDE([0]));
    assert.deepEqual(
      outcome.results.map(({ object, action }) => [object, action]),
      [['service/nginx', 'drained']],
    );
    assert.equal(outcome.exitCode, 0);
  });
  it('is refused before anything is written when the former text does not fit beside the new one', async () => {
    const other = (name: string) => ({ name, weights: [{ weight: 5, podIndexes: [0] }] });
    const names = Array.from({ length: 2000 }, (_, index) => `a-statefulset-of-somebody-else-${index}`);
    const groups = [{ key: { proto: 'TCP', port: 80 }, statefulSets: names.map(other) }];
    const rsWeight = JSON.stringify({ groups });
    assert.ok(rsWeight.length < ANNOTATIONS_LIMIT);
    await refused({ service: { rsWeight } }, 'annotations-fit');
  });
  const neverReady = (rehearsal: Rehearsal, name: string) => {
    rehearsal.kube.edit(PODS, name, (object) => {
      const status = object['status'] as { conditions: { type: string; status: string }[] };
      for (const condition of status.conditions) if (condition.type === 'Ready') condition.status = 'False';
    });
    rehearsal.balancer.unbound.add(name);
  };
  it('is done with a pod that was never bound, reports it, and keeps no moment of weight 0 for it', async () => {
    const rehearsal = rehearse();
    rehearsal.kube.edit(SERVICES, 'nginx', ({ metadata }) => {
      const fieldsV1 = { 'f:metadata': { 'f:annotations': { 'f:service.cloud.tencent.com/lb-rs-weight': {} } } };
      metadata['managedFields'] = [{ manager: 'kubectl-zeroloss', operation: 'Update', fieldsV1 }];
    });
    neverReady(rehearsal, 'nginx-9');
    const { message, exitCode, details } = await run(rehearsal, [8, 9]);
    assert.equal(exitCode, 0);
    assert.match(
      String(message ?? ''),
      /shows weight 0 for ordinal 8: .*\nno load balancer binds ordinal 9, not ready/,
    );
    assert.deepEqual(details, { drainSet: [8, 9], neverBound: [9] });
    const uidOf = (name: string) => rehearsal.kube.object(PODS, name)?.metadata.uid ?? '';
    const seen = annotation(rehearsal, 'nginx', 'nginx.kubectl-zeroloss/zero-seen') ?? '';
    assert.ok(seen.includes(uidOf('nginx-8')) && !seen.includes(uidOf('nginx-9')), seen);
    const alone = rehearse();
    neverReady(alone, 'nginx-9');
    assert.match(String((await run(alone, [9])).message ?? ''), /^no load balancer binds ordinal 9, not ready/);
  });
  it('does not pass over a pod that was never bound where a weight is wanted: it serves no one', async () => {
    const rehearsal = rehearse();
    neverReady(rehearsal, 'nginx-9');
    await assert.rejects(
      confirmWeights(rehearsal.world, common, [9], rehearsal.clock.now() + 1000),
      (error) => error instanceof DisagreesError && /does not show nginx-9/.test(error.message),
    );
  });
  it('waits for a pod that is ready and not bound yet, and for all when none is found: exit 7 then', async () => {
    const ready = rehearse();
    ready.balancer.unbound.add('nginx-9');
    await assert.rejects(run(ready, [9]), DisagreesError);
    const blind = rehearse();
    neverReady(blind, 'nginx-9');
    for (let ordinal = 0; ordinal < 9; ordinal += 1) blind.balancer.unbound.add(`nginx-${ordinal}`);
    await assert.rejects(run(blind, [9], { minServing: { kind: 'count', count: 0 } }), DisagreesError);
  });
  it('adds to the drain set, and says already when there is nothing to add', async () => {
    const rehearsal = rehearse();
    await run(rehearsal, [0]);
    await run(rehearsal, [1]);
    assert.equal(annotation(rehearsal), GUIDE([0, 1]));
    const before = rehearsal.kube.object(SERVICES, 'nginx')?.metadata.resourceVersion;
    const again = await run(rehearsal, [0, 1]);
    assert.equal(again.changed, false);
    assert.equal(again.results[0]?.action, 'already drained');
    assert.equal(rehearsal.kube.object(SERVICES, 'nginx')?.metadata.resourceVersion, before);
  });
  it('drains every port of every matching Service', async () => {
    const rehearsal = rehearse({
      services: [
        service({ ports: [{ port: 80 }, { port: 8080 }] }),
        service({ name: 'second', ports: [{ port: 53, protocol: 'UDP' }], selector: { app: 'nginx' } }),
      ],
    });
    await run(rehearsal, [2]);
    assert.match(annotation(rehearsal) ?? '', /"port":80}.*"podIndexes":\[2\].*"port":8080}.*"podIndexes":\[2\]/);
    assert.match(annotation(rehearsal, 'second') ?? '', /"proto":"UDP","port":53.*"podIndexes":\[2\]/);
  });
  it('leaves Services of other pods and of other types alone', async () => {
    const rehearsal = rehearse({
      services: [
        service(),
        service({ name: 'inner', type: 'ClusterIP', selector: { app: 'nginx' } }),
        service({ name: 'other', selector: { app: 'other' } }),
      ],
    });
    await run(rehearsal, [0]);
    assert.equal(annotation(rehearsal, 'inner'), undefined);
    assert.equal(annotation(rehearsal, 'other'), undefined);
  });
  it('keeps the former annotation for the way back, in the same patch', async () => {
    const former = '{ "defaultWeight": 20, "groups": [] }';
    const rehearsal = rehearse({ service: { rsWeight: former } });
    await run(rehearsal, [0]);
    const patch = rehearsal.kube.writes.find((call) => call.resource === 'services')?.body as {
      metadata: { annotations: Record<string, string>; resourceVersion: string };
    };
    assert.equal(patch.metadata.annotations['nginx.kubectl-zeroloss/former-lb-rs-weight'], former);
    assert.ok(patch.metadata.resourceVersion);
    assert.match(annotation(rehearsal) ?? '', /^{"defaultWeight":20,/);
  });
  it('leaves an event on the StatefulSet', async () => {
    const rehearsal = rehearse();
    await run(rehearsal, [0, 1]);
    const [event] = rehearsal.kube.objects(EVENTS);
    assert.equal(event?.['reason'], 'ZerolossDrained');
    assert.match(String(event?.['message']), /0,1/);
  });
  it('reads and plans again when another writer changes the Service in between, and overwrites nothing', async () => {
    const rehearsal = rehearse();
    let times = 2;
    rehearsal.kube.beforeWrite((call) => {
      if (call.resource !== 'services' || times-- <= 0) return;
      rehearsal.kube.edit(SERVICES, 'nginx', (object) => {
        object.metadata.annotations = { ...object.metadata.annotations, [`other/${times}`]: 'kept' };
      });
    });
    await run(rehearsal, [0]);
    assert.equal(annotation(rehearsal), GUIDE([0]));
    assert.equal(annotation(rehearsal, 'nginx', 'other/0'), 'kept');
  });
  it('gives up with exit 5 when the Service never stands still', async () => {
    const rehearsal = rehearse();
    let count = 0;
    rehearsal.kube.beforeWrite((call) => {
      if (call.resource !== 'services') return;
      rehearsal.kube.edit(SERVICES, 'nginx', (object) => {
        object.metadata.labels = { n: String(count++) };
      });
    });
    await assert.rejects(run(rehearsal, [0]), ConflictError);
    assert.equal(annotation(rehearsal), undefined);
  });
  it('writes nothing with a client-side dry run, and asks the server with a server-side one', async () => {
    const rehearsal = rehearse();
    await run(rehearsal, [0], { dryRun: 'client' });
    assert.deepEqual(rehearsal.kube.writes, []);
    const outcome = await run(rehearsal, [0], { dryRun: 'server' });
    assert.equal(outcome.dryRun, 'server');
    assert.equal(annotation(rehearsal), undefined);
    assert.ok(rehearsal.kube.calls.some((call) => call.verb === 'patch' && call.dryRun === true));
  });
  it('ends with exit 7 when the load balancer does not follow', async () => {
    const rehearsal = rehearse();
    await rehearsal.balancer.observe({ id: 'lb-nginx' });
    rehearsal.balancer.asleep = true;
    await assert.rejects(
      run(rehearsal, [0]),
      (error: unknown) => error instanceof DisagreesError && /weight 10.*wanted 0/.test(error.message),
    );
    assert.equal(annotation(rehearsal), GUIDE([0]));
  });
  it('writes nothing when the cloud cannot be asked first', async () => {
    const rehearsal = rehearse();
    rehearsal.balancer.failure = cloudDown;
    await assert.rejects(run(rehearsal, [0]), /the cloud is down/);
    assert.deepEqual(rehearsal.kube.writes, []);
  });
});

describe('drain refuses, and writes nothing,', () => {
  it('a StatefulSet that is not OnDelete', () => refused({ set: { updateStrategy: 'RollingUpdate' } }, 'on-delete'));
  it('ordinals that do not exist', () => refused({}, 'ordinals-exist', undefined, [10]));
  it('when no Service selects the pods', () => refused({ services: [] }, 'service-found'));
  it('a Service without direct access', () => refused({ service: { directAccess: false } }, 'direct-access'));
  it('a Service that the controller skips', () =>
    refused({ service: { annotations: { 'service.cloud.tencent.com/mode': 'skip' } } }, 'controller-active'));
  it('a Service with target groups', () =>
    refused({ service: { annotations: { 'service.cloud.tencent.com/target-groups': '[]' } } }, 'no-target-group'));
  it('a listener bound to a target group', () =>
    refused({}, 'no-target-group', ({ balancer }) => (balancer.listener = { targetType: 'TARGETGROUP-V2' })));
  it('a listener that cuts connections at weight 0', () =>
    refused({}, 'no-reschedule', ({ balancer }) => (balancer.listener = { flags: ['RescheduleTargetZeroWeight'] })));
  it('an annotation that is not JSON', () => refused({ service: { rsWeight: '{oops' } }, 'annotation-parses'));
  it('an annotation of another shape', () =>
    refused({ service: { rsWeight: '{"groups":[{"key":{"proto":"TCP"}}]}' } }, 'annotation-parses'));
  it('an annotation that names an ordinal twice', () =>
    refused(
      {
        service: {
          rsWeight:
            '{"groups":[{"key":{"proto":"TCP","port":80},"statefulSets":[{"name":"nginx","weights":[{"weight":5,"podIndexes":[1]},{"weight":0,"podIndexes":[1]}]}]}]}',
        },
      },
      'annotation-parses',
    ));
  it('draining everything', () => refused({}, 'floor', undefined, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
  it('draining more than half', () => refused({}, 'floor', undefined, [0, 1, 2, 3, 4, 5]));
  it('going below what a PodDisruptionBudget asks for', () =>
    refused({}, 'floor', ({ kube }) => {
      kube.put({
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        metadata: { name: 'nginx' },
        spec: { selector: { matchLabels: { app: 'nginx' } } },
        status: { desiredHealthy: 10 },
      });
    }));
  it('counting unhealthy backends as serving', () =>
    refused({}, 'floor', ({ balancer }) => [5, 6, 7, 8, 9].map((n) => balancer.health.set(`nginx-${n}`, 'dead'))));
  it('counting pods that are going away as serving', async () => {
    const rehearsal = rehearse();
    const going = rehearsal.kube.object(PODS, 'nginx-9') ?? assert.fail();
    rehearsal.kube.put({ ...going, metadata: { ...going.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } });
    await drain(rehearsal.world, { ...common, ordinals: [0, 1, 2, 3] });
    await assert.rejects(
      drain(rehearsal.world, { ...common, ordinals: [4] }),
      (error: unknown) => error instanceof RefusedError && /only 4 backends .*the floor is 5/.test(error.message),
    );
  });
  it('a StatefulSet that is being deleted', () =>
    refused({ set: { merge: { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } } } }, 'not-deleting'));
  it('pods of its names that it does not own, which serve and which no floor would count', async () => {
    const rehearsal = rehearse();
    for (const { metadata } of rehearsal.kube.objects(PODS))
      rehearsal.kube.edit(PODS, metadata.name, (pod) => {
        if (metadata.name !== 'nginx-9') pod.metadata.ownerReferences = [];
      });
    await assert.rejects(
      run(rehearsal, [0, 1, 2, 3, 4, 5, 6, 7, 8]),
      (error: unknown) =>
        error instanceof RefusedError &&
        error.refusals.some(({ rule, message }) => rule === 'pods-owned' && /nginx-0, .*nginx-8, which/.test(message)),
    );
    assert.deepEqual(rehearsal.kube.writes, []);
  });
  it('no pods of its names that are going or have ended: no load balancer sends to them', async () => {
    for (const ended of [{ deletionTimestamp: '2026-01-01T00:00:00Z' }, undefined]) {
      const rehearsal = rehearse();
      rehearsal.kube.edit(PODS, 'nginx-9', (pod) => {
        pod.metadata.ownerReferences = [];
        if (ended === undefined) pod['status'] = { ...(pod['status'] as object), phase: 'Failed' };
        else Object.assign(pod.metadata, ended);
      });
      await run(rehearsal, [0]);
    }
  });
  it('everything that applies at once, not only the first', async () => {
    const rehearsal = rehearse({ set: { updateStrategy: 'RollingUpdate' }, service: { directAccess: false } });
    await assert.rejects(
      run(rehearsal, [77]),
      (error: unknown) => error instanceof RefusedError && error.refusals.length === 3,
    );
  });
  it('a missing StatefulSet with the server’s words, names a Deployment of that name, and what can be done for it', async () => {
    const rehearsal = rehearse();
    rehearsal.kube.put({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: {} });
    assert.ok(rehearsal.kube.object(DEPLOYMENTS, 'web'));
    await assert.rejects(
      drain(rehearsal.world, { ...common, name: 'web', ordinals: [0] }),
      (error: unknown) =>
        error instanceof StatusError &&
        /statefulsets.apps "web" not found/.test(error.message) &&
        /is a Deployment; .* can be audited: kubectl zeroloss check deployment\/web/.test(String(error.advice)),
    );
  });
  it('counting on weight that comes back to a pod that is not healthy', async () => {
    const rehearsal = rehearse();
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    const left = async () => {
      const facts = await gather(rehearsal.world, common);
      const { bindings } = await observe(rehearsal.world, facts);
      return floorRefusals(facts, bindings, [1, 2, 3, 4, 5], { asked: undefined, budget: undefined }, [0]).length;
    };
    assert.equal(await left(), 0);
    rehearsal.balancer.health.set('nginx-0', 'dead');
    assert.equal(await left(), 1);
  });
  it('but not a listener on which nothing is healthy, once no floor is asked for', async () => {
    const rehearsal = rehearse({ replicas: 2 });
    for (const name of ['nginx-0', 'nginx-1']) rehearsal.balancer.health.set(name, 'dead');
    await assert.rejects(drain(rehearsal.world, { ...common, ordinals: [0] }), RefusedError);
    await drain(rehearsal.world, { ...common, ordinals: [0], minServing: { kind: 'count', count: 0 } });
  });
  it('a part of which the floor allows: the cure drains that part, and the override has its value', async () => {
    const rehearsal = rehearse();
    const refusal = async (ordinals: number[]) => {
      const error = await run(rehearsal, ordinals).then(
        () => undefined,
        (error: unknown) => error,
      );
      assert.ok(error instanceof RefusedError);
      const { cure, override } = error.refusals.find(({ rule }) => rule === 'floor') ?? assert.fail();
      return [cure && String(cure), override];
    };
    assert.deepEqual(await refusal([0, 1, 2, 3, 4, 5, 6]), [
      'kubectl zeroloss drain nginx 0-4   # as many as the floor allows now',
      '--min-serving 3',
    ]);
    await run(rehearsal, [0, 1, 2]);
    assert.deepEqual(await refusal([4, 6, 8]), [
      'kubectl zeroloss drain nginx 4,6   # as many as the floor allows now',
      '--min-serving 4',
    ]);
    await run(rehearsal, [4, 6]);
    assert.deepEqual(await refusal([8]), [undefined, '--min-serving 4']);
  });

  it('but accepts a lower floor by name', async () => {
    const rehearsal = rehearse();
    await run(rehearsal, [0, 1, 2, 3, 4, 5], { minServing: { kind: 'count', count: 4 } });
    assert.equal(annotation(rehearsal), GUIDE([0, 1, 2, 3, 4, 5]));
  });
});
