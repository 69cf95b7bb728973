import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { UpgradeIntent } from '../../../lib/core/intent/intent.ts';
import { parsePauseAt } from '../../../lib/core/plan/pause-at.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { surge } from '../../../lib/flows/verbs/surge.ts';
import { upgrade } from '../../../lib/flows/verbs/upgrade.ts';
import { EVENTS } from '../../../lib/ports/resources.ts';
import { replicas } from '../rehearsal/of-the-set.ts';
import { annotation, common, deletions, type Rehearsal, rehearse, upgradeIntent } from '../rehearsal/rehearsal.ts';

const run = (rehearsal: Rehearsal, more: Partial<UpgradeIntent>) =>
  upgrade(rehearsal.world, upgradeIntent({ timeoutMs: 3_600_000, minServing: { kind: 'count', count: 1 }, ...more }));
const names = (count: number) => Array.from({ length: count }, (_, ordinal) => `nginx-${ordinal}`);
const pauses = ({ kube }: Rehearsal) =>
  kube.objects(EVENTS).filter((event) => event['reason'] === 'ZerolossPauseReached');

const WAYS: readonly [string, Partial<UpgradeIntent>][] = [
  ['in batches', { batch: 4 }],
  ['as a window', { maxUnavailable: { kind: 'count', count: 4 } }],
];

describe('upgrade --pause-at', () => {
  for (const [way, wish] of WAYS) {
    it(`${way}, ends with 0 once half of the pods are updated, with no pod drained and no more than half begun`, async () => {
      const rehearsal = rehearse();
      const outcome = await run(rehearsal, { ...wish, pauseAt: parsePauseAt('50%') });
      assert.deepEqual([outcome.exitCode, outcome.paused], [0, true]);
      assert.deepEqual(outcome.details, { updated: 5, pods: 10, pauseAt: 5 });
      assert.deepEqual(deletions(rehearsal).sort(), names(5));
      assert.equal(annotation(rehearsal), undefined);
      assert.match(String(outcome.message), /5 of 10 pods: 5 of 10 pods are updated; nothing is drained/);
      assert.deepEqual(outcome.next.map(String), [
        'kubectl zeroloss upgrade nginx   # goes on',
        'kubectl zeroloss rollback nginx   # the way back',
      ]);
      assert.equal(pauses(rehearsal).length, 1);
    });

    it(`${way}, begins nothing when it is typed again, and goes on to the end without the flag`, async () => {
      const rehearsal = rehearse();
      await run(rehearsal, { ...wish, pauseAt: parsePauseAt('3') });
      const before = rehearsal.kube.writes.length;
      const again = await run(rehearsal, { ...wish, pauseAt: parsePauseAt('3') });
      assert.deepEqual([again.paused, again.changed, rehearsal.kube.writes.length - before], [true, false, 0]);
      const end = await run(rehearsal, wish);
      assert.deepEqual([end.paused, end.exitCode], [undefined, 0]);
      assert.deepEqual(deletions(rehearsal).sort(), names(10));
    });

    it(`${way}, keeps the surge for the rest and says so`, async () => {
      const rehearsal = rehearse();
      const { message } = await run(rehearsal, { ...wish, surge: 2, pauseAt: parsePauseAt('50%') });
      assert.match(String(message), /12 replicas, 10 before the surge \(surplus ordinals 10,11\)/);
      assert.equal(replicas(rehearsal), 12);
      await run(rehearsal, wish);
      assert.equal(replicas(rehearsal), 10);
    });

    it(`${way}, asks about the part before the pause alone, and names the pause`, async () => {
      const asked = async (more: Partial<UpgradeIntent>) => {
        const rehearsal = rehearse();
        const questions: string[] = [];
        const confirm = async (question: string) => questions.push(question) < 1;
        await assert.rejects(
          upgrade(
            { ...rehearsal.world, confirm },
            upgradeIntent({ minServing: { kind: 'count', count: 1 }, ...wish, yes: false, ...more }),
          ),
        );
        return questions[0] ?? '';
      };
      const text = await asked({ pauseAt: parsePauseAt('50%'), surge: 2 });
      assert.match(text, /pause +once 5 of 10 pods are updated and none is drained; the surplus stays\n/);
      assert.match(text, /batches +2: 0-3 \| 4\n|at a time, of 5\n/);
      const whole = await asked({});
      assert.doesNotMatch(whole, /pause/);
      assert.match(whole, /batches +3: |at a time, of 10\n/);
      const secondsOf = (question: string) => Number(/minimum time +(\d+)s/.exec(question)?.[1]);
      const half = await asked({ pauseAt: parsePauseAt('4') });
      assert.ok(secondsOf(half) > 0 && secondsOf(half) < secondsOf(whole), `${half}\n${whole}`);
    });

    it(`${way}, rehearses no step behind the pause on a dry run`, async () => {
      const { results } = await run(rehearse(), { ...wish, surge: 2, pauseAt: parsePauseAt('5'), dryRun: 'client' });
      const steps = results.map(({ action }) => action);
      assert.ok(steps.some((step) => step.includes('recreate nginx')));
      assert.deepEqual(
        steps.filter((step) => /restore|(?:drain|wait-zero|--to) (?:nginx )?10|[5-9]/.test(step)),
        [],
      );
    });
  }

  it('below the number of updated pods adds no surplus, gives drained pods their weight, and writes nothing else', async () => {
    const rehearsal = rehearse({ updated: [0, 1, 2, 3] });
    const wish = { surge: 1, pauseAt: parsePauseAt('2') };
    const { paused, changed } = await run(rehearsal, wish);
    assert.deepEqual([paused, changed, rehearsal.kube.writes.length], [true, false, 0]);
    await drain(rehearsal.world, { ...common, ordinals: [3] });
    const { results } = await run(rehearsal, wish);
    assert.deepEqual(
      results.map(({ object, action }) => `${object} ${action}`),
      ['service/nginx restored'],
    );
    assert.equal(replicas(rehearsal), 10);
    assert.equal(annotation(rehearsal), undefined);
  });

  it('below the number of updated pods gives a dark surplus no traffic', async () => {
    const rehearsal = rehearse({ updated: [0, 1, 2, 3] });
    await surge(rehearsal.world, { ...common, count: 1, dark: true });
    const before = annotation(rehearsal);
    const { paused } = await run(rehearsal, { surge: 1, pauseAt: parsePauseAt('2') });
    assert.deepEqual([paused, annotation(rehearsal)], [true, before]);
  });

  it('observes the pods of the last batch before it ends', async () => {
    const rehearsal = rehearse();
    const beganMs = rehearsal.clock.now();
    await run(rehearsal, { soakMs: 600_000, pauseAt: parsePauseAt('1') });
    assert.ok(rehearsal.clock.now() - beganMs >= 600_000);
  });

  it('never ends before the image is set: pods of another template are outdated', async () => {
    const rehearsal = rehearse({ settled: true });
    const { paused } = await run(rehearsal, {
      dryRun: 'client',
      images: { nginx: 'nginx:9' },
      pauseAt: parsePauseAt('1'),
    });
    assert.equal(paused, undefined);
  });
});
