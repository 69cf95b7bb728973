import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { NotYetError, RefusedError } from '../../../lib/core/errors.ts';
import { parseMinServing } from '../../../lib/core/safety/floor.ts';
import { parseOrdinals } from '../../../lib/core/target/ordinals.ts';
import type { Advice } from '../../../lib/core/values/command.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { restore } from '../../../lib/flows/verbs/restore.ts';
import { status } from '../../../lib/flows/verbs/status.ts';
import { surge } from '../../../lib/flows/verbs/surge.ts';
import { upgrade } from '../../../lib/flows/verbs/upgrade.ts';
import { waitZero } from '../../../lib/flows/verbs/wait-zero.ts';
import { STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import { replicas } from '../rehearsal/of-the-set.ts';
import { common, type Rehearsal, rehearse, upgradeIntent, zero } from '../rehearsal/rehearsal.ts';

const wantHealthy = ({ kube }: Rehearsal, desiredHealthy: number) =>
  kube.put({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'nginx' },
    spec: { selector: { matchLabels: { app: 'nginx' } }, maxUnavailable: 1 },
    status: { desiredHealthy },
  });
const surged = async (count: number, desiredHealthy: number, settled = true) => {
  const rehearsal = rehearse({ replicas: 4, settled });
  wantHealthy(rehearsal, desiredHealthy);
  const outcome = await surge(rehearsal.world, { ...common, count, dark: false });
  return { rehearsal, outcome };
};
const back = ({ world }: Rehearsal) => restore(world, { ...common, ...zero, weightsOnly: false });
const adviceOf = async (work: Promise<unknown>): Promise<Advice> =>
  work.then(
    () => assert.fail('it should end with advice'),
    (error: unknown) => {
      if (error instanceof RefusedError) return error.refusals.find(({ cure }) => cure)?.cure ?? assert.fail();
      return error instanceof NotYetError ? (error.advice ?? assert.fail()) : Promise.reject(error);
    },
  );
const drainIn = (advised: Advice): readonly string[] | undefined =>
  advised.parts.flatMap((part) => (typeof part !== 'string' && part.words[0] === 'drain' ? [part.words] : []))[0];
/** The drain as it would be typed. */
function typed({ world }: Rehearsal, [, , ordinals = '', flag, floor]: readonly string[], dryRun: 'none' | 'client') {
  assert.ok(flag === undefined || flag === '--min-serving');
  const minServing = floor === undefined ? {} : { minServing: parseMinServing(floor) };
  return drain(world, { ...common, dryRun, ordinals: parseOrdinals(ordinals, 'nginx'), ...minServing });
}

describe('a drain as the next command', () => {
  it('restore with a surge that a budget counts names a drain that is not refused, and its commands end the surge', async () => {
    const { rehearsal } = await surged(2, 5);
    const advised = await adviceOf(back(rehearsal));
    assert.match(
      String(advised),
      /^kubectl zeroloss drain nginx 4,5 --min-serving 4 && kubectl zeroloss wait-zero nginx && kubectl zeroloss restore nginx {3}# lowers the floor, which counts the surplus: 4 keep serving on each listener\n/,
    );
    await typed(rehearsal, drainIn(advised) ?? assert.fail(), 'none');
    await waitZero(rehearsal.world, { ...common, ...zero });
    await back(rehearsal);
    assert.equal(replicas(rehearsal), 4);
  });

  it('where the floor allows it the drain is named as it is', async () => {
    const { rehearsal } = await surged(2, 3);
    assert.match(String(await adviceOf(back(rehearsal))), /^kubectl zeroloss drain nginx 4,5 && /);
  });

  it('status names the same drain of the surplus as restore', async () => {
    const { rehearsal } = await surged(2, 5);
    const { next } = await status(rehearsal.world, common);
    assert.deepEqual(
      next.map(({ command }) => command.words),
      [['drain', 'nginx', '4,5', '--min-serving', '4']],
    );
  });

  it('no drain is named where no other pod serves', async () => {
    const { rehearsal } = await surged(2, 5);
    for (const ordinal of [0, 1, 2, 3]) rehearsal.balancer.health.set(`nginx-${ordinal}`, 'dead');
    const advised = await adviceOf(back(rehearsal));
    assert.equal(drainIn(advised), undefined);
    assert.match(
      String(advised),
      /^too few of the other pods serve .*kubectl zeroloss status nginx\n.*--weights-only$/,
    );
  });

  it('without the cloud the drain is named all the same', async () => {
    const { rehearsal } = await surged(2, 5);
    rehearsal.balancer.failure = new Error('down');
    assert.match(String(await adviceOf(back(rehearsal))), /^kubectl zeroloss drain nginx 4,5 && /);
  });

  it('after a surge and in wait-zero it is of as many outdated pods as the floor allows', async () => {
    const { rehearsal, outcome } = await surged(2, 5, false);
    assert.deepEqual(
      outcome.next.map(({ command }) => command.words),
      [['drain', 'nginx', '0']],
    );
    const asked = { ...common, ...zero, ordinals: [1, 2] };
    assert.deepEqual(drainIn(await adviceOf(waitZero(rehearsal.world, asked))), ['drain', 'nginx', '1']);
    wantHealthy(rehearsal, 6);
    assert.match(String(await adviceOf(waitZero(rehearsal.world, asked))), /^kubectl zeroloss plan nginx /);
  });

  it("a floor that is the workload's own default is kept by the drain that is named", async () => {
    const { rehearsal } = await surged(1, 0);
    rehearsal.kube.edit(STATEFUL_SETS, 'nginx', ({ metadata }) => {
      metadata.annotations = { ...metadata.annotations, 'kubectl-zeroloss/default-min-serving': '100%' };
    });
    assert.match(String(await adviceOf(back(rehearsal))), /^kubectl zeroloss drain nginx 4 --min-serving 4 && /);
  });

  it('an upgrade whose budget counts the surplus names the drain that lets the same command come to its end', async () => {
    const rehearsal = rehearse({ replicas: 4 });
    const list = rehearsal.kube.list.bind(rehearsal.kube);
    // As the controller of the budget: one of the replicas of the moment may be missing.
    rehearsal.kube.list = async (...call: Parameters<typeof list>) => {
      wantHealthy(rehearsal, (replicas(rehearsal) ?? 0) - 1);
      return list(...call);
    };
    const intent = upgradeIntent({ surge: 2 });
    const error = await upgrade(rehearsal.world, intent).then(
      () => assert.fail('it should be stopped by the floor'),
      (error: unknown) => error,
    );
    assert.ok(error instanceof RefusedError, String(error));
    const words = drainIn(error.refusals[0]?.cure ?? assert.fail());
    assert.deepEqual(words, ['drain', 'nginx', '4,5', '--min-serving', '4']);
    await typed(rehearsal, words, 'none');
    await upgrade(rehearsal.world, intent);
    assert.equal(replicas(rehearsal), 4);
  });

  it('a floor that was typed is no cause for a lower one', async () => {
    const { rehearsal } = await surged(2, 0);
    const words = ['drain', 'nginx', '4,5', '--min-serving', '5'];
    await assert.rejects(typed(rehearsal, words, 'client'), (error: unknown) => {
      assert.ok(error instanceof RefusedError);
      assert.equal(error.refusals[0]?.cure, undefined);
      return true;
    });
  });

  it('law: the floor refuses none that is named', async () => {
    const world = fc.record({
      count: fc.integer({ min: 1, max: 3 }),
      budget: fc.integer({ min: 0, max: 7 }),
      dead: fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { maxLength: 4 }),
      asked: fc.option(fc.uniqueArray(fc.integer({ min: 0, max: 3 }), { minLength: 1 })),
    });
    await fc.assert(
      fc.asyncProperty(world, async ({ count, budget, dead, asked }) => {
        const { rehearsal } = await surged(count, budget, false);
        for (const ordinal of dead) rehearsal.balancer.health.set(`nginx-${ordinal}`, 'dead');
        const ordinals = asked?.toSorted();
        const advised = await adviceOf(
          ordinals ? waitZero(rehearsal.world, { ...common, ...zero, ordinals }) : back(rehearsal),
        );
        const words = drainIn(advised);
        if (words !== undefined) await typed(rehearsal, words, 'client');
      }),
      { numRuns: 60 },
    );
  });
});
