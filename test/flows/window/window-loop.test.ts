import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DisagreesError, NotStartedError, NotYetError } from '../../../lib/core/errors.ts';
import type { UpgradeIntent } from '../../../lib/core/intent/intent.ts';
import { MAX_DURATION_MS } from '../../../lib/core/values/duration.ts';
import { RS_WEIGHT_ANNOTATION } from '../../../lib/core/weights/rs-weight.ts';
import type { WindowView } from '../../../lib/core/window/window-view.ts';
import { pause, resume } from '../../../lib/flows/verbs/pause.ts';
import { upgrade } from '../../../lib/flows/verbs/upgrade.ts';
import { paintFor } from '../../../lib/output/colour.ts';
import { renderLiveWindow } from '../../../lib/output/live/live-window.ts';
import { overriding } from '../../../lib/ports/overriding.ts';
import { SERVICES } from '../../../lib/ports/resources.ts';
import type { ConnectionSource } from '../../../lib/ports.ts';
import { annotation, common, deletions, type Rehearsal, rehearse, showWriters, zero } from '../rehearsal/rehearsal.ts';
import { crashLoops } from '../rehearsal/troubles.ts';
import { handDrained, watchDrained, windowOfThree, zerosIn } from '../rehearsal/windows.ts';

const run = (rehearsal: Rehearsal, more: Partial<UpgradeIntent> = {}) =>
  upgrade(rehearsal.world, { ...windowOfThree, ...more });
const ALL = Array.from({ length: 10 }, (_, ordinal) => `nginx-${ordinal}`);
/** The ordinals at 0 in a text of the weight annotation. */
const weightsIn = (body: unknown): string | null | undefined =>
  (body as { metadata?: { annotations?: Record<string, string | null> } } | undefined)?.metadata?.annotations?.[
    RS_WEIGHT_ANNOTATION
  ];
const without = (names: readonly string[], name: string): string[] => names.filter((each) => each !== name);
describe('upgrade by a window', () => {
  it('takes every pod through, each deleted once, and leaves nothing behind', async () => {
    const rehearsal = rehearse();
    const outcome = await run(rehearsal);
    assert.deepEqual(deletions(rehearsal).sort(), ALL);
    assert.equal(annotation(rehearsal), undefined);
    assert.deepEqual(
      Object.keys(rehearsal.kube.object(SERVICES, 'nginx')?.metadata.annotations ?? {}).filter((key) =>
        key.includes('kubectl-zeroloss/'),
      ),
      [],
    );
    assert.equal(outcome.exitCode, 0);
  });

  it('never asks for weight 0 for more pods than its size, and goes on while one pod is held', async () => {
    const rehearsal = rehearse();
    const { source, clock } = rehearsal;
    const endsMs = clock.now() + 600_000;
    source.counts.set('nginx-0', (nowMs) => (nowMs < endsMs ? 1 : 0));
    const most = watchDrained(rehearsal);
    await run(rehearsal);
    assert.equal(most(), 3);
    assert.equal(deletions(rehearsal).at(-1), 'nginx-0', 'the held pod is the last');
    assert.deepEqual(deletions(rehearsal).slice().sort(), ALL);
  });

  it('deletes no pod before its last connection has ended', async () => {
    const rehearsal = rehearse();
    const { source, clock, kube } = rehearsal;
    const ends = new Map(ALL.map((name, index) => [name, clock.now() + 20_000 + index * 7_000]));
    for (const [name, endsMs] of ends) source.counts.set(name, (nowMs) => (nowMs < endsMs ? 1 : 0));
    const early: string[] = [];
    const original = kube.delete.bind(kube);
    kube.delete = async (...call) => {
      if (clock.now() < (ends.get(call[1]) ?? 0) + zero.stableForMs) early.push(call[1]);
      source.counts.delete(call[1]);
      return original(...call);
    };
    await run(rehearsal);
    assert.deepEqual(early, []);
  });

  it('begins nothing new over a pod that came back sick, and ends with the way back', async () => {
    const rehearsal = rehearse();
    crashLoops(rehearsal);
    await assert.rejects(
      run(rehearsal, { maxUnavailable: { kind: 'count', count: 2 } }),
      (error: unknown) =>
        error instanceof DisagreesError &&
        /updated and not well: pod\/nginx-\d does not start: container nginx is in CrashLoopBackOff/.test(
          error.message,
        ),
    );
    assert.equal(deletions(rehearsal).length, 2);
  });

  it('gives a pod whose clients do not leave its weight back after --busy-after, and comes to it last', async () => {
    const rehearsal = rehearse();
    const { source, clock, report } = rehearsal;
    const endsMs = clock.now() + 900_000;
    source.counts.set('nginx-1', (nowMs) => (nowMs < endsMs ? 2 : 0));
    await run(rehearsal, { busyAfterMs: 120_000 });
    assert.match(report.text, /ordinal 1 .*connections do not end within 2m.*turn comes last/);
    assert.equal(deletions(rehearsal).at(-1), 'nginx-1');
  });

  it('counts --busy-after from the moment at which an earlier run has drained the pod', async () => {
    const rehearsal = rehearse();
    showWriters(rehearsal);
    const { source, clock, kube, world } = rehearsal;
    const beganMs = clock.now();
    source.counts.set('nginx-1', (nowMs) => (nowMs < beganMs + 900_000 ? 2 : 0));
    const stop = new AbortController();
    clock.at(100_000, () => stop.abort(new Error('killed')));
    const wish = { ...windowOfThree, busyAfterMs: 120_000 };
    await assert.rejects(upgrade({ ...world, signal: stop.signal }, wish));
    assert.ok(zerosIn(annotation(rehearsal) ?? '').includes(1));
    let givenBackMs = Number.POSITIVE_INFINITY;
    kube.beforeWrite(({ resource, body }) => {
      const text = resource === 'services' ? weightsIn(body) : undefined;
      const isAtZero = typeof text === 'string' && zerosIn(text).includes(1);
      if (text !== undefined && !isAtZero) givenBackMs = Math.min(givenBackMs, clock.now());
    });
    await run(rehearsal, { busyAfterMs: 120_000 });
    assert.ok(givenBackMs < beganMs + 140_000, `${(givenBackMs - beganMs) / 1000} s after the drain`);
  });

  it('drains the next pod only once the load balancer sends to the one whose weight came back: it holds its place until then', async () => {
    const rehearsal = rehearse();
    const { source, clock, kube } = rehearsal;
    for (const name of ALL) source.counts.set(name, name === 'nginx-1' ? (nowMs) => (nowMs < endsMs ? 2 : 0) : 0);
    const endsMs = clock.now() + 900_000;
    const zeros: number[][] = [];
    kube.beforeWrite(({ resource, body }) => {
      const text = resource === 'services' ? weightsIn(body) : undefined;
      if (text !== undefined) zeros.push(text === null ? [] : zerosIn(text));
    });
    await run(rehearsal, { busyAfterMs: 20_000 });
    const given = zeros.findIndex((now, index) => !now.includes(1) && zeros[index - 1]?.includes(1) === true);
    const fresh = zeros[given]?.filter((ordinal) => !zeros[given - 1]?.includes(ordinal)) ?? [];
    assert.deepEqual(fresh, [], JSON.stringify(zeros.slice(0, given + 2)));
    assert.ok(
      zeros.slice(given + 1).some((now) => now.length > 0),
      'it goes on',
    );
  });

  it('leaves a pod that was drained by hand at 0 after --busy-after, begins none in its place, and ends with "not yet"', async () => {
    const rehearsal = rehearse();
    const { source, kube, report } = rehearsal;
    kube.edit(SERVICES, 'nginx', ({ metadata }) => {
      metadata.annotations = { ...metadata.annotations, [RS_WEIGHT_ANNOTATION]: handDrained(1) };
    });
    source.counts.set('nginx-1', 2);
    const most = watchDrained(rehearsal);
    await assert.rejects(
      run(rehearsal, { timeoutMs: MAX_DURATION_MS, busyAfterMs: 20_000 }),
      (error: unknown) =>
        error instanceof NotYetError && /did not end within --busy-after 20s: nginx-1 draining/.test(error.message),
    );
    assert.ok(most() <= 3, `${most()} at 0`);
    assert.deepEqual(deletions(rehearsal).sort(), without(ALL, 'nginx-1'));
    assert.doesNotMatch(report.text, /weight given back, and their turn/);
    assert.deepEqual(zerosIn(annotation(rehearsal) ?? ''), [1]);
  });

  it('ends with "not yet", without a time-out, for a pod whose clients do not leave within --busy-after the second time either, and names peers and ages', async () => {
    const rehearsal = rehearse();
    const { source, world } = rehearsal;
    source.counts.set('nginx-4', 2);
    const holder = { peer: '192.0.2.7', connections: 2, seenForMs: 60_000 };
    const named = overriding<ConnectionSource>(source, {
      read: async (backends) =>
        (await source.read(backends)).map((series) =>
          series.backend.pod === 'nginx-4' ? { ...series, holders: [holder] } : series,
        ),
    });
    await assert.rejects(
      upgrade({ ...world, sources: [named] }, { ...windowOfThree, timeoutMs: MAX_DURATION_MS, busyAfterMs: 120_000 }),
      (error: unknown) =>
        error instanceof NotYetError &&
        /did not end within --busy-after 2m for the second time: nginx-4 draining .*held by 192\.0\.2\.7 \(2, seen for 1m\)/.test(
          error.message,
        ),
    );
    assert.equal(deletions(rehearsal).length, 9);
  });

  it('ends with "not yet" for a pod that stays held, once all others are through', async () => {
    const rehearsal = rehearse();
    rehearsal.source.counts.set('nginx-4', 2);
    await assert.rejects(
      run(rehearsal, { timeoutMs: 300_000 }),
      (error: unknown) => error instanceof NotYetError && /not within --timeout: nginx-4 draining/.test(error.message),
    );
    assert.equal(deletions(rehearsal).length, 9);
  });

  it('asks before the first write and then after the number of pods that --ask-every names; a no lets the pods that are out be finished', async () => {
    const rehearsal = rehearse();
    const questions: string[] = [];
    const answers = [true, true, false];
    const world = {
      ...rehearsal.world,
      confirm: async (question: string) => {
        questions.push(question);
        return answers.shift() ?? false;
      },
    };
    await assert.rejects(upgrade(world, { ...windowOfThree, yes: false, askEvery: 4 }), NotYetError);
    assert.equal(questions.length, 3);
    const never = rehearse();
    await assert.rejects(
      upgrade({ ...never.world, confirm: async () => false }, { ...windowOfThree, yes: false }),
      NotStartedError,
    );
    assert.deepEqual(
      never.kube.writes.filter(({ resource }) => resource === 'services'),
      [],
    );
  });

  it('drains and deletes nothing while it is paused, and goes on by itself', async () => {
    const rehearsal = rehearse();
    const { clock, world } = rehearsal;
    let atPause = 0;
    clock.at(16_000, async () => {
      await pause(world, common);
      atPause = deletions(rehearsal).length;
    });
    clock.at(80_000, () => assert.equal(deletions(rehearsal).length, atPause));
    clock.at(81_000, async () => void (await resume(world, common)));
    await run(rehearsal);
    assert.ok(atPause < 10);
    assert.deepEqual(deletions(rehearsal).sort(), ALL);
  });

  it('shows who paused it, how long ago, and why, on a line that fits a terminal of 80 columns', async () => {
    const rehearsal = rehearse();
    const { world, clock, report } = rehearsal;
    const texts = new Set<string>();
    Object.assign(report, {
      window: (view: WindowView) =>
        renderLiveWindow(view, { columns: 80, rows: undefined, paint: paintFor(false) })
          .filter((line) => line.includes('paused'))
          .forEach((line) => {
            texts.add(line);
          }),
    });
    world.operator = 'ann@laptop';
    clock.at(5_000, () => void pause(world, { ...common, reason: 'error rate' }));
    clock.at(20_000, () => void resume(world, common));
    await run(rehearsal);
    const [first = ''] = texts;
    assert.match(first, /^statefulset\/nginx is paused by ann@laptop, \d+s ago: error rate$/);
    assert.ok(texts.size > 2, [...texts].join('\n'));
  });

  it('keeps the moments of the pods that it drains together in one write, and conflicts with no write of its own', async () => {
    const rehearsal = rehearse();
    const { kube, source, clock } = rehearsal;
    showWriters(rehearsal);
    const endsMs = clock.now() + 60_000;
    for (const name of ALL) source.counts.set(name, (nowMs) => (nowMs < endsMs ? 1 : 0));
    const conflicts: string[] = [];
    const original = kube.patch.bind(kube);
    kube.patch = (...call) =>
      original(...call).catch((error: Error) => {
        conflicts.push(error.message);
        throw error;
      });
    const moments = () => kube.calls.filter(({ body }) => /zero-seen":"/.test(JSON.stringify(body ?? {}))).length;
    clock.at(50_000, () => assert.equal(moments(), 1, 'three pods are drained in one write'));
    await run(rehearsal);
    assert.deepEqual(conflicts, []);
  });

  it('goes on from any state that a killed run has left', async () => {
    const rehearsal = rehearse();
    for (let ms = 3_000; ; ms += 9_000) {
      const stop = new AbortController();
      rehearsal.clock.at(rehearsal.clock.now() - rehearsal.clock.startMs + ms, () => stop.abort(new Error('killed')));
      try {
        await upgrade({ ...rehearsal.world, signal: stop.signal }, windowOfThree);
        break;
      } catch (error) {
        if (!stop.signal.aborted) throw error;
      }
    }
    assert.deepEqual([...new Set(deletions(rehearsal))].sort(), ALL);
    assert.equal(annotation(rehearsal), undefined);
  });
});
