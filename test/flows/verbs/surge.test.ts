import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConflictError, NotYetError, RefusedError } from '../../../lib/core/errors.ts';
import { RS_WEIGHT_ANNOTATION } from '../../../lib/core/weights/rs-weight.ts';
import { advance } from '../../../lib/flows/verbs/advance.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { recreate } from '../../../lib/flows/verbs/recreate.ts';
import { restore } from '../../../lib/flows/verbs/restore.ts';
import { surge } from '../../../lib/flows/verbs/surge.ts';
import { waitZero } from '../../../lib/flows/verbs/wait-zero.ts';
import { PODS, SERVICES, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import { replicas } from '../rehearsal/of-the-set.ts';
import { annotation, common, deletions, type Rehearsal, rehearse, replacePod, zero } from '../rehearsal/rehearsal.ts';

const record = ({ kube }: Rehearsal) =>
  kube.object(STATEFUL_SETS, 'nginx')?.metadata.annotations?.['kubectl-zeroloss/former-replicas'];
const up = (rehearsal: Rehearsal, more: object = {}) =>
  surge(rehearsal.world, { ...common, count: 1, dark: false, ...more });
const back = (rehearsal: Rehearsal, more: object = {}) =>
  restore(rehearsal.world, { ...common, ...zero, weightsOnly: false, ...more });
const podNames = ({ kube }: Rehearsal) => kube.objects(PODS).map((pod) => pod.metadata.name);

describe('surge', () => {
  it('adds replicas, remembers how many there were in the same patch, and waits until the new pods serve', async () => {
    const rehearsal = rehearse();
    await up(rehearsal, { count: 2 });
    assert.equal(replicas(rehearsal), 12);
    assert.equal(record(rehearsal), '10');
    const patches = rehearsal.kube.writes.filter((call) => call.resource === 'statefulsets');
    assert.equal(patches.length, 1);
    assert.match(JSON.stringify(patches[0]?.body), /"resourceVersion":"\d+"/);
    assert.ok(podNames(rehearsal).includes('nginx-11'));
  });
  it('asked again changes nothing', async () => {
    const rehearsal = rehearse();
    await up(rehearsal);
    const again = await up(rehearsal);
    assert.equal(again.changed, false);
    assert.equal(replicas(rehearsal), 11);
  });
  it('says that the surplus pod is the first canary when the image is already set', async () => {
    const rehearsal = rehearse();
    await up(rehearsal);
    assert.match(rehearsal.report.warnings.join(), /first canary, at full weight/);
  });
  it('waits for the controller to see a template that was set a moment ago: whose canary the surplus is depends on it', async () => {
    const rehearsal = rehearse({ settled: true });
    const status = (more: object) =>
      rehearsal.kube.edit(STATEFUL_SETS, 'nginx', (set) => {
        set['status'] = { ...(set['status'] as object), ...more };
      });
    status({ observedGeneration: 0 });
    rehearsal.clock.at(3_000, () => {
      status({ observedGeneration: 1, updateRevision: 'nginx-new' });
    });
    await up(rehearsal);
    assert.match(rehearsal.report.warnings.join(), /first canary, at full weight/);
  });
  it('names no canary where its pods are there already, although the image has been set since', async () => {
    const rehearsal = rehearse({ settled: true });
    await up(rehearsal);
    rehearsal.kube.edit(STATEFUL_SETS, 'nginx', (set) => {
      set['status'] = { ...(set['status'] as object), updateRevision: 'nginx-new' };
    });
    const again = await up(rehearsal);
    assert.deepEqual(rehearsal.report.warnings, []);
    assert.doesNotMatch(String(again.message), /canary/);
  });
  it('within upgrade gives its pods no traffic where a template was set in the moment of its write', async () => {
    const rehearsal = rehearse({ settled: true });
    let isFirst = true;
    rehearsal.kube.beforeWrite(({ resource }) => {
      if (resource !== 'statefulsets' || !isFirst) return;
      isFirst = false;
      rehearsal.kube.edit(STATEFUL_SETS, 'nginx', (set) => {
        set['status'] = { ...(set['status'] as object), updateRevision: 'nginx-new' };
      });
    });
    await up(rehearsal, { holdsCanary: true });
    assert.match(annotation(rehearsal) ?? '', /"podIndexes":\[10\]/);
    assert.match(rehearsal.report.warnings.join(), /first canary, without traffic/);
  });
  it('with --dark has weight 0 written before the pod is there', async () => {
    const rehearsal = rehearse();
    const { results } = await up(rehearsal, { dark: true });
    assert.deepEqual(
      results.map(({ object, action }) => [object, action]),
      [
        ['statefulset/nginx', 'surged'],
        ['service/nginx', 'drained'],
      ],
    );
    assert.match(annotation(rehearsal) ?? '', /"podIndexes":\[10\]/);
    const [first, second] = rehearsal.kube.writes;
    assert.deepEqual([first?.resource, second?.resource], ['services', 'statefulsets']);
  });
  it('names as drained only those surplus pods that were not there yet', async () => {
    const rehearsal = rehearse();
    await up(rehearsal, { count: 1 });
    const { results } = await up(rehearsal, { count: 2, dark: true });
    assert.deepEqual(
      results.map(({ object, action, note }) => [object, action, note]),
      [
        ['statefulset/nginx', 'surged', '10 + 2 replicas, surplus ordinals 10,11'],
        ['service/nginx', 'drained', 'ordinal 11 on TCP/80'],
      ],
    );
    assert.match(annotation(rehearsal) ?? '', /"podIndexes":\[11\]/);
  });
  it('is refused while an autoscaler owns the replicas', async () => {
    const rehearsal = rehearse();
    rehearsal.kube.put({
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'nginx' },
      spec: { scaleTargetRef: { kind: 'StatefulSet', name: 'nginx' } },
    });
    await assert.rejects(
      up(rehearsal),
      (error: unknown) => error instanceof RefusedError && error.refusals[0]?.rule === 'no-autoscaler',
    );
    assert.equal(replicas(rehearsal), 10);
  });
  it('over a surge counts from the replicas before the first', async () => {
    const rehearsal = rehearse();
    await up(rehearsal);
    await up(rehearsal, { count: 3 });
    assert.deepEqual([replicas(rehearsal), record(rehearsal)], [13, '10']);
  });
  it('is not done before the load balancer sees the new pods healthy', async () => {
    const rehearsal = rehearse();
    rehearsal.balancer.health.set('nginx-10', 'probing');
    await assert.rejects(
      up(rehearsal),
      (error: unknown) =>
        error instanceof NotYetError && /nginx-10 is not healthy yet at service\/nginx/.test(error.message),
    );
  });
  it('is not done before the new pods are bound', async () => {
    const rehearsal = rehearse();
    rehearsal.balancer.unbound.add('nginx-10');
    await assert.rejects(up(rehearsal), NotYetError);
  });
  it('is refused once it was scaled over: how many replicas are to stay is unknown', async () => {
    for (const [scaled, asked] of [
      [15, 6],
      [6, 1],
    ] as const) {
      const rehearsal = rehearse({ settled: true });
      await up(rehearsal);
      rehearsal.kube.edit(STATEFUL_SETS, 'nginx', (set) => {
        set['spec'] = { ...(set['spec'] as object), replicas: scaled };
        set['status'] = { ...(set['status'] as object), observedGeneration: 99 };
      });
      await assert.rejects(
        up(rehearsal, { count: asked }),
        (error: unknown) =>
          error instanceof RefusedError &&
          error.refusals.some(
            ({ rule, cure }) =>
              rule === 'scale-is-ours' && /kubectl annotate statefulset nginx/.test(String(cure ?? '')),
          ),
      );
      assert.deepEqual([replicas(rehearsal), record(rehearsal)], [scaled, '10']);
    }
  });
  it('never scales down', async () => {
    const rehearsal = rehearse();
    await up(rehearsal, { count: 3 });
    await assert.rejects(
      up(rehearsal, { count: 1 }),
      (error: unknown) => error instanceof RefusedError && error.refusals[0]?.rule === 'surge-grows',
    );
  });
});

describe('the end of a surge', () => {
  it('drains the surplus after the last batch, and scales it away only at zero', async () => {
    const rehearsal = rehearse();
    await up(rehearsal);
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    let code = 0;
    const said: string[] = [];
    while (code === 0) {
      await waitZero(rehearsal.world, { ...common, ...zero });
      await recreate(rehearsal.world, { ...common, ...zero, evict: false, force: false });
      const outcome = await advance(rehearsal.world, { ...common });
      said.push(String(outcome.message ?? ''));
      code = outcome.exitCode;
    }
    assert.deepEqual(said.slice(-3), [
      'ordinal 9 next, outdated',
      'every pod is updated; ordinal 10 next, surplus',
      'nothing is left to advance to: every pod is updated; surplus ordinal 10 at weight 0 goes once it is at zero',
    ]);
    assert.match(annotation(rehearsal) ?? '', /"podIndexes":\[10\]/);
    assert.equal(deletions(rehearsal).length, 10);
    await back(rehearsal);
    assert.equal(replicas(rehearsal), 10);
    assert.equal(record(rehearsal), undefined);
    assert.equal(annotation(rehearsal), undefined);
    assert.ok(!podNames(rehearsal).includes('nginx-10'));
  });
  it('leaves surplus pods the revision they were made with: recreate deletes none of them, unless by name', async () => {
    const rehearsal = rehearse({ settled: true });
    await up(rehearsal);
    rehearsal.kube.edit(STATEFUL_SETS, 'nginx', (set) => {
      set['status'] = { ...(set['status'] as object), updateRevision: 'nginx-new' };
    });
    await drain(rehearsal.world, { ...common, ordinals: [0, 1, 2, 3, 4] });
    for (let code = 0; code === 0; code = (await advance(rehearsal.world, { ...common })).exitCode) {
      await waitZero(rehearsal.world, { ...common, ...zero });
      await recreate(rehearsal.world, { ...common, ...zero, evict: false, force: false });
    }
    assert.equal(deletions(rehearsal).includes('nginx-10'), false);
    assert.deepEqual((await waitZero(rehearsal.world, { ...common, ...zero })).next.map(String), [
      'kubectl zeroloss restore nginx',
    ]);
    const named = { ...common, ...zero, ordinals: [10], evict: false, force: false };
    await recreate(rehearsal.world, named);
    assert.equal(deletions(rehearsal).includes('nginx-10'), true);
  });
  it('gives every weight back while another operator is at work, and says that the surplus alone stays', async () => {
    const rehearsal = rehearse();
    const { kube, world, clock } = rehearsal;
    await up(rehearsal);
    await drain(world, { ...common, ordinals: [0] });
    const renewTime = new Date(clock.now()).toISOString().replace('Z', '000Z');
    kube.put({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'kubectl-zeroloss-nginx' },
      spec: { holderIdentity: 'two@laptop/7', leaseDurationSeconds: 60, acquireTime: renewTime, renewTime },
    });
    const leaseHolder = { identity: 'one@desk/1', isGone: () => false };
    await assert.rejects(
      restore({ ...world, leaseHolder }, { ...common, ...zero, weightsOnly: false }),
      (error: unknown) =>
        error instanceof ConflictError &&
        /^two@laptop\/7 runs a command .*; the surplus stays, and every other pod has its weight$/.test(
          error.message,
        ) &&
        error.results.length === 1,
    );
  });
  it('gives every weight back first, and names the commands while the surplus still has traffic', async () => {
    const rehearsal = rehearse({ service: { rsWeight: '{ "defaultWeight": 20, "groups": [] }' } });
    await up(rehearsal);
    await drain(rehearsal.world, { ...common, ordinals: [0, 1] });
    await assert.rejects(
      back(rehearsal),
      (error: unknown) =>
        error instanceof NotYetError &&
        error.hint?.split('\n')[0] ===
          'kubectl zeroloss drain nginx 10 && kubectl zeroloss wait-zero nginx && kubectl zeroloss restore nginx' &&
        error.results[0]?.action === 'restored',
    );
    assert.equal(replicas(rehearsal), 11);
    assert.equal(annotation(rehearsal), '{ "defaultWeight": 20, "groups": [] }');
  });
  it('keeps a drained surplus at 0 while it gives the others their weight, and writes the former text once it is gone', async () => {
    const former = '{ "defaultWeight": 20, "groups": [] }';
    const rehearsal = rehearse({ service: { rsWeight: former } });
    await up(rehearsal);
    await drain(rehearsal.world, { ...common, ordinals: [0, 1, 10] });
    rehearsal.source.counts.set('nginx-10', 1);
    await assert.rejects(back(rehearsal), NotYetError);
    assert.equal(replicas(rehearsal), 11);
    assert.match(annotation(rehearsal) ?? '', /"defaultWeight":20.*"weight":0,"podIndexes":\[10\]/);
    rehearsal.source.counts.delete('nginx-10');
    const { results } = await back(rehearsal);
    assert.deepEqual([replicas(rehearsal), annotation(rehearsal)], [10, former]);
    const notes = results.filter(({ object }) => object === 'service/nginx').map(({ note }) => note);
    assert.deepEqual(notes, ['ordinal 10 (scaled away) on TCP/80']);
  });
  it('is refused when another client scales up at that moment: the newest pods were not seen at zero', async () => {
    const rehearsal = rehearse();
    await up(rehearsal);
    await drain(rehearsal.world, { ...common, ordinals: [10] });
    rehearsal.kube.beforeWrite((call) => {
      if (call.resource !== 'statefulsets' || replicas(rehearsal) !== 11) return;
      rehearsal.kube.edit(STATEFUL_SETS, 'nginx', (object) => {
        Object.assign(object['spec'] as object, { replicas: 12 });
      });
    });
    await assert.rejects(
      back(rehearsal),
      (error: unknown) => error instanceof RefusedError && /scaled up to 12 meanwhile/.test(error.message),
    );
    assert.deepEqual([replicas(rehearsal), record(rehearsal)], [12, '10']);
  });
  /** Runs `meddle` while the connections are counted for the last time. */
  async function inTheLastMoment(meddle: (rehearsal: Rehearsal) => void): Promise<Rehearsal> {
    const rehearsal = rehearse();
    await up(rehearsal);
    await drain(rehearsal.world, { ...common, ordinals: [10] });
    const drainedMs = rehearsal.clock.now();
    let done = false;
    rehearsal.source.counts.set('nginx-10', (nowMs) => {
      if (nowMs - drainedMs >= zero.stableForMs && !done) {
        done = true;
        meddle(rehearsal);
      }
      return 0;
    });
    await assert.rejects(
      back(rehearsal),
      (error: unknown) =>
        error instanceof RefusedError &&
        error.refusals.every(({ rule, override }) => rule === 'surplus-at-zero' && override === undefined) &&
        /to leave the surplus as it is .*: kubectl zeroloss restore nginx --weights-only/.test(error.hint ?? ''),
    );
    assert.ok(done);
    return rehearsal;
  }
  it('scales nothing away when another writer gives the weight back in the last moment', async () => {
    const rehearsal = await inTheLastMoment(({ kube }) =>
      kube.edit(SERVICES, 'nginx', ({ metadata }) => {
        metadata.annotations = { ...metadata.annotations, [RS_WEIGHT_ANNOTATION]: '{"defaultWeight":10}' };
      }),
    );
    assert.equal(replicas(rehearsal), 11);
  });
  it('nor when another client replaces the pod in the last moment', async () => {
    const rehearsal = await inTheLastMoment((each) => replacePod(each, 'nginx-10', 'another'));
    assert.equal(replicas(rehearsal), 11);
  });
  it('never scales up a StatefulSet that was scaled below the former count', async () => {
    const rehearsal = rehearse();
    await up(rehearsal);
    await drain(rehearsal.world, { ...common, ordinals: [10] });
    rehearsal.kube.edit(STATEFUL_SETS, 'nginx', (object) => {
      Object.assign(object['spec'] as object, { replicas: 9 });
      Object.assign(object['status'] as object, { observedGeneration: object.metadata.generation });
    });
    for (const name of ['nginx-9', 'nginx-10']) rehearsal.kube.remove(PODS, name);
    await back(rehearsal);
    assert.deepEqual([replicas(rehearsal), record(rehearsal)], [9, undefined]);
  });
  it('gives no weight back while a surplus pod still ends', async () => {
    const rehearsal = rehearse();
    await up(rehearsal);
    await drain(rehearsal.world, { ...common, ordinals: [10] });
    let there: boolean | undefined;
    rehearsal.kube.beforeWrite((call) => {
      if (call.resource === 'services') there ??= podNames(rehearsal).includes('nginx-10');
    });
    await back(rehearsal);
    assert.equal(there, false);
  });
  it('keeps surplus pods dark while the batches go on', async () => {
    const rehearsal = rehearse();
    await up(rehearsal, { dark: true });
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    await waitZero(rehearsal.world, { ...common, ...zero });
    await recreate(rehearsal.world, { ...common, ...zero, evict: false, force: false });
    await advance(rehearsal.world, common);
    assert.match(annotation(rehearsal) ?? '', /"podIndexes":\[1,10\]/);
  });
  it('is refused once the kept number of replicas was changed: another pod would go', async () => {
    const rehearsal = rehearse({ settled: true });
    const { clock, kube, source, world } = rehearsal;
    await surge(world, { ...common, count: 1, dark: false });
    await drain(world, { ...common, ordinals: [9, 10] });
    source.counts.set('nginx-9', 5);
    clock.at(clock.now() - clock.startMs + 5000, () => {
      kube.edit(STATEFUL_SETS, 'nginx', ({ metadata }) => {
        metadata.annotations = { ...metadata.annotations, 'kubectl-zeroloss/former-replicas': '9' };
      });
    });
    await assert.rejects(
      restore(world, { ...common, ...zero, weightsOnly: false }),
      (error: unknown) => error instanceof RefusedError && /ordinal 9 was not seen at zero/.test(error.message),
    );
    assert.equal(replicas(rehearsal), 11);
  });
  it('is not done while a drained surplus pod still has a connection', async () => {
    const rehearsal = rehearse();
    await up(rehearsal);
    await drain(rehearsal.world, { ...common, ordinals: [10] });
    rehearsal.source.counts.set('nginx-10', 1);
    await assert.rejects(back(rehearsal), NotYetError);
    assert.equal(replicas(rehearsal), 11);
    assert.match(annotation(rehearsal) ?? '', /"podIndexes":\[10\]/);
  });
  it('leaves the surplus alone with --weights-only, without asking the cloud', async () => {
    const rehearsal = rehearse();
    await up(rehearsal);
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    const reads = rehearsal.balancer.reads;
    await back(rehearsal, { weightsOnly: true });
    assert.equal(annotation(rehearsal), undefined);
    assert.equal(replicas(rehearsal), 11);
    assert.equal(rehearsal.balancer.reads, reads);
  });
});
