import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConflictError, DisagreesError, NotYetError, RefusedError, StatusError } from '../../../lib/core/errors.ts';
import type { ZeroDetails } from '../../../lib/core/zero/zero-view.ts';
import { advance } from '../../../lib/flows/verbs/advance.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { recreate } from '../../../lib/flows/verbs/recreate.ts';
import { restore } from '../../../lib/flows/verbs/restore.ts';
import { PODS, SERVICES, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import { NEW_HASH, service } from '../../builders.ts';
import { drained, renew, wait } from '../rehearsal/by-hand.ts';
import {
  annotation,
  cloudDown,
  common,
  deletions,
  podUids,
  type Rehearsal,
  rehearse,
  replacePod,
  zero,
} from '../rehearsal/rehearsal.ts';
import { crashLoops } from '../rehearsal/troubles.ts';

const onward = (rehearsal: Rehearsal, more: object = {}) => advance(rehearsal.world, { ...common, ...more });
const back = (rehearsal: Rehearsal, more: object = {}) =>
  restore(rehearsal.world, { ...common, ...zero, weightsOnly: false, ...more });

const refusedWith = (rule: string) => (error: unknown) =>
  error instanceof RefusedError && error.refusals.some((refusal) => refusal.rule === rule);

describe('wait-zero', () => {
  it('ends when every pod has been at zero for the whole stability window', async () => {
    const rehearsal = await drained([0]);
    const endsAt = rehearsal.clock.now() + 7000;
    rehearsal.source.counts.set('nginx-0', (now) => (now < endsAt ? 3 : 0));
    const outcome = await wait(rehearsal);
    assert.ok(rehearsal.clock.now() >= endsAt + zero.stableForMs, 'the window is counted from the last connection on');
    assert.equal(outcome.results[0]?.object, 'pod/nginx-0');
    assert.match(rehearsal.report.text, /nginx-0 TCP\/80 fake: 3 connections/);
  });
  it('ends with exit 6 at the time-out, and names who still holds on', async () => {
    const rehearsal = await drained([0, 1]);
    rehearsal.source.counts.set('nginx-1', 2);
    await assert.rejects(wait(rehearsal), (error: unknown) => {
      assert.ok(error instanceof NotYetError && /nginx-1.*2 connections/.test(error.message));
      const { rows } = error.evidence as ZeroDetails;
      assert.deepEqual(
        rows.filter(({ verdict }) => verdict === 'busy').map(({ pod, connections }) => [pod, connections]),
        [['nginx-1', 2]],
      );
      return true;
    });
    assert.deepEqual(deletions(rehearsal), []);
  });
  it('never takes missing data for zero', async () => {
    const rehearsal = await drained([0]);
    rehearsal.source.counts.set('nginx-0', null);
    await assert.rejects(wait(rehearsal), NotYetError);
  });
  it('refuses when nothing is drained', async () => {
    await assert.rejects(wait(rehearse()), refusedWith('drained'));
  });
  it('has nothing to wait for where what is drained was scaled away', async () => {
    const rehearsal = await drained([9]);
    rehearsal.kube.edit(STATEFUL_SETS, 'nginx', (object) => {
      Object.assign(object['spec'] as object, { replicas: 9 });
    });
    rehearsal.kube.remove(PODS, 'nginx-9');
    const { message, exitCode, next } = await wait(rehearsal);
    assert.match(String(message ?? ''), /drained ordinal 9 of statefulset\/nginx no longer exists/);
    assert.deepEqual([exitCode, next.map(String)], [0, ['kubectl zeroloss restore nginx']]);
  });
  it('refuses ordinals that are not drained', async () => {
    await assert.rejects(wait(await drained([0]), { ordinals: [1] }), refusedWith('drained'));
  });
  it('refuses when no source can count', async () => {
    const rehearsal = await drained([0]);
    rehearsal.source.countable = false;
    const { length } = rehearsal.kube.writes;
    await assert.rejects(wait(rehearsal), refusedWith('countable'));
    assert.equal(rehearsal.kube.writes.length, length, 'a refusal writes nothing, not even the moment of weight 0');
  });
  it('does not end while another listener still gives the pod weight', async () => {
    const rehearsal = await drained([0], {
      services: [
        service(),
        service({
          name: 'hidden',
          ports: [{ port: 9000, targetPort: 80 }],
          selector: { app: 'nginx' },
          loadBalancerId: 'lb-nginx',
        }),
      ],
    });
    rehearsal.kube.edit(SERVICES, 'hidden', (object) => {
      object['spec'] = { ...(object['spec'] as object), selector: { somebody: 'else' } };
      const { ['service.cloud.tencent.com/lb-rs-weight']: _gone, ...rest } = object.metadata.annotations ?? {};
      object.metadata.annotations = rest;
    });
    rehearsal.balancer.bindsAll.add('hidden');
    await assert.rejects(
      wait(rehearsal),
      (error: unknown) => error instanceof NotYetError && /another listener/.test(error.message),
    );
  });
  it('starts its stability window again when another writer gives the weight back in between', async () => {
    const rehearsal = await drained([0]);
    rehearsal.clock.at(rehearsal.clock.now() - rehearsal.clock.startMs + 5000, () => {
      rehearsal.balancer.override.set('nginx-0', 10);
    });
    rehearsal.clock.at(rehearsal.clock.now() - rehearsal.clock.startMs + 8000, () => {
      rehearsal.balancer.override.clear();
    });
    const startedAt = rehearsal.clock.now();
    await wait(rehearsal);
    assert.ok(rehearsal.clock.now() >= startedAt + 8000 + zero.stableForMs);
  });
  it('does not take a pod that another writer recreated for its own success', async () => {
    const rehearsal = await drained([0]);
    rehearsal.source.counts.set('nginx-0', 5);
    rehearsal.clock.at(rehearsal.clock.now() - rehearsal.clock.startMs + 3000, () => {
      replacePod(rehearsal, 'nginx-0', 'someone-elses');
    });
    await assert.rejects(wait(rehearsal), ConflictError);
  });
});

describe('recreate', () => {
  it('deletes exactly the drained, outdated pods by UID, and waits for their replacements', async () => {
    const rehearsal = await drained([0, 1]);
    const before = podUids(rehearsal);
    const outcome = await renew(rehearsal);
    assert.deepEqual(deletions(rehearsal).sort(), ['nginx-0', 'nginx-1']);
    for (const call of rehearsal.kube.writes.filter((each) => each.verb === 'delete')) {
      assert.equal((call.body as { uid: string }).uid, before.get(call.name ?? ''));
    }
    assert.notEqual(podUids(rehearsal).get('nginx-0'), before.get('nginx-0'));
    assert.equal(podUids(rehearsal).get('nginx-2'), before.get('nginx-2'));
    assert.deepEqual(
      outcome.results.map((result) => result.action),
      ['recreated', 'recreated'],
    );
  });
  it('says what it deletes, and on what evidence, before it does: the trail outlives a kill', async () => {
    const rehearsal = await drained([0]);
    const from = rehearsal.kube.writes.length;
    await renew(rehearsal);
    const said = rehearsal.kube.writes.slice(from).map(({ resource, body }) => {
      const { reason } = body as { reason?: string };
      return reason ?? resource;
    });
    assert.deepEqual(said, ['ZerolossRecreating', 'pods', 'ZerolossRecreated']);
  });
  it('refuses a pod that is not at zero, and deletes nothing', async () => {
    const rehearsal = await drained([0, 1]);
    rehearsal.source.counts.set('nginx-1', 1);
    await assert.rejects(renew(rehearsal), refusedWith('at-zero'));
    assert.deepEqual(deletions(rehearsal), []);
    const named = { ...common, ...zero, ordinals: [1], evict: false, force: false };
    await assert.rejects(
      recreate(rehearsal.world, named),
      (error: { hint?: string; refusals?: readonly { cure?: unknown }[] }) =>
        /wait-zero nginx 1\b/.test(`${error.hint} ${error.refusals?.map(({ cure }) => String(cure)).join(' ')}`),
    );
  });
  it('refuses a pod that the load balancer shows with weight, with any annotation', async () => {
    const rehearsal = await drained([0]);
    rehearsal.balancer.override.set('nginx-0', 10);
    await assert.rejects(renew(rehearsal), refusedWith('at-zero'));
    assert.deepEqual(deletions(rehearsal), []);
  });
  it('refuses what is not drained', async () => {
    const rehearsal = rehearse();
    await assert.rejects(renew(rehearsal, { ordinals: [3] }), refusedWith('drained'));
    assert.deepEqual(rehearsal.kube.writes, []);
  });
  it('does not believe missing data: exit 6 and nothing deleted', async () => {
    const rehearsal = await drained([0]);
    rehearsal.source.counts.set('nginx-0', null);
    const startMs = rehearsal.clock.now();
    await assert.rejects(renew(rehearsal), NotYetError);
    assert.ok(rehearsal.clock.now() - startMs < 2 * common.timeoutMs, 'it ends at its time-out');
    assert.deepEqual(deletions(rehearsal), []);
  });
  it('with --force says what it breaks', async () => {
    const rehearsal = await drained([0]);
    rehearsal.source.counts.set('nginx-0', 4);
    await renew(rehearsal, { force: true });
    assert.match(rehearsal.report.warnings.join(), /--force: deleting although nginx-0.*4 connections/);
    assert.deepEqual(deletions(rehearsal), ['nginx-0']);
  });
  it('run again after it was killed between delete and ready, deletes nothing twice', async () => {
    const rehearsal = await drained([0]);
    await renew(rehearsal);
    const again = await renew(rehearsal);
    assert.deepEqual(deletions(rehearsal), ['nginx-0']);
    assert.equal(again.changed, false);
    assert.equal(again.results[0]?.action, 'already updated');
  });
  it('does not delete a pod that took the name in between', async () => {
    const rehearsal = await drained([0]);
    rehearsal.kube.beforeWrite((call) => {
      if (call.verb !== 'delete') return;
      replacePod(rehearsal, 'nginx-0', 'newcomer');
    });
    await assert.rejects(renew(rehearsal), ConflictError);
    assert.equal(podUids(rehearsal).get('nginx-0'), 'newcomer');
  });
  it('says exit 7 when the replacement crash-loops', async () => {
    const rehearsal = await drained([0]);
    crashLoops(rehearsal);
    await assert.rejects(
      renew(rehearsal),
      (error: unknown) => error instanceof DisagreesError && /CrashLoopBackOff/.test(error.message),
    );
  });
  it('says exit 6 when the replacement does not come in time', async () => {
    const rehearsal = await drained([0]);
    rehearsal.kube.replacement = undefined;
    await assert.rejects(
      renew(rehearsal),
      (error: unknown) => error instanceof NotYetError && /does not exist/.test(error.message),
    );
  });
  it('evicts instead of deleting with --evict, and waits while a budget forbids it', async () => {
    const rehearsal = await drained([0]);
    rehearsal.kube.failNext(
      { verb: 'create', resource: 'pods', subresource: 'eviction' },
      new StatusError(429, 'TooManyRequests', 'the budget needs 10 healthy pods'),
      2,
    );
    await assert.rejects(renew(rehearsal, { evict: true, timeoutMs: 60_000 }), NotYetError);
    const evictions = rehearsal.kube.calls.filter((call) => call.subresource === 'eviction');
    assert.ok(evictions.length >= 3);
    assert.match(JSON.stringify(evictions[0]?.body), /"preconditions":{"uid":"pod-/);
  });
  it('takes a pod that another client deleted at that moment for deleted, and waits for its replacement', async () => {
    const rehearsal = await drained([0]);
    rehearsal.kube.beforeWrite((call) => {
      if (call.verb !== 'delete') return;
      replacePod(rehearsal, 'nginx-0', 'another');
      rehearsal.kube.edit(PODS, 'nginx-0', ({ metadata }) => {
        metadata.labels = { ...metadata.labels, 'controller-revision-hash': `nginx-${NEW_HASH}` };
      });
      throw new StatusError(404, 'NotFound', 'pods "nginx-0" not found');
    });
    const outcome = await renew(rehearsal);
    assert.equal(outcome.exitCode, 0);
  });
  /** Runs recreate on pod 0; `last` happens within the look that finds it at zero, just before the deletion. */
  const renewWith = async (rehearsal: Rehearsal, last: () => void): Promise<unknown> => {
    let readings = 0;
    rehearsal.source.counts.set('nginx-0', (nowMs) => {
      // The window is ten seconds, so the eleventh second is the last that is read.
      if (nowMs - rehearsal.clock.startMs >= 10_000 && readings++ === 0) last();
      return 0;
    });
    return renew(rehearsal).finally(() => assert.equal(readings, 1));
  };
  const deletes = ({ kube }: Rehearsal) => kube.calls.filter((call) => call.verb === 'delete').length;
  it('does not even try to delete a pod that was replaced in the last moment', async () => {
    const rehearsal = await drained([0]);
    await assert.rejects(
      renewWith(rehearsal, () => replacePod(rehearsal, 'nginx-0', 'another')),
      ConflictError,
    );
    assert.equal(deletes(rehearsal), 0);
  });
  it('deletes nothing when another writer gives the weight back in the last moment', async () => {
    const rehearsal = await drained([0]);
    const giveBack = () =>
      void rehearsal.kube.edit(SERVICES, 'nginx', ({ metadata }) => {
        delete metadata.annotations?.['service.cloud.tencent.com/lb-rs-weight'];
      });
    await assert.rejects(renewWith(rehearsal, giveBack), refusedWith('at-zero'));
    assert.equal(deletes(rehearsal), 0);
  });
  it('refuses when one port has its weight back, though the load balancer does not show it yet', async () => {
    const ports = [
      { port: 80, targetPort: 80 },
      { port: 8080, targetPort: 80 },
    ];
    const rehearsal = await drained([0], { service: { ports } });
    const text = JSON.parse(annotation(rehearsal) ?? '{}') as { groups: object[] };
    rehearsal.kube.edit(SERVICES, 'nginx', ({ metadata }) => {
      const half = JSON.stringify({ ...text, groups: text.groups.slice(0, 1) });
      metadata.annotations = { ...metadata.annotations, 'service.cloud.tencent.com/lb-rs-weight': half };
    });
    rehearsal.balancer.override.set('nginx-0', 0);
    await assert.rejects(
      renew(rehearsal),
      (error: unknown) => error instanceof RefusedError && /gives nginx-0 weight 10/.test(error.message),
    );
    assert.equal(deletes(rehearsal), 0);
  });
  it('waits for the end of a pod that another client is deleting, and asks nothing of it', async () => {
    const rehearsal = await drained([0]);
    const before = rehearsal.kube.object(PODS, 'nginx-0') ?? assert.fail();
    rehearsal.kube.put({ ...before, metadata: { ...before.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } });
    rehearsal.source.counts.set('nginx-0', 3);
    rehearsal.clock.at(rehearsal.clock.now() - rehearsal.clock.startMs + 5000, () => {
      const labels = { ...before.metadata.labels, 'controller-revision-hash': `nginx-${NEW_HASH}` };
      rehearsal.kube.put({ ...before, metadata: { ...before.metadata, uid: 'another', labels } });
    });
    const outcome = await renew(rehearsal);
    assert.equal(outcome.results[0]?.action, 'already updated');
    assert.equal(deletes(rehearsal), 0);
  });
  it('does not try again what the server refuses to delete', async () => {
    const rehearsal = await drained([0]);
    rehearsal.kube.failNext({ verb: 'delete', resource: 'pods' }, new StatusError(429, 'TooManyRequests', 'slowly'), 9);
    await assert.rejects(
      renew(rehearsal),
      (error: unknown) => error instanceof StatusError && error.httpStatus === 429,
    );
    assert.equal(rehearsal.kube.calls.filter((call) => call.verb === 'delete').length, 1);
  });
  it('writes nothing on a dry run', async () => {
    const rehearsal = await drained([0]);
    const writes = rehearsal.kube.writes.length;
    const outcome = await renew(rehearsal, { dryRun: 'client' });
    assert.equal(outcome.results[0]?.object, 'pod/nginx-0');
    assert.equal(rehearsal.kube.writes.length, writes);
  });
});

describe('advance', () => {
  it('gives the batch its weight back and drains the next, in one write', async () => {
    const rehearsal = await drained([0]);
    await renew(rehearsal);
    const patches = () => rehearsal.kube.writes.filter((call) => call.resource === 'services').length;
    const before = patches();
    const outcome = await onward(rehearsal);
    assert.equal(patches(), before + 1);
    assert.match(annotation(rehearsal) ?? '', /"podIndexes":\[1\]/);
    assert.deepEqual(outcome.details, { back: [0], next: [1] });
  });
  it('keeps the size of the batch, unless another is asked for', async () => {
    const rehearsal = await drained([0, 1]);
    await renew(rehearsal);
    await onward(rehearsal);
    assert.match(annotation(rehearsal) ?? '', /"podIndexes":\[2,3\]/);
    await renew(rehearsal);
    await onward(rehearsal, { batch: 4 });
    assert.match(annotation(rehearsal) ?? '', /"podIndexes":\[4,5,6,7\]/);
  });
  it('starts with the first outdated ordinal when nothing is drained', async () => {
    const rehearsal = rehearse({ updated: [0, 1] });
    await onward(rehearsal);
    assert.match(annotation(rehearsal) ?? '', /"podIndexes":\[2\]/);
  });
  it('lets an ordinal be that has no pod: it stays at 0 as somebody asked by hand, and blocks nothing', async () => {
    const gone =
      '{"defaultWeight":10,"groups":[{"key":{"proto":"TCP","port":80},"statefulSets":[{"name":"nginx","weights":[{"weight":0,"podIndexes":[10]}]}]}]}';
    const rehearsal = rehearse({ service: { rsWeight: gone } });
    await onward(rehearsal);
    assert.match(annotation(rehearsal) ?? '', /"podIndexes":\[0,10\]/);
  });
  it('refuses while the batch is outdated', async () => {
    const rehearsal = await drained([0]);
    await assert.rejects(onward(rehearsal), refusedWith('batch-ready'));
    assert.match(annotation(rehearsal) ?? '', /"podIndexes":\[0\]/);
  });
  it('refuses while a pod of the batch is not ready', async () => {
    const rehearsal = await drained([0]);
    await renew(rehearsal);
    rehearsal.kube.edit(PODS, 'nginx-0', (object) => {
      const status = object['status'] as { conditions: { type: string; status: string }[] };
      for (const condition of status.conditions) if (condition.type === 'Ready') condition.status = 'False';
    });
    await assert.rejects(onward(rehearsal), refusedWith('batch-ready'));
  });
  it('names the way back, and not a wait, for a pod of the batch that does not start', async () => {
    const rehearsal = await drained([0]);
    await renew(rehearsal);
    rehearsal.kube.edit(PODS, 'nginx-0', (object) => {
      const status = object['status'] as { conditions: { type: string; status: string }[] };
      for (const condition of status.conditions) if (condition.type === 'Ready') condition.status = 'False';
      const waiting = { reason: 'ImagePullBackOff', message: 'no such image' };
      Object.assign(status, {
        containerStatuses: [{ name: 'nginx', ready: false, restartCount: 0, state: { waiting } }],
      });
    });
    await assert.rejects(onward(rehearsal), (error: unknown) => {
      assert.ok(error instanceof RefusedError);
      assert.match(
        String(error.refusals[0]?.cure),
        /^kubectl zeroloss rollback nginx {3}# sets the former template again$/,
      );
      return true;
    });
  });
  it('refuses while the load balancer does not see the batch healthy', async () => {
    const rehearsal = await drained([0]);
    await renew(rehearsal);
    rehearsal.balancer.health.set('nginx-0', 'probing');
    await assert.rejects(onward(rehearsal), refusedWith('batch-healthy'));
  });
  it('ends with exit 3 after the last batch, and the annotation is gone', async () => {
    const rehearsal = await drained([9], { updated: [0, 1, 2, 3, 4, 5, 6, 7, 8] });
    await renew(rehearsal);
    const outcome = await onward(rehearsal);
    assert.equal(outcome.exitCode, 3);
    assert.equal(annotation(rehearsal), undefined);
    assert.equal((await onward(rehearsal)).exitCode, 3);
  });
  it('finishes a write that was interrupted between two Services, and begins nothing new', async () => {
    const rehearsal = await drained([0], {
      services: [
        service(),
        service({ name: 'second', selector: { app: 'nginx' }, ports: [{ port: 81, targetPort: 80 }] }),
      ],
    });
    await renew(rehearsal);
    let killed = false;
    rehearsal.kube.beforeWrite((call) => {
      if (call.resource === 'services' && call.name === 'second' && !killed) {
        killed = true;
        throw new Error('killed');
      }
    });
    await assert.rejects(onward(rehearsal), /killed/);
    await onward(rehearsal);
    assert.match(annotation(rehearsal) ?? '', /"podIndexes":\[1\]/);
    assert.match(annotation(rehearsal, 'second') ?? '', /"podIndexes":\[1\]/);
  });
});

describe('restore', () => {
  it('leaves the annotation exactly as before the first drain, and no bookkeeping', async () => {
    const former = '{ "defaultWeight": 10, "groups": [{"key":{"proto":"UDP","port":53}}], "x": 1.0 }';
    const rehearsal = await drained([0, 1], { service: { rsWeight: former } });
    await back(rehearsal);
    assert.equal(annotation(rehearsal), former);
    assert.deepEqual(
      Object.keys(rehearsal.kube.object(SERVICES, 'nginx')?.metadata.annotations ?? {}).filter((key) =>
        key.includes('kubectl-zeroloss/'),
      ),
      [],
    );
  });
  it('removes the annotation when there was none', async () => {
    const rehearsal = await drained([0]);
    await back(rehearsal);
    assert.equal(annotation(rehearsal), undefined);
  });
  it('gives some ordinals back and keeps the others drained', async () => {
    const rehearsal = await drained([0, 1, 2]);
    await back(rehearsal, { ordinals: [1] });
    assert.match(annotation(rehearsal) ?? '', /"podIndexes":\[0,2\]/);
  });
  it('gives an ordinal the weight that it had', async () => {
    const former =
      '{"defaultWeight":10,"groups":[{"key":{"proto":"TCP","port":80},"statefulSets":[{"name":"nginx","weights":[{"weight":3,"podIndexes":[1]}]}]}]}';
    const rehearsal = await drained([0, 1], { service: { rsWeight: former } });
    await back(rehearsal, { ordinals: [1] });
    assert.match(annotation(rehearsal) ?? '', /{"weight":3,"podIndexes":\[1\]}/);
  });
  it('keeps nothing in mind once only those are at 0 that were so before the first drain', async () => {
    const byHand =
      '{"defaultWeight":10,"groups":[{"key":{"proto":"TCP","port":80},"statefulSets":[{"name":"nginx","weights":[{"weight":0,"podIndexes":[0]}]}]}]}';
    const rehearsal = rehearse({ service: { rsWeight: byHand } });
    await drain(rehearsal.world, { ...common, ordinals: [1] });
    assert.equal(annotation(rehearsal, 'nginx', 'nginx.kubectl-zeroloss/former-lb-rs-weight'), byHand);
    await restore(rehearsal.world, { ...common, ...zero, weightsOnly: false, ordinals: [1] });
    assert.equal(annotation(rehearsal), byHand);
    assert.equal(annotation(rehearsal, 'nginx', 'nginx.kubectl-zeroloss/former-lb-rs-weight'), undefined);
  });
  it('leaves those at 0 that were so before the first drain, and reports it', async () => {
    const byHand =
      '{"defaultWeight":10,"groups":[{"key":{"proto":"TCP","port":80},"statefulSets":[{"name":"nginx","weights":[{"weight":0,"podIndexes":[0]}]}]}]}';
    const rehearsal = rehearse({ service: { rsWeight: byHand } });
    await drain(rehearsal.world, { ...common, ordinals: [1] });
    const outcome = await back(rehearsal);
    assert.equal(annotation(rehearsal), byHand);
    assert.match(
      String(outcome.message ?? ''),
      /^ordinal 0 stays at weight 0, drained by hand; to give weight there too: kubectl zeroloss restore nginx 0$/m,
    );
  });
  it('is refused where no Service leads to the pods', async () => {
    await assert.rejects(back(rehearse({ services: [] })), refusedWith('service-found'));
  });
  it('says already when there is nothing to give back', async () => {
    const outcome = await back(rehearse());
    assert.equal(outcome.changed, false);
    assert.equal(outcome.exitCode, 0);
  });
  it('writes even when the cloud cannot be asked, and then says exit 7', async () => {
    const rehearsal = await drained([0]);
    rehearsal.balancer.failure = cloudDown;
    await assert.rejects(back(rehearsal), DisagreesError);
    assert.equal(annotation(rehearsal), undefined);
  });
});

describe('the whole upgrade', () => {
  it('replaces every pod, one by one, and ends where it began but for the image', async () => {
    const rehearsal = rehearse();
    const before = rehearsal.kube.object(SERVICES, 'nginx')?.metadata.annotations;
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    for (let code = 0; code === 0; code = (await onward(rehearsal)).exitCode) {
      await wait(rehearsal);
      await renew(rehearsal);
    }
    await back(rehearsal);
    assert.deepEqual(
      deletions(rehearsal),
      Array.from({ length: 10 }, (_, ordinal) => `nginx-${ordinal}`),
    );
    assert.deepEqual(rehearsal.kube.object(SERVICES, 'nginx')?.metadata.annotations, before);
  });
});
