import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DisagreesError, RefusedError, StatusError, UsageError } from '../../../lib/core/errors.ts';
import { pinOf } from '../../../lib/core/job/pin.ts';
import { readPods } from '../../../lib/core/target/pod.ts';
import { readStatefulSet } from '../../../lib/core/target/stateful-set-facts.ts';
import { setImages } from '../../../lib/flows/upgrade/set-image.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { restore } from '../../../lib/flows/verbs/restore.ts';
import { rollback } from '../../../lib/flows/verbs/rollback.ts';
import { verify } from '../../../lib/flows/verbs/verify.ts';
import { CONTROLLER_REVISIONS, PODS, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import type { Gate } from '../../../lib/ports.ts';
import { NEW_HASH, OLD_HASH } from '../../builders.ts';
import { common, type Rehearsal, rehearse, replacePod, zero } from '../rehearsal/rehearsal.ts';
import { withRevisions } from '../rehearsal/revisions.ts';

const ALL = Array.from({ length: 10 }, (_, ordinal) => ordinal);
const check = (rehearsal: Rehearsal, more: object = {}) => verify(rehearsal.world, { ...common, forMs: 0, ...more });
const fails = (pattern: RegExp) => (error: unknown) => error instanceof DisagreesError && pattern.test(error.message);
const editPod = (
  { kube }: Rehearsal,
  name: string,
  change: (status: {
    conditions: { type: string; status: string }[];
    containerStatuses: { restartCount: number }[];
  }) => void,
) => kube.edit(PODS, name, (object) => change(object['status'] as never));
const after = (rehearsal: Rehearsal, ms: number, run: () => void) =>
  rehearsal.clock.at(rehearsal.clock.now() - rehearsal.clock.startMs + ms, run);

describe('verify', () => {
  it('is content with updated, ready and healthy pods, and writes nothing', async () => {
    const rehearsal = rehearse({ updated: [0, 1] });
    const outcome = await check(rehearsal);
    assert.deepEqual(
      outcome.results.map((result) => result.object),
      ['pod/nginx-0', 'pod/nginx-1'],
    );
    assert.deepEqual(rehearsal.kube.writes, []);
  });
  it('names an outdated pod that was asked for', () =>
    assert.rejects(check(rehearse({ updated: [0] }), { ordinals: [3] }), fails(/nginx-3 is outdated/)));
  it('advises the next step for a pod whose turn has not come, and the way back for a sick one alone', async () => {
    const rehearsal = rehearse({ updated: [0] });
    const hintOf = async (ordinals: readonly number[]) =>
      check(rehearsal, { ordinals }).then(
        () => assert.fail('it was content'),
        (error: { hint?: string }) => String(error.hint),
      );
    assert.equal(await hintOf([3]), 'ordinal 3 not replaced yet: kubectl zeroloss drain nginx 3');
    await drain(rehearsal.world, { ...common, ordinals: [4] });
    assert.equal(await hintOf([4]), 'ordinal 4 not replaced yet: kubectl zeroloss wait-zero nginx 4');
    rehearsal.balancer.health.set('nginx-0', 'dead');
    assert.equal(await hintOf([0]), 'to go back: kubectl zeroloss rollback nginx');
    assert.match(await hintOf([0, 3]), /^ordinal 3 not replaced yet: .*\nto go back: /);
  });
  it('refuses when no pod is updated yet', () => assert.rejects(check(rehearse()), RefusedError));
  it('waits for the first checks of the load balancer, at most until the time-out, and names what is still probing then', async () => {
    for (const [probedMs, isWell] of [
      [20_000, true],
      [120_000, false],
    ] as const) {
      const rehearsal = rehearse({ updated: ALL });
      rehearsal.balancer.health.set('nginx-3', 'probing');
      after(rehearsal, probedMs, () => void rehearsal.balancer.health.set('nginx-3', 'alive'));
      if (isWell) await check(rehearsal);
      else await assert.rejects(check(rehearsal), fails(/nginx-3 is probing at service\/nginx TCP\/80/));
      assert.equal(rehearsal.clock.now() - rehearsal.clock.startMs, Math.min(probedMs, common.timeoutMs));
    }
  });
  it('waits until the load balancer binds a pod that is ready, at most until the time-out, and names what is not bound then', async () => {
    for (const [boundMs, isWell] of [
      [20_000, true],
      [120_000, false],
    ] as const) {
      const rehearsal = rehearse({ updated: ALL });
      rehearsal.balancer.unbound.add('nginx-3');
      after(rehearsal, boundMs, () => void rehearsal.balancer.unbound.delete('nginx-3'));
      if (isWell) await check(rehearsal);
      else await assert.rejects(check(rehearsal), fails(/nginx-3 is not bound at service\/nginx TCP\/80/));
      assert.equal(rehearsal.clock.now() - rehearsal.clock.startMs, Math.min(boundMs, common.timeoutMs));
    }
  });
  it('names a pod that the load balancer does not see healthy', async () => {
    const rehearsal = rehearse({ updated: ALL });
    rehearsal.balancer.health.set('nginx-4', 'dead');
    await assert.rejects(check(rehearsal), fails(/nginx-4 is dead at service\/nginx TCP\/80/));
  });
  it('names a wrong image although the revision is right', async () => {
    const rehearsal = rehearse({ updated: ALL });
    rehearsal.kube.edit(PODS, 'nginx-2', (object) => {
      (object['spec'] as { containers: { image: string }[] }).containers[0]!.image = 'nginx:bad';
    });
    await assert.rejects(check(rehearsal), fails(/nginx-2 runs nginx=nginx:bad, wanted nginx:1.25.4/));
  });
  it('counts minReadySeconds by the API server’s clock, however far ahead this machine’s is', async () => {
    const rehearsal = rehearse({ updated: [0], set: { minReadySeconds: 60 } });
    const readySinceMs = Date.parse('2026-01-01T00:00:00Z');
    const aheadMs = rehearsal.clock.now() - readySinceMs - 5000;
    Object.assign(rehearsal.kube, { clockAheadMs: () => aheadMs });
    await assert.rejects(check(rehearsal, { ordinals: [0] }), fails(/ready for less than minReadySeconds \(60s\)/));
    Object.assign(rehearsal.kube, { clockAheadMs: () => aheadMs - 60_000 });
    await check(rehearsal, { ordinals: [0] });
  });
  it('with --for holds out the whole time', async () => {
    const rehearsal = rehearse({ updated: ALL });
    const startedAt = rehearsal.clock.now();
    await check(rehearsal, { forMs: 60_000 });
    assert.equal(rehearsal.clock.now() - startedAt, 60_000);
  });
  it('with --for names a restart, the pod and since when', async () => {
    const rehearsal = rehearse({ updated: ALL });
    after(rehearsal, 20_000, () =>
      editPod(rehearsal, 'nginx-7', (status) => (status.containerStatuses[0]!.restartCount = 1)),
    );
    await assert.rejects(
      check(rehearsal, { forMs: 60_000 }),
      fails(/nginx-7 restarted 1 time .*after 20s without a fault/),
    );
  });
  it('says of a fault at the first look that nothing was well before, and of a pod since when it is not ready', async () => {
    const rehearsal = rehearse({ updated: ALL });
    editPod(rehearsal, 'nginx-7', (status) => {
      for (const condition of status.conditions)
        if (condition.type === 'Ready')
          Object.assign(condition, { status: 'False', lastTransitionTime: '2026-01-01T00:00:00Z' });
    });
    await assert.rejects(
      check(rehearsal, { forMs: 60_000 }),
      fails(/nginx-7 is not ready \(Running\) since 2026-01-01T00:00:00Z \(at \S+, at the first look\)$/),
    );
  });
  it('shows the restarts of a pod that is well', async () => {
    const rehearsal = rehearse({ updated: [0] });
    editPod(rehearsal, 'nginx-0', (status) => (status.containerStatuses[0]!.restartCount = 2));
    assert.match((await check(rehearsal)).results[0]?.note ?? '', /healthy now, 2 restarts since it was created$/);
  });
  it('with --for does not accept a pod that another client replaced', async () => {
    const rehearsal = rehearse({ updated: ALL });
    after(rehearsal, 10_000, () => replacePod(rehearsal, 'nginx-1', 'other'));
    await assert.rejects(check(rehearsal, { forMs: 60_000 }), fails(/nginx-1 was replaced/));
  });
  it('with --for asks for traffic', async () => {
    const rehearsal = rehearse({ updated: ALL });
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    await check(rehearsal);
    await assert.rejects(check(rehearsal, { forMs: 10_000 }), fails(/nginx-0 has weight 0.*not under traffic/));
  });
  it('asks the operator’s own gates at every look', async () => {
    const rehearsal = rehearse({ updated: ALL });
    let looks = 0;
    const gate: Gate = { name: '"errors"', failsBecause: async () => (++looks > 3 ? 'exit code 1' : undefined) };
    await assert.rejects(
      verify({ ...rehearsal.world, gates: [gate] }, { ...common, forMs: 60_000 }),
      fails(/gate "errors" failed over ordinals 0-9 of statefulset\/nginx: exit code 1 .*after 6s without a fault/),
    );
    assert.equal(looks, 4);
  });
});

const back = (rehearsal: Rehearsal, more: object = {}) => rollback(rehearsal.world, { ...common, ...more });
const image = ({ kube }: Rehearsal) =>
  JSON.stringify(kube.object(STATEFUL_SETS, 'nginx')?.['spec']).match(/nginx:1[\d.]+/)?.[0];

/** As the controller says it: an old template that comes back has its old revision, counted up. */
function templateIs({ kube }: Rehearsal, hash: string): void {
  kube.edit(STATEFUL_SETS, 'nginx', (set) => {
    const status = { ...(set['status'] as object), updateRevision: `nginx-${hash}` };
    Object.assign(set, { status: { ...status, observedGeneration: set.metadata.generation } });
  });
  kube.edit(CONTROLLER_REVISIONS, `nginx-${hash}`, (revision) => Object.assign(revision, { revision: 3 }));
}

describe('rollback', () => {
  it('puts the template back that outdated pods still run, and touches no pod', async () => {
    const rehearsal = withRevisions(rehearse({ updated: [0, 1] }));
    const outcome = await back(rehearsal);
    assert.equal(image(rehearsal), 'nginx:1.25.3');
    assert.deepEqual(
      rehearsal.kube.writes.filter((call) => call.resource === 'pods'),
      [],
    );
    assert.match(JSON.stringify(outcome.details), /"outdated":\[0,1\]/);
  });
  it('shows what changes', async () => {
    const rehearsal = withRevisions(rehearse());
    await back(rehearsal, { dryRun: 'client' });
    assert.match(rehearsal.report.text, /spec\.containers\.nginx\.image: nginx:1\.25\.4 -> nginx:1\.25\.3/);
    assert.deepEqual(rehearsal.kube.writes, []);
  });
  it('with a pin takes back that template and no other, and says already where it is back', async () => {
    const rehearsal = withRevisions(rehearse({ updated: [0, 1] }));
    const now = readStatefulSet(rehearsal.kube.object(STATEFUL_SETS, 'nginx') ?? assert.fail());
    const refused = (error: unknown) =>
      error instanceof RefusedError && error.refusals.some(({ rule }) => rule === 'pinned');
    const neverSet = pinOf(now, { images: { nginx: 'nginx:1.26.0' } });
    const pin = pinOf(now, { images: {}, restart: true });
    for (const other of [neverSet, { ...pin, uid: 'of-another' }])
      await assert.rejects(back(rehearsal, { pin: other }), refused);
    assert.deepEqual(rehearsal.kube.writes, []);
    await back(rehearsal, { pin });
    templateIs(rehearsal, OLD_HASH);
    assert.equal((await back(rehearsal, { pin })).results[0]?.action, 'already has this template');
    await assert.rejects(
      back(rehearsal, { pin: { ...pin, uid: 'of-another' } }),
      (error: unknown) => refused(error) && /with UID of-another, and the one that exists has UID /.test(String(error)),
    );
  });
  it('goes to the revision that is asked for, and names those there are when it is unknown', async () => {
    const rehearsal = withRevisions(rehearse());
    await assert.rejects(
      back(rehearsal, { toRevision: 9 }),
      (error: unknown) => error instanceof UsageError && /1, 2/.test(error.hint ?? ''),
    );
    await back(rehearsal, { toRevision: 1 });
    assert.equal(image(rehearsal), 'nginx:1.25.3');
  });
  it('says already when the template is the one asked for', async () => {
    const outcome = await back(withRevisions(rehearse()), { toRevision: 2 });
    assert.equal(outcome.changed, false);
  });
  it('asked again stays where it is: it never goes forward, with any revision on the remaining pods', async () => {
    for (const updated of [[0, 1], [0, 1, 2, 3, 4, 5, 6, 7], ALL]) {
      const rehearsal = withRevisions(rehearse({ updated }));
      await back(rehearsal);
      templateIs(rehearsal, OLD_HASH);
      const again = await back(rehearsal);
      assert.equal(image(rehearsal), 'nginx:1.25.3');
      assert.deepEqual([again.changed, again.results[0]?.action], [false, 'already has this template']);
      assert.match(JSON.stringify(again.details), new RegExp(`"outdated":\\[${updated.join()}\\]`));
    }
  });
  it('that was brought to its end is no way to what was left by it, unless that revision is named', async () => {
    const rehearsal = withRevisions(rehearse({ settled: true }));
    templateIs(rehearsal, OLD_HASH);
    await assert.rejects(back(rehearsal), (error: unknown) => {
      assert.ok(error instanceof UsageError);
      assert.match(
        error.message,
        /no former revision to go back to: its template is an older one already, set again after revision 2$/,
      );
      assert.match(error.hint ?? '', /^kubectl zeroloss rollback nginx --to-revision 2 /);
      return true;
    });
    assert.deepEqual(rehearsal.kube.writes, []);
  });
  it('whose answer was lost is not taken back by its own second try', async () => {
    const rehearsal = withRevisions(rehearse({ updated: [0, 1] }));
    const patch = rehearsal.kube.patch.bind(rehearsal.kube);
    let tries = 0;
    rehearsal.kube.patch = async (...call) => {
      const after = await patch(...call);
      if (tries++ > 0) return after;
      templateIs(rehearsal, OLD_HASH);
      throw new StatusError(409, 'Conflict', 'changed');
    };
    assert.equal((await back(rehearsal)).results[0]?.action, 'already has this template');
    assert.equal(image(rehearsal), 'nginx:1.25.3');
  });
  it('is refused where an older template was put back by hand: which way is back is not clear', async () => {
    const rehearsal = withRevisions(rehearse({ updated: [0, 1] }));
    templateIs(rehearsal, OLD_HASH);
    await assert.rejects(
      back(rehearsal),
      (error: unknown) =>
        error instanceof RefusedError &&
        error.refusals[0]?.rule === 'back-is-clear' &&
        error.refusals[0].override === '--to-revision 2',
    );
    assert.deepEqual(rehearsal.kube.writes, []);
    assert.equal((await back(rehearsal, { toRevision: 3 })).changed, false);
  });
  it('does not believe bookkeeping of an earlier upgrade: which way is back is not clear either', async () => {
    // From 1 to 2 with a record, ended verb by verb; then 3 was set with kubectl, and one pod has it.
    const rehearsal = withRevisions(rehearse({ updated: ALL }));
    const { kube } = rehearsal;
    const second = kube.object(CONTROLLER_REVISIONS, `nginx-${NEW_HASH}`) ?? assert.fail();
    const metadata = { ...second.metadata, name: 'nginx-third', creationTimestamp: '2026-01-03T00:00:00Z' };
    kube.put({ ...second, metadata, revision: 3 });
    kube.edit(STATEFUL_SETS, 'nginx', (set) => {
      set.metadata.annotations = { 'kubectl-zeroloss/former-revision': `nginx-${OLD_HASH}` };
      set['status'] = { ...(set['status'] as object), updateRevision: 'nginx-third' };
    });
    const refused = (error: unknown) =>
      error instanceof RefusedError &&
      error.refusals[0]?.rule === 'back-is-clear' &&
      error.refusals[0].override === '--to-revision 2' &&
      /to go back to revision 1 .* and 2 is what it comes from now/.test(error.message);
    await assert.rejects(back(rehearsal), refused);
    for (const ordinal of ALL)
      kube.edit(PODS, `nginx-${ordinal}`, ({ metadata: { labels } }) => {
        Object.assign(labels ?? {}, { 'controller-revision-hash': 'nginx-third' });
      });
    await assert.rejects(back(rehearsal), refused);
    assert.deepEqual(kube.writes, []);
    assert.equal((await back(rehearsal, { toRevision: 2 })).changed, true);
  });
  it('says what comes next: drained pods first, then the others, and clearing up when nothing is outdated', async () => {
    const drained = withRevisions(rehearse({ updated: [0, 1] }));
    await drain(drained.world, { ...common, ordinals: [1] });
    assert.deepEqual((await back(drained)).next.map(String), ['kubectl zeroloss wait-zero nginx']);
    assert.deepEqual((await back(withRevisions(rehearse({ updated: [0] })))).next.map(String), [
      'kubectl zeroloss upgrade nginx',
    ]);
    const early = withRevisions(rehearse());
    await drain(early.world, { ...common, ordinals: [1] });
    assert.deepEqual((await back(early)).next.map(String), ['kubectl zeroloss restore nginx']);
  });
  it('is refused with RollingUpdate, which would replace pods at once', async () => {
    const rehearsal = withRevisions(rehearse({ set: { updateStrategy: 'RollingUpdate' } }));
    await assert.rejects(back(rehearsal), RefusedError);
    assert.deepEqual(rehearsal.kube.writes, []);
  });
  it('carries the resourceVersion that it judged by', async () => {
    const rehearsal = withRevisions(rehearse());
    await back(rehearsal);
    assert.match(JSON.stringify(rehearsal.kube.writes[0]?.body), /"resourceVersion":"\d+"/);
  });
});

describe('the bookkeeping of a rollback', () => {
  const KEY = 'kubectl-zeroloss/former-revision';
  const kept = ({ kube }: Rehearsal) => kube.object(STATEFUL_SETS, 'nginx')?.metadata.annotations?.[KEY];
  const keep = ({ kube }: Rehearsal) =>
    kube.edit(STATEFUL_SETS, 'nginx', ({ metadata }) => {
      metadata.annotations = { ...metadata.annotations, [KEY]: `nginx-${OLD_HASH}` };
    });
  const giveBack = (rehearsal: Rehearsal, more: object = {}) =>
    restore(rehearsal.world, { ...common, ...zero, weightsOnly: false, ...more });
  it('goes with the restore that ends an upgrade, and stays while a pod is outdated', async () => {
    const half = rehearse({ updated: [0, 1] });
    keep(half);
    await giveBack(half);
    assert.equal(kept(half), `nginx-${OLD_HASH}`);
    const whole = rehearse({ updated: ALL });
    keep(whole);
    await giveBack(whole, { dryRun: 'client' });
    await giveBack(whole, { weightsOnly: true });
    await giveBack(whole, { ordinals: [0] });
    assert.equal(kept(whole), `nginx-${OLD_HASH}`);
    const outcome = await giveBack(whole);
    assert.equal(kept(whole), undefined);
    assert.ok(
      outcome.results.some(({ object, action }) => object === 'statefulset/nginx' && action === 'bookkeeping removed'),
    );
    assert.equal((await giveBack(whole)).changed, false);
  });
  it('staying there is reported where the StatefulSet may not be written, and is no failure', async () => {
    const rehearsal = rehearse({ updated: ALL });
    keep(rehearsal);
    rehearsal.kube.beforeWrite((call) => {
      if (call.resource === 'statefulsets') throw new StatusError(403, 'Forbidden', 'may not patch');
    });
    await giveBack(rehearsal);
    assert.match(rehearsal.report.text, /former-revision stays on statefulset\/nginx: .*may not patch/);
  });
  it('is of this upgrade: a record that an earlier one has left is replaced', async () => {
    const rehearsal = rehearse({ updated: ALL });
    keep(rehearsal);
    const set = readStatefulSet(rehearsal.kube.object(STATEFUL_SETS, 'nginx') ?? assert.fail());
    await setImages(rehearsal.world, set, readPods(rehearsal.kube.objects(PODS), set), { nginx: 'nginx:2' });
    assert.equal(kept(rehearsal), `nginx-${NEW_HASH}`);
  });
});
