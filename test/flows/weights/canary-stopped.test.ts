import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DisagreesError, ExitCode, InterruptedError, NotStartedError } from '../../../lib/core/errors.ts';
import type { PlanIntent } from '../../../lib/core/intent/intent.ts';
import { check } from '../../../lib/flows/verbs/check.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { plan } from '../../../lib/flows/verbs/plan.ts';
import { restore } from '../../../lib/flows/verbs/restore.ts';
import { status } from '../../../lib/flows/verbs/status.ts';
import { upgrade } from '../../../lib/flows/verbs/upgrade.ts';
import { planSummary } from '../../../lib/output/results/plan-summary.ts';
import { annotation, common, type Rehearsal, rehearse, upgradeIntent, zero } from '../rehearsal/rehearsal.ts';

const EVERY = [0, 1, 2, 3];

/** Every pod is updated; the given ones are drained. */
async function drained(ordinals = [0]): Promise<Rehearsal> {
  const rehearsal = rehearse({ replicas: 4, updated: EVERY });
  await drain(rehearsal.world, { ...common, ordinals });
  return rehearsal;
}

const raise = ({ world }: Pick<Rehearsal, 'world'>, weights: number[], more: object = {}) =>
  restore(world, { ...common, ...zero, weightsOnly: false, ordinals: [0], weights, everyMs: 120_000, ...more });

/** A canary that was stopped at weight 5 of 10. */
async function stoppedAtFive(): Promise<Rehearsal> {
  const rehearsal = await drained();
  await raise(rehearsal, [5]);
  return rehearsal;
}

const planIntent = { ...common, ...zero, images: {}, batch: 1, surge: 0, soakMs: 0, countingWords: [] };

describe('a canary that was stopped half-way', () => {
  const ways: [string, Partial<PlanIntent>][] = [
    ['batches', {}],
    ['a window', { maxUnavailable: { kind: 'count', count: 2 } }],
  ];
  for (const [way, more] of ways)
    it(`is work that plan names, with the weight that it has (${way})`, async () => {
      const { world } = await stoppedAtFive();
      const { details } = await plan(world, { ...planIntent, ...more });
      assert.deepEqual(details.canaries, [{ ordinals: [0], weight: 5, former: 10 }]);
      assert.match(planSummary(details), /^no pod is to be replaced, .*: ordinal 0 at weight 5 of 10/);
      assert.ok(details.steps.some(({ words }) => ['restore', 'advance'].includes(words[0] ?? '')));
    });

  it('is a row of the first question of upgrade, and a no names the command that raises it in steps', async () => {
    const { world, kube } = await stoppedAtFive();
    let asked = '';
    world.confirm = async (question) => {
      asked = question;
      return false;
    };
    const before = kube.writes.length;
    await assert.rejects(upgrade(world, upgradeIntent({ yes: false })), (error: unknown) => {
      assert.ok(error instanceof NotStartedError);
      assert.match(error.hint ?? '', /restore nginx 0 --weight 5,10$/m);
      return true;
    });
    assert.match(asked, /canary +ordinal 0 at weight 5 of 10: given the whole weight at once$/m);
    assert.equal(kube.writes.length, before);
  });

  it('is named by upgrade --yes, which gives it all of its weight', async () => {
    const rehearsal = await stoppedAtFive();
    await upgrade(rehearsal.world, upgradeIntent());
    assert.match(rehearsal.report.warnings.join('\n'), /canary: ordinal 0 at weight 5 of 10/);
    assert.equal(annotation(rehearsal), undefined);
  });

  it('is a WARN of check, with the command that raises it on, and a part of the sentence of status', async () => {
    const { world } = await stoppedAtFive();
    const { details } = await check(world, { ...common, stableForMs: 10_000 });
    const found = details.findings.find(({ rule }) => rule === 'canary-weight');
    assert.equal(found?.level, 'WARN');
    assert.match(found?.message ?? '', /ordinal 0 at weight 5 of 10/);
    assert.match(String(found?.cure), /restore nginx 0 --weight 5,10$/);
    const shown = await status(world, { ...common, cloud: true });
    assert.equal(shown.message, 'nothing is drained; canary: ordinal 0 at weight 5 of 10');
    assert.deepEqual(shown.details.canaries, { 0: 5 });
    assert.match(String(shown.next[0]), /restore nginx {3}# gives the canary the whole weight at once too/);
  });

  it('is no WARN once its weight is back', async () => {
    const { world } = await stoppedAtFive();
    await restore(world, { ...common, ...zero, weightsOnly: false });
    const { details } = await check(world, { ...common, stableForMs: 10_000 });
    assert.ok(!details.findings.some(({ rule }) => rule === 'canary-weight'));
    assert.equal(planSummary((await plan(world, planIntent)).details), 'nothing to do: every pod is updated');
  });
});

describe('updated pods that are still drained', () => {
  it('are a row of the first question', async () => {
    const { world } = await drained([0, 1]);
    let asked = '';
    world.confirm = async (question) => {
      asked = question;
      return false;
    };
    await assert.rejects(upgrade(world, upgradeIntent({ yes: false })), NotStartedError);
    assert.match(asked, /back +0,1, updated and at weight 0: given traffic first$/m);
  });
});

describe('an interrupted restore --weight', () => {
  it('names the weight that it stopped at, what it has written, and the command that goes on from there', async () => {
    const rehearsal = await drained();
    const { clock, world } = rehearsal;
    const stop = new AbortController();
    clock.at(clock.now() - clock.startMs + 150_000, () => stop.abort(new InterruptedError('SIGINT', 'interrupted')));
    await assert.rejects(raise({ world: { ...world, signal: stop.signal } }, [1, 5, 10]), (error: unknown) => {
      assert.ok(error instanceof InterruptedError);
      assert.equal(error.exitCode, ExitCode.interrupted);
      assert.match(error.message, /ordinal 0 stays at weight 5 \(step 2 of 3\)$/);
      assert.match(error.hint ?? '', /to go on: kubectl zeroloss restore nginx 0 --weight 5,10 --every 2m$/m);
      assert.match(error.unwritten?.message ?? '', /has written nothing: ordinal 0 stays at weight 5/);
      assert.deepEqual(
        error.results.map(({ object, note }) => `${object} ${note}`),
        ['service/nginx ordinal 0 to weight 5 on TCP/80'],
      );
      return true;
    });
  });
});

describe('a restore --weight that the load balancer does not follow', () => {
  it('carries the weight that it has written', async () => {
    const rehearsal = await drained();
    await rehearsal.balancer.observe({ id: 'lb-nginx' });
    rehearsal.balancer.asleep = true;
    await assert.rejects(raise(rehearsal, [1, 5], { timeoutMs: 3_000 }), (error: unknown) => {
      assert.ok(error instanceof DisagreesError);
      assert.deepEqual(
        error.results.map(({ object, note }) => `${object} ${note}`),
        ['service/nginx ordinal 0 to weight 1 on TCP/80'],
      );
      return true;
    });
  });
});
