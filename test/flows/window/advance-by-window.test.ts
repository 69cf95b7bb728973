/** The window by hand: advance --max-unavailable, wait-zero --any and recreate --at-zero, one after the other. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConflictError, ExitCode, NotYetError, RefusedError } from '../../../lib/core/errors.ts';
import type { AdvanceIntent } from '../../../lib/core/intent/intent.ts';
import type { Outcome } from '../../../lib/core/outcome/outcome.ts';
import { advance } from '../../../lib/flows/verbs/advance.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { pause } from '../../../lib/flows/verbs/pause.ts';
import { recreate } from '../../../lib/flows/verbs/recreate.ts';
import { surge } from '../../../lib/flows/verbs/surge.ts';
import { waitZero } from '../../../lib/flows/verbs/wait-zero.ts';
import { PODS, SERVICES } from '../../../lib/ports/resources.ts';
import {
  annotation,
  common,
  deletions,
  type RehearsalOptions,
  RS_WEIGHT,
  rehearse,
  zero,
} from '../rehearsal/rehearsal.ts';

const MINUTE = 60_000;
const counting = { ...common, ...zero, timeoutMs: 60 * MINUTE };
const N = (count: number): AdvanceIntent => ({ ...common, maxUnavailable: { kind: 'count', count } });
const numbers = (outcome: Outcome, key: 'back' | 'next' | 'drained'): readonly number[] =>
  (outcome.details as Record<string, number[]>)[key] ?? [];

/** Every pod of `ordinals` at weight 0, as the annotation says. */
const zeros = (run: ReturnType<typeof rehearse>): number[] => {
  const document = JSON.parse(annotation(run) ?? '{"groups":[]}');
  const all = document.groups.flatMap(
    (group: { statefulSets: { weights: { weight: number; podIndexes: number[] }[] }[] }) =>
      group.statefulSets.flatMap(({ weights }) =>
        weights.filter(({ weight }) => weight === 0).flatMap((each) => each.podIndexes),
      ),
  );
  return [...new Set<number>(all)].sort((a, b) => a - b);
};

/** The loop that plan -o sh prints; resolves to the largest number of pods at 0 that any write has asked for. */
async function loop(run: ReturnType<typeof rehearse>, count: number): Promise<number> {
  const { world } = run;
  let most = 0;
  for (let round = 0; round < 100; round += 1) {
    const { exitCode } = await advance(world, { ...N(count), timeoutMs: 60 * MINUTE });
    most = Math.max(most, zeros(run).length);
    if (exitCode === ExitCode.nothingLeft) return most;
    await waitZero(world, { ...counting, any: true });
    await recreate(world, { ...counting, evict: false, force: false, atZero: true });
  }
  throw new Error('the loop does not end');
}

const rehearsed = (options: RehearsalOptions = {}) => rehearse({ replicas: 8, ...options });

const handDrained = (...ordinals: number[]): string =>
  `{"defaultWeight":10,"groups":[{"key":{"proto":"TCP","port":80},"statefulSets":[{"name":"nginx","weights":[{"weight":0,"podIndexes":${JSON.stringify(ordinals)}}]}]}]}`;

describe('advance --max-unavailable', () => {
  it('counts a pod that somebody else keeps at 0 among those that are out', async () => {
    const run = rehearsed({ updated: [7], service: { rsWeight: handDrained(7) } });
    assert.deepEqual(numbers(await advance(run.world, N(3)), 'drained'), [0, 1]);
    assert.equal(await loop(run, 3), 3);
    assert.deepEqual(zeros(run), [7]);
  });

  it('refuses a window that is full of such pods, with the command that gives them weight', async () => {
    const run = rehearsed({ updated: [6, 7], service: { rsWeight: handDrained(6, 7) } });
    await assert.rejects(advance(run.world, N(2)), (error: unknown) => {
      assert.ok(error instanceof RefusedError, String(error));
      assert.deepEqual(
        error.refusals.map(({ rule, cure }) => `${rule}: ${String(cure)}`),
        ['window-full: kubectl zeroloss restore nginx 6,7   # gives weight there too'],
      );
      return true;
    });
    assert.deepEqual(zeros(run), [6, 7]);
  });

  it('begins with nothing drained, and says it again without a write', async () => {
    const run = rehearsed();
    const first = await advance(run.world, N(3));
    assert.deepEqual(numbers(first, 'drained'), [0, 1, 2]);
    assert.deepEqual(zeros(run), [0, 1, 2]);
    assert.match(String(first.next[0]), /wait-zero nginx --any/);
    const writes = run.kube.writes.filter(({ resource }) => resource === 'services').length;
    const again = await advance(run.world, N(3));
    assert.equal(again.exitCode, 0);
    assert.match(String(again.message), /the window of 3 is full: ordinals 0-2 out of service/);
    assert.deepEqual(
      again.results.map(({ action, note }) => [action, note]),
      [['already advanced', 'the window is full on TCP/80']],
    );
    assert.equal(run.kube.writes.filter(({ resource }) => resource === 'services').length, writes);
  });

  it('gives back what is done and drains as many more, in one write, while the others stay at 0', async () => {
    const run = rehearsed();
    run.source.counts.set('nginx-1', 5);
    const low = { minServing: { kind: 'count', count: 1 } } as const;
    await advance(run.world, { ...N(3), ...low });
    await waitZero(run.world, { ...counting, any: true });
    await recreate(run.world, { ...counting, evict: false, force: false, atZero: true });
    assert.deepEqual(deletions(run).sort(), ['nginx-0', 'nginx-2']);
    const before = run.kube.writes.filter(({ body }) => JSON.stringify(body).includes('lb-rs-weight')).length;
    const outcome = await advance(run.world, { ...N(3), ...low });
    assert.deepEqual(
      [numbers(outcome, 'back'), numbers(outcome, 'drained')],
      [
        [0, 2],
        [3, 4],
      ],
    );
    assert.deepEqual(zeros(run), [1, 3, 4]);
    assert.equal(
      run.kube.writes.filter(({ body }) => JSON.stringify(body).includes('lb-rs-weight')).length,
      before + 1,
    );
  });

  it('uses two writes where one could show fewer than the floor while it is applied', async () => {
    const run = rehearsed({ replicas: 4 });
    const floor = { minServing: { kind: 'count', count: 2 } } as const;
    await advance(run.world, { ...N(2), ...floor });
    await waitZero(run.world, { ...counting });
    await recreate(run.world, { ...counting, evict: false, force: false });
    const weights: string[] = [];
    run.kube.beforeWrite(({ body }) => {
      if (JSON.stringify(body).includes('lb-rs-weight":')) weights.push(JSON.stringify(body));
    });
    const outcome = await advance(run.world, { ...N(2), ...floor });
    assert.equal(weights.length, 2);
    assert.match(run.report.text, /weights back for ordinals 0,1 first/);
    assert.deepEqual(
      [numbers(outcome, 'back'), numbers(outcome, 'drained')],
      [
        [0, 1],
        [2, 3],
      ],
    );
  });

  describe('where the weights come back in a write of their own', () => {
    const floor = { minServing: { kind: 'count', count: 2 } } as const;
    /** Ordinals 0 and 1 of 4 at weight 0 and updated; nginx-1 is not ready. */
    async function updated() {
      const run = rehearsed({ replicas: 4 });
      await advance(run.world, { ...N(2), ...floor });
      await waitZero(run.world, counting);
      await recreate(run.world, { ...counting, evict: false, force: false });
      const ready = (status: string) =>
        run.kube.edit(PODS, 'nginx-1', (pod) => {
          for (const each of (pod['status'] as { conditions: { type: string; status: string }[] }).conditions)
            if (each.type !== 'Initialized') each.status = status;
        });
      ready('False');
      const after = (act: () => void): void => {
        const patch = run.kube.patch.bind(run.kube);
        run.kube.patch = async (...call) => {
          const answer = await patch(...call);
          if (call[0] === SERVICES) act();
          return answer;
        };
      };
      return { run, ready, after };
    }

    it('a pod that becomes ready meanwhile comes back first too, and only what is drained is reported', async () => {
      const { run, ready, after } = await updated();
      after(() => ready('True'));
      const outcome = await advance(run.world, { ...N(2), ...floor });
      assert.deepEqual(
        [numbers(outcome, 'back'), numbers(outcome, 'drained')],
        [
          [0, 1],
          [2, 3],
        ],
      );
      assert.deepEqual(zeros(run), [2, 3]);
    });

    it('ends with 5 where another writer takes the weight of the same pod again', async () => {
      const { run, after } = await updated();
      const before = annotation(run);
      after(() =>
        run.kube.edit(SERVICES, 'nginx', ({ metadata }) => {
          metadata.annotations = { ...metadata.annotations, [RS_WEIGHT]: before ?? '' };
        }),
      );
      await assert.rejects(advance(run.world, { ...N(2), ...floor }), (error: unknown) => {
        assert.ok(error instanceof ConflictError);
        assert.match(error.message, /takes the weight of ordinal 0 of statefulset\/nginx again/);
        return true;
      });
    });
  });

  it('drains no more than the floor allows, and says why', async () => {
    const run = rehearsed();
    const outcome = await advance(run.world, { ...N(6), minServing: { kind: 'count', count: 6 } });
    assert.deepEqual(numbers(outcome, 'drained'), [0, 1]);
    assert.match(String(outcome.message), /6/);
  });

  it('takes a share of the replicas, and counts a pod that is out by itself', async () => {
    const run = rehearsed();
    run.balancer.health.set('nginx-7', 'dead');
    const outcome = await advance(run.world, { ...common, maxUnavailable: { kind: 'percent', percent: 25 } });
    assert.deepEqual(numbers(outcome, 'drained'), [0, 7], 'the pod that fails holds its place already');
  });

  it('takes every pod through, never more than the window at 0, and ends with 3', async () => {
    for (const count of [1, 3, 8]) {
      const run = rehearsed();
      run.source.counts.set('nginx-1', (nowMs) => (nowMs - run.clock.startMs < 5 * MINUTE ? 2 : 0));
      const most = await loop(run, Math.min(count, 4));
      assert.ok(most <= count, `${most} of ${count}`);
      assert.equal(deletions(run).length, 8);
      assert.deepEqual(zeros(run), []);
    }
  });

  it('names the pods that are still out once no other is left to drain', async () => {
    const run = rehearsed({ replicas: 3, updated: [2] });
    run.source.counts.set('nginx-1', 5);
    const floor = { minServing: { kind: 'count', count: 1 } } as const;
    await advance(run.world, { ...N(2), ...floor });
    await waitZero(run.world, { ...counting, any: true });
    await recreate(run.world, { ...counting, evict: false, force: false, atZero: true });
    const { message } = await advance(run.world, { ...N(2), ...floor });
    assert.equal(message, 'no other pod is drained now: ordinal 1 out of service');
  });

  it('drains the surplus last, once everything else is done', async () => {
    const run = rehearsed({ replicas: 3 });
    await surge(run.world, { ...common, count: 1, dark: false });
    await loop(run, 2);
    assert.deepEqual(zeros(run), [3]);
    assert.deepEqual(deletions(run).sort(), ['nginx-0', 'nginx-1', 'nginx-2']);
  });

  it('waits for a pod that is on its way where nothing else can go on, and names it at the time-out', async () => {
    const starting = async () => {
      const run = rehearsed({ updated: [0] });
      await drain(run.world, { ...common, ordinals: [0] });
      const phase = (text: string) => () => {
        run.kube.edit(PODS, 'nginx-0', (pod) => Object.assign(pod['status'] as object, { phase: text }));
      };
      phase('Pending')();
      return { run, phase };
    };
    const late = await starting();
    await assert.rejects(
      advance(late.run.world, N(1)),
      (error: unknown) => error instanceof NotYetError && /pod\/nginx-0 of this batch is not ready/.test(error.message),
    );
    assert.deepEqual(zeros(late.run), [0]);
    const { run, phase } = await starting();
    run.clock.at(run.clock.now() - run.clock.startMs + 20_000, phase('Running'));
    const outcome = await advance(run.world, N(1));
    assert.deepEqual([numbers(outcome, 'back'), numbers(outcome, 'drained')], [[0], [1]]);
  });

  it('refuses where a pod does not get well by waiting, and names it', async () => {
    const run = rehearsed({ updated: [0] });
    await drain(run.world, { ...common, ordinals: [0] });
    run.kube.edit(PODS, 'nginx-0', (pod) => {
      const waiting = { reason: 'CrashLoopBackOff' };
      const [first] = (pod['status'] as { containerStatuses: object[] }).containerStatuses;
      Object.assign(first ?? {}, { ready: false, state: { waiting } });
      for (const each of (pod['status'] as { conditions: { type: string }[] }).conditions)
        if (each.type === 'Ready') Object.assign(each, { status: 'False' });
    });
    await assert.rejects(advance(run.world, N(1)), (error: unknown) => {
      assert.ok(error instanceof RefusedError);
      assert.equal(error.refusals[0]?.rule, 'batch-ready');
      return true;
    });
  });

  it('drains nothing while the upgrade is paused', async () => {
    const run = rehearsed({ updated: [0] });
    await drain(run.world, { ...common, ordinals: [0, 1] });
    await pause(run.world, { ...common, reason: 'a look' });
    await assert.rejects(advance(run.world, N(2)), /paused/);
    assert.deepEqual(zeros(run), [0, 1]);
  });

  it('is a rehearsal on a dry run', async () => {
    const run = rehearsed();
    const outcome = await advance(run.world, { ...N(2), dryRun: 'client' });
    assert.deepEqual(numbers(outcome, 'drained'), [0, 1]);
    assert.equal(
      run.kube.object(SERVICES, 'nginx')?.metadata.annotations?.['service.cloud.tencent.com/lb-rs-weight'],
      undefined,
    );
  });
});
