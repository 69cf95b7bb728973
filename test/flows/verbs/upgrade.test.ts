import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  ConflictError,
  DisagreesError,
  NotStartedError,
  NotYetError,
  RefusedError,
  UsageError,
} from '../../../lib/core/errors.ts';
import type { UpgradeIntent } from '../../../lib/core/intent/intent.ts';
import { planScript } from '../../../lib/core/plan/script.ts';
import type { UpgradePlan } from '../../../lib/core/plan/upgrade-plan.ts';
import { text } from '../../../lib/core/values/read.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { plan } from '../../../lib/flows/verbs/plan.ts';
import { recreate } from '../../../lib/flows/verbs/recreate.ts';
import { restore } from '../../../lib/flows/verbs/restore.ts';
import { surge } from '../../../lib/flows/verbs/surge.ts';
import { upgrade } from '../../../lib/flows/verbs/upgrade.ts';
import { LEASES, PODS, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import { NEW_HASH, pod, service } from '../../builders.ts';
import { bookkeeping, replicas } from '../rehearsal/of-the-set.ts';
import {
  annotation,
  cloudDown,
  common,
  deletions,
  type Rehearsal,
  rehearse,
  upgradeIntent,
  zero,
} from '../rehearsal/rehearsal.ts';
import { holdsLease } from '../rehearsal/troubles.ts';

const wish = upgradeIntent();
const run = (rehearsal: Rehearsal, more: Partial<UpgradeIntent> = {}) => upgrade(rehearsal.world, { ...wish, ...more });
const ALL = Array.from({ length: 10 }, (_, ordinal) => `nginx-${ordinal}`);

/** Every pod replaced, each once: only pods of the beginning were ever deleted. */
function assertUpgraded(rehearsal: Rehearsal, count = ALL.length): void {
  assert.deepEqual([...new Set(deletions(rehearsal))].sort(), ALL.slice(0, count));
  const uids = rehearsal.kube.writes
    .filter((call) => call.verb === 'delete')
    .map((call) => (call.body as { uid: string }).uid);
  assert.equal(new Set(uids).size, count);
  assert.equal(annotation(rehearsal), undefined);
  assert.equal(replicas(rehearsal), count);
  assert.deepEqual(bookkeeping(rehearsal), []);
}

describe('upgrade', () => {
  it('takes every pod through, and leaves nothing behind', async () => {
    const rehearsal = rehearse();
    await run(rehearsal);
    assertUpgraded(rehearsal);
  });
  it('fills the stability window of a batch once: the readings that proved zero go on to the deletion', async () => {
    const rehearsal = rehearse();
    const { source, clock, kube } = rehearsal;
    const endsMs = clock.now() + 60_000;
    source.counts.set('nginx-0', (nowMs) => (nowMs < endsMs ? 1 : 0));
    let deletedMs = Number.NaN;
    const original = kube.delete.bind(kube);
    kube.delete = async (...call) => {
      if (call[1] === 'nginx-0') deletedMs = clock.now();
      return original(...call);
    };
    await run(rehearsal, { timeoutMs: 300_000 });
    const afterMs = deletedMs - endsMs - zero.stableForMs;
    assert.ok(
      afterMs >= 0 && afterMs <= 2 * source.cadence.periodMs,
      `deleted ${afterMs} ms after its window was full`,
    );
  });
  it('with a surge in batches of four', async () => {
    const rehearsal = rehearse();
    await run(rehearsal, { batch: 4, surge: 4 });
    assertUpgraded(rehearsal);
  });
  it('changes nothing when everything is updated', async () => {
    const rehearsal = rehearse({ settled: true });
    const outcome = await run(rehearsal);
    assert.equal(outcome.results[0]?.action, 'already upgraded');
    assert.deepEqual(rehearsal.kube.writes, []);
  });
  it('of no replicas says that there was no pod', async () => {
    const { message } = await run(rehearse({ replicas: 0, settled: true }));
    assert.match(String(message ?? ''), /no pod to upgrade/);
  });
  it('goes on from the half-drained batch of another run', async () => {
    const rehearsal = rehearse();
    await drain(rehearsal.world, { ...common, ordinals: [4, 5] });
    await run(rehearsal);
    assertUpgraded(rehearsal);
    assert.deepEqual(deletions(rehearsal).slice(0, 2).sort(), ['nginx-4', 'nginx-5']);
  });
  it('goes on from a half-recreated batch', async () => {
    const rehearsal = rehearse();
    await drain(rehearsal.world, { ...common, ordinals: [0, 1] });
    await recreate(rehearsal.world, { ...common, ...zero, ordinals: [0], evict: false, force: false });
    await run(rehearsal);
    assertUpgraded(rehearsal);
  });
  it('goes on from a canary: it gets all of its weight back, and nothing is left of it', async () => {
    const rehearsal = rehearse();
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    await recreate(rehearsal.world, { ...common, ...zero, evict: false, force: false });
    const raised = { ...common, ...zero, weightsOnly: false, ordinals: [0], weights: [1], everyMs: 0 };
    await restore(rehearsal.world, raised);
    await run(rehearsal);
    assertUpgraded(rehearsal);
  });
  it('goes on where an earlier run was killed while a deleted pod ends: it waits for the replacement', async () => {
    const rehearsal = rehearse();
    const { kube, balancer, clock } = rehearsal;
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    kube.edit(PODS, 'nginx-0', ({ metadata }) => {
      metadata['deletionTimestamp'] = new Date(clock.now()).toISOString();
      metadata['deletionGracePeriodSeconds'] = 60;
    });
    balancer.unbound.add('nginx-0');
    clock.at(30_000, () => kube.remove(PODS, 'nginx-0'));
    clock.at(32_000, () => {
      const statefulSet = kube.object(STATEFUL_SETS, 'nginx') ?? assert.fail();
      balancer.unbound.delete('nginx-0');
      kube.put(pod({ statefulSet, ordinal: 0, revision: `nginx-${NEW_HASH}` }));
    });
    await run(rehearsal);
    assert.deepEqual([...new Set(deletions(rehearsal))].sort(), ALL.slice(1));
    assert.equal(annotation(rehearsal), undefined);
  });
  for (const soakMs of [0, 60_000])
    it(`waits for weights that an earlier run has written and the load balancer does not show yet, with a soak of ${soakMs / 1000} s`, async () => {
      const rehearsal = rehearse();
      await drain(rehearsal.world, { ...common, ordinals: [0, 1, 2, 3] });
      await recreate(rehearsal.world, { ...common, ...zero, evict: false, force: false });
      await restore(rehearsal.world, { ...common, ...zero, weightsOnly: true });
      for (const name of ALL.slice(0, 4)) rehearsal.balancer.override.set(name, 0);
      const waiting = /waiting for the load balancer: lb-nginx shows nginx-0 at weight 0 on TCP.80, wanted 10/;
      const { clock } = rehearsal.world;
      rehearsal.world.clock = {
        now: () => clock.now(),
        sleep: async (ms, signal) => {
          if (waiting.test(rehearsal.report.text)) rehearsal.balancer.override.clear();
          await clock.sleep(ms, signal);
        },
      };
      await run(rehearsal, { batch: 4, soakMs });
      assertUpgraded(rehearsal);
    });
  it('leaves pods drained by hand at 0, and is done for all that', async () => {
    const weights = [{ weight: 0, podIndexes: [20, 21] }];
    const groups = [{ key: { proto: 'TCP', port: 80 }, statefulSets: [{ name: 'nginx', weights }] }];
    const byHand = JSON.stringify({ defaultWeight: 10, groups });
    const rehearsal = rehearse({ service: { rsWeight: byHand } });
    await run(rehearsal);
    assert.equal(annotation(rehearsal), byHand);
    assert.deepEqual(bookkeeping(rehearsal), []);
    assert.equal((await run(rehearsal)).changed, false);
  });
  it('goes on from a surge without an upgrade', async () => {
    const rehearsal = rehearse();
    await surge(rehearsal.world, { ...common, count: 2, dark: false });
    await run(rehearsal);
    assertUpgraded(rehearsal);
  });
  it('says that another surge than the asked one is on', async () => {
    const rehearsal = rehearse({ replicas: 4 });
    await surge(rehearsal.world, { ...common, count: 1, dark: false });
    await run(rehearsal, { surge: 2 });
    assert.match(rehearsal.report.warnings.join('\n'), /a surge by 1 exists already and is kept: --surge 2/);
    assertUpgraded(rehearsal, 4);
    const same = rehearse({ replicas: 4 });
    await surge(same.world, { ...common, count: 1, dark: false });
    await run(same, { surge: 1 });
    assert.doesNotMatch(same.report.warnings.join('\n'), /exists already and is kept/);
  });
  it('takes a surge away that nothing needs any more', async () => {
    const rehearsal = rehearse({ settled: true });
    await surge(rehearsal.world, { ...common, count: 1, dark: false });
    await run(rehearsal);
    assert.equal(replicas(rehearsal), 10);
    assert.deepEqual(deletions(rehearsal), []);
  });
  it('forgets the way back once nothing is left to go back from', async () => {
    const rehearsal = rehearse({ settled: true });
    rehearsal.kube.edit(STATEFUL_SETS, 'nginx', ({ metadata }) => {
      metadata.annotations = { ...metadata.annotations, 'kubectl-zeroloss/former-revision': 'nginx-old' };
    });
    await run(rehearsal);
    assert.deepEqual(bookkeeping(rehearsal), []);
  });
  it('keeps the surplus while an updated pod is sick', async () => {
    const rehearsal = rehearse({ updated: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] });
    await surge(rehearsal.world, { ...common, count: 1, dark: false });
    rehearsal.balancer.health.set('nginx-3', 'dead');
    await assert.rejects(run(rehearsal), DisagreesError);
    assert.deepEqual([replicas(rehearsal), annotation(rehearsal)], [11, undefined]);
  });
  it('asks once before the first write, and before each batch that this did not name; a no names what is written and the way back', async () => {
    const rehearsal = rehearse();
    const questions: string[] = [];
    const world = { ...rehearsal.world, confirm: async (question: string) => questions.push(question) < 3 };
    await assert.rejects(
      upgrade(world, { ...wish, yes: false }),
      (error: unknown) =>
        error instanceof NotYetError &&
        /stopped before ordinal 2 \(answered no\)/.test(error.message) &&
        /2 of 10 pods are updated/.test(error.hint ?? '') &&
        /to go back: kubectl zeroloss rollback nginx/.test(error.hint ?? '') &&
        error.results.some(({ object, action }) => object === 'pod/nginx-1' && action === 'recreated'),
    );
    assert.equal(questions.length, 3);
    assert.match(questions[0] ?? '', /namespace default[\s\S]*lb-[\s\S]*batches +10: 0[\s\S]*Start this upgrade\?$/);
    assert.match(questions[1] ?? '', /Drain ordinal 1 .*9 outdated/);
    assert.match(rehearsal.report.text, /\bdrain 1$/m, 'what was agreed to is announced');
    assert.doesNotMatch(rehearsal.report.text, /\bdrain 2$/m, 'what was declined is not');
    assert.equal(annotation(rehearsal), undefined);
    assert.deepEqual(deletions(rehearsal), ['nginx-0', 'nginx-1']);
  });
  it('asks before it replaces pods that another writer has drained, and deletes nothing on no', async () => {
    const rehearsal = rehearse();
    await drain(rehearsal.world, { ...common, ordinals: [4, 5] });
    const questions: string[] = [];
    const answer = (yes: boolean) => ({
      ...rehearsal.world,
      confirm: async (question: string) => questions.push(question) > 0 && yes,
    });
    await assert.rejects(
      upgrade(answer(false), { ...wish, yes: false }),
      (error: unknown) => error instanceof NotYetError && /restore nginx 4,5/.test(error.hint ?? ''),
    );
    assert.match(questions[0] ?? '', /drained +4,5, by another writer or by an earlier run/);
    assert.deepEqual(deletions(rehearsal), []);
    await upgrade(answer(true), { ...wish, batch: 4, yes: false });
    assertUpgraded(rehearsal);
    assert.deepEqual(
      questions.slice(2).map((question) => /ordinals [\d,-]+/.exec(question)?.[0]),
      ['ordinals 0-3', 'ordinals 6-9'],
    );
  });
  it('asks before it writes anything: on every answer but y the template is what it was', async () => {
    const rehearsal = rehearse({ settled: true });
    const questions: string[] = [];
    const world = { ...rehearsal.world, confirm: async (question: string) => questions.push(question) < 1 };
    await assert.rejects(
      upgrade(world, { ...wish, images: { nginx: 'nginx:9.9.9' }, batch: 4, surge: 2, yes: false }),
      (error: unknown) => error instanceof NotYetError && error.message === 'not started, nothing written',
    );
    assert.deepEqual(rehearsal.kube.writes, []);
    assert.match(questions[0] ?? '', /nginx: nginx:1\.\S+ -> nginx:9\.9\.9/);
    assert.match(
      questions[0] ?? '',
      /batches +3: 0-3 \| 4-7 \| 8,9[\s\S]*surge +2 more replicas during the upgrade: ordinals 10,11[\s\S]*minimum time/,
    );
  });
  for (const [name, more] of [
    ['a batch of all', { batch: 20 }],
    ['a batch that the surge does not make up for', { batch: 8, surge: 2 }],
    ['a surplus whose end would go below the floor', { batch: 1, surge: 12 }],
  ] as const)
    it(`refuses what the floor can never allow before the template is touched: ${name}`, async () => {
      const rehearsal = rehearse({ settled: true });
      const asked: string[] = [];
      const world = { ...rehearsal.world, confirm: async (question: string) => asked.push(question) > 0 };
      await assert.rejects(
        upgrade(world, { ...wish, images: { nginx: 'nginx:9.9.9' }, ...more, yes: false }),
        (error: unknown) => error instanceof RefusedError && /at most \d+ at a time/.test(error.message),
      );
      assert.deepEqual([rehearsal.kube.writes, asked], [[], []]);
    });
  it('whose image was set beforehand keeps the surplus dark until it has been verified, and counts it only then', async () => {
    const rehearsal = rehearse({ replicas: 4 });
    const { kube } = rehearsal;
    await run(rehearsal, { surge: 2, batch: 2 });
    const patches = kube.writes.filter(({ resource }) => resource === 'services' || resource === 'statefulsets');
    const texts = patches.map(({ body }) => JSON.stringify(body));
    const born = texts.findIndex((body) => body.includes('"replicas":6'));
    assert.ok(
      texts.slice(0, born).some((body) => body.includes('\\"podIndexes\\":[4,5]')),
      'weight 0 before birth',
    );
    const lit = texts.findIndex((body, index) => index > born && !body.includes('[4,5]'));
    const drained = texts.findIndex((body, index) => index > born && body.includes('\\"podIndexes\\":[0,1]'));
    assert.ok(born >= 0 && lit > born && drained > lit, texts.join('\n'));
    assertUpgraded(rehearsal, 4);
    // One that is sick on the new revision gets no traffic, and nothing goes on.
    const sick = rehearse({ replicas: 4 });
    sick.balancer.health.set('nginx-4', 'dead');
    await assert.rejects(run(sick, { surge: 1, timeoutMs: 60_000 }), NotYetError);
    assert.match(annotation(sick) ?? '', /"weight":0,"podIndexes":\[4\]/);
    assert.deepEqual(deletions(sick), []);
  });
  it('shows each batch in one line, its results at once, and by what it counts only once', async () => {
    const rehearsal = rehearse();
    const shown: string[] = [];
    const world = {
      ...rehearsal.world,
      done: ({ object, action }: { object: string; action: string }) => shown.push(`${object} ${action}`),
    };
    await upgrade(world, { ...wish, batch: 4 });
    const lines = rehearsal.report.text.split('\n').filter((line) => /^(progress: )?\[/.test(line));
    assert.equal(lines.length, 3);
    assert.match(
      lines[0] ?? '',
      /\[1\/3\] ordinals 0-3: drained · zero after \d+s · recreated · healthy {3}4 of 10 updated, about \S+ left$/,
    );
    assert.match(lines[2] ?? '', /\[3\/3\] ordinals 8,9: .* 10 of 10 updated$/);
    assert.deepEqual(shown.slice(0, 3), ['service/nginx drained', 'pod/nginx-0 recreated', 'pod/nginx-1 recreated']);
    assert.equal(rehearsal.report.text.match(/counting by/g)?.length, 1);
  });
  it('that times out says what it has done and where everything stands, and nothing of one wait alone', async () => {
    const rehearsal = rehearse();
    rehearsal.source.counts.set('nginx-1', 3);
    await assert.rejects(run(rehearsal, { timeoutMs: 60_000 }), (error: unknown) => {
      assert.ok(error instanceof NotYetError);
      assert.match(error.hint ?? '', /1 of 10 pods are updated; ordinal 1 at weight 0/);
      assert.doesNotMatch(error.hint ?? '', /no weight was changed/);
      assert.deepEqual(
        error.results.map(({ object, action }) => `${object} ${action}`),
        ['service/nginx drained', 'pod/nginx-0 recreated', 'service/nginx restored', 'service/nginx drained'],
      );
      return true;
    });
  });
  it('is not started where there is no terminal to ask on: exit 6, nothing written, and --yes is the way', async () => {
    const rehearsal = rehearse();
    await assert.rejects(run(rehearsal, { yes: false }), (error: unknown) => {
      assert.ok(error instanceof NotStartedError);
      assert.equal(error.exitCode, 6);
      assert.match(error.message, /^not started, nothing written: there is no terminal/);
      assert.match(error.hint ?? '', /--yes/);
      return true;
    });
    assert.deepEqual(rehearsal.kube.writes, []);
  });
  for (const soakMs of [0, 60_000])
    it(`waits for the load balancer's first checks of a batch before it observes it, with a soak of ${soakMs / 1000} s`, async () => {
      const rehearsal = rehearse({ replicas: 4 });
      const { balancer, clock, kube } = rehearsal;
      // Without a readiness gate a pod is ready before the load balancer has checked it.
      kube.beforeWrite((call) => {
        if (call.verb !== 'delete' || call.name === undefined) return;
        const name = call.name;
        balancer.health.set(name, 'probing');
        clock.at(clock.now() - clock.startMs + 20_000, () => void balancer.health.set(name, 'alive'));
      });
      await run(rehearsal, { batch: 2, soakMs });
      assert.deepEqual(deletions(rehearsal), ALL.slice(0, 4));
      assert.match(rehearsal.report.text, /waiting for the load balancer's first checks: nginx-0 is probing/);
    });
  it('observes each batch for the soak, and stops when it turns sick', async () => {
    const rehearsal = rehearse();
    rehearsal.clock.at(120_000, () => {
      rehearsal.balancer.health.set('nginx-0', 'dead');
    });
    await assert.rejects(
      run(rehearsal, { soakMs: 600_000 }),
      (error: unknown) => error instanceof DisagreesError && /nginx-0 is dead/.test(error.message),
    );
    assert.deepEqual(deletions(rehearsal), ['nginx-0']);
  });
  it('never goes on over a sick pod that an earlier run left', async () => {
    const rehearsal = rehearse({ updated: [0] });
    rehearsal.balancer.health.set('nginx-0', 'dead');
    await assert.rejects(run(rehearsal), DisagreesError);
    assert.deepEqual(deletions(rehearsal), []);
  });
  it('is refused while another operator holds the lease, saying who and since when', async () => {
    const rehearsal = rehearse();
    const held = (pid: number) => ({
      ...rehearsal.world,
      leaseHolder: { identity: `one@desk/${pid}`, isGone: () => false },
    });
    holdsLease(rehearsal, rehearsal.clock.now());
    await assert.rejects(
      upgrade(held(1), wish),
      (error: unknown) => error instanceof ConflictError && /two@laptop\/7 .*, begun \d+\S* ago/.test(error.message),
    );
    await assert.rejects(
      upgrade(held(1), { ...wish, takeOver: true }),
      ConflictError,
      'a lease that is alive cannot be taken over',
    );
    await rehearsal.clock.sleep(61_000);
    await assert.rejects(
      upgrade(held(1), wish),
      (error: unknown) => error instanceof ConflictError && /--take-over/.test(error.hint ?? ''),
    );
    await upgrade(held(1), { ...wish, takeOver: true });
    assertUpgraded(rehearsal);
    assert.equal(text(rehearsal.kube.object(LEASES, 'kubectl-zeroloss-nginx'), 'spec', 'holderIdentity'), undefined);
  });
  it('names --take-over where every verb that holds the lease has it', async () => {
    const rehearsal = rehearse();
    const world = { ...rehearsal.world, leaseHolder: { identity: 'one@desk/1', isGone: () => false } };
    await drain(world, { ...common, ordinals: [0] });
    const verbs: Record<string, (takeOver: boolean) => Promise<unknown>> = {
      surge: (takeOver) => surge(world, { ...common, count: 1, dark: true, takeOver }),
      recreate: (takeOver) =>
        recreate(world, { ...common, ...zero, ordinals: [0], evict: false, force: false, takeOver }),
      restore: (takeOver) => restore(world, { ...common, ...zero, weightsOnly: false, takeOver }),
    };
    for (const [verb, call] of Object.entries(verbs)) {
      holdsLease(rehearsal, rehearsal.clock.now() - 61_000);
      await assert.rejects(
        call(false),
        (error: unknown) => error instanceof ConflictError && /--take-over/.test(error.hint ?? ''),
        verb,
      );
      await call(true);
    }
  });
  it('takes the lease of its own machine’s dead process without a question', async () => {
    const rehearsal = rehearse({ settled: true });
    const at = new Date(rehearsal.clock.now()).toISOString();
    rehearsal.kube.put({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'kubectl-zeroloss-nginx' },
      spec: { holderIdentity: 'me@here/9', leaseDurationSeconds: 60, acquireTime: at, renewTime: at },
    });
    const world = {
      ...rehearsal.world,
      leaseHolder: { identity: 'me@here/10', isGone: (other: string) => other === 'me@here/9' },
    };
    await upgrade(world, wish);
  });
});

describe('every state that a kill can leave', () => {
  it('is taken to the end by the same command', async () => {
    const count = rehearse({ replicas: 4 });
    await run(count, { batch: 2, surge: 1 });
    const total = count.kube.writes.length;
    for (let kill = 0; kill < total; kill++) {
      const rehearsal = rehearse({ replicas: 4 });
      let writes = 0;
      rehearsal.kube.beforeWrite(() => {
        if (writes++ === kill) throw new Error('killed');
      });
      await run(rehearsal, { batch: 2, surge: 1 }).catch(() => undefined);
      rehearsal.kube.beforeWrite(undefined);
      await run(rehearsal, { batch: 2, surge: 1 });
      assertUpgraded(rehearsal, 4);
    }
  });
});

describe('every state that a kill can leave with two Services', () => {
  it('is taken to the end by the same command, and each annotation is as it was before', async () => {
    const weights = [
      { weight: 3, podIndexes: [1, 2] },
      { weight: 7, podIndexes: [0] },
    ];
    const groups = [{ key: { proto: 'TCP', port: 80 }, statefulSets: [{ name: 'nginx', weights }] }];
    const rsWeight = JSON.stringify({ defaultWeight: 10, groups });
    const ports = [{ port: 8080, targetPort: 80 }];
    const begin = () =>
      rehearse({
        replicas: 4,
        services: [service({ rsWeight }), service({ name: 'inner', selector: { app: 'nginx' }, ports })],
      });
    const twoServices = { batch: 2, surge: 1 };
    const count = begin();
    await run(count, twoServices);
    for (let kill = 0; kill < count.kube.writes.length; kill++) {
      const rehearsal = begin();
      let writes = 0;
      rehearsal.kube.beforeWrite(() => {
        if (writes++ === kill) throw new Error('killed');
      });
      await run(rehearsal, twoServices).catch(() => undefined);
      rehearsal.kube.beforeWrite(undefined);
      await run(rehearsal, twoServices);
      const left = ['nginx', 'inner'].map((name) => annotation(rehearsal, name));
      assert.deepEqual(
        [...left, replicas(rehearsal), ...bookkeeping(rehearsal)],
        [rsWeight, undefined, 4],
        `write ${kill}`,
      );
    }
  });
});
describe('plan', () => {
  const ask = {
    ...common,
    images: { nginx: 'nginx:1.25.5' },
    batch: 4,
    surge: 1,
    soakMs: 0,
    stableForMs: 30_000,
    countingWords: [] as string[],
  };
  const planned = async (more: object = {}) =>
    (await plan(rehearse().world, { ...ask, ...more })).details as UpgradePlan;
  it('covers every pod once, surplus last, and writes nothing', async () => {
    const rehearsal = rehearse();
    const details = (await plan(rehearsal.world, ask)).details as UpgradePlan;
    assert.deepEqual(details.batches, [
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9],
    ]);
    assert.deepEqual(details.surplus, [10]);
    assert.deepEqual(details.steps.at(-1)?.words, ['restore', 'nginx']);
    assert.deepEqual(rehearsal.kube.writes, []);
    assert.equal(details.version, 1);
  });
  it('names an unknown container', () =>
    assert.rejects(
      planned({ images: { web: 'x' } }),
      (error: unknown) => error instanceof UsageError && /nginx/.test(error.hint ?? ''),
    ));
  it('as a script stops at the first failure, and lets the last advance end', async () => {
    const script = planScript(await planned({ surge: 0 }));
    assert.match(script, /^#!\/usr\/bin\/env bash\n/);
    assert.match(script, /set -euo pipefail/);
    assert.match(script, /advance nginx --from 8,9 -n default \|\| \{ code=\$\?; /);
    assert.match(script, /# Batch 3 of 3: ordinals 8,9/);
  });
  it('with a soak gives traffic back and observes before the next batch', async () => {
    const words = (await planned({ soakMs: 60_000, surge: 0 })).steps
      .filter((step) => step.batch === 1)
      .map((step) => step.words.join(' '));
    assert.deepEqual(words, [
      'drain nginx 0-3 --skip-done',
      'wait-zero nginx 0-3 --skip-done',
      'recreate nginx 0-3 --skip-done',
      'verify nginx 0-3',
      'restore nginx 0-3',
      'verify nginx 0-3 --for 1m',
    ]);
  });

  const refused = async (given: Rehearsal, more: object = {}) =>
    (await plan(given.world, { ...ask, ...more })).refusals.map(({ rule }) => rule);
  it('names everything that would refuse its steps', async () => {
    assert.deepEqual(await refused(rehearse()), []);
    const custom = rehearse();
    custom.kube.edit(PODS, 'nginx-9', ({ metadata }) => {
      metadata.annotations = { 'service.cloud.tencent.com/custom-weight': '5' };
    });
    assert.deepEqual(await refused(custom), ['no-custom-weight']);
    const scaled = rehearse();
    scaled.kube.put({
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'nginx' },
      spec: { scaleTargetRef: { kind: 'StatefulSet', name: 'nginx' } },
    });
    assert.deepEqual(await refused(scaled), ['no-autoscaler']);
    assert.deepEqual(await refused(scaled, { surge: 0 }), []);
    const elsewhere = rehearse();
    const address = (elsewhere.kube.object(PODS, 'nginx-7')?.['status'] as { podIP?: string } | undefined)?.podIP ?? '';
    elsewhere.balancer.foreign.push({
      balancerId: 'lb-other',
      listenerId: 'lbl-1',
      protocol: 'TCP',
      port: 81,
      address,
      backendPort: 80,
      weight: 10,
    });
    assert.deepEqual(await refused(elsewhere), ['no-other-binding']);
    const dead = rehearse();
    for (const name of ALL) dead.balancer.health.set(name, 'dead');
    assert.deepEqual(await refused(dead), ['floor', 'some-healthy']);
  });
  it('counts a surplus that is still to come as serving, never above it, and a floor that is given', async () => {
    assert.deepEqual(await refused(rehearse(), { batch: 5, surge: 0 }), []);
    assert.deepEqual(await refused(rehearse(), { batch: 6, surge: 0 }), ['floor']);
    assert.deepEqual(await refused(rehearse(), { batch: 6, surge: 2 }), []);
    assert.deepEqual(await refused(rehearse(), { batch: 8, surge: 1 }), ['floor']);
    assert.deepEqual(await refused(rehearse(), { batch: 8, surge: 1, minServing: { kind: 'count', count: 3 } }), []);
  });
  it('counts as serving what an earlier run has replaced: the plan gives it back first', async () => {
    const rehearsal = rehearse({ updated: [0, 1, 2, 3] });
    await drain(rehearsal.world, { ...common, ordinals: [0, 1, 2, 3] });
    assert.deepEqual(await refused(rehearsal, { images: {}, batch: 5, surge: 0 }), []);
  });
  it('shows the connections of now, and leaves them unknown where the load balancer cannot be asked', async () => {
    const rehearsal = rehearse();
    rehearsal.source.counts.set('nginx-1', 7);
    assert.equal(((await plan(rehearsal.world, ask)).details as UpgradePlan).connections, 7);
    rehearsal.source.counts.set('nginx-2', null);
    assert.equal(((await plan(rehearsal.world, ask)).details as UpgradePlan).connections, null);
    const dark = rehearse();
    dark.balancer.failure = cloudDown;
    assert.equal(((await plan(dark.world, ask)).details as UpgradePlan).connections, null);
    assert.match(dark.report.text, /the load balancer cannot be asked/);
  });
});
