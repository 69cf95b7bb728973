/** The end of the window's script after a surge: the write that drains the surplus, and the same script typed again. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ExitCode } from '../../../lib/core/errors.ts';
import type { Outcome } from '../../../lib/core/outcome/outcome.ts';
import { advance } from '../../../lib/flows/verbs/advance.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { recreate } from '../../../lib/flows/verbs/recreate.ts';
import { restore } from '../../../lib/flows/verbs/restore.ts';
import { surge } from '../../../lib/flows/verbs/surge.ts';
import { waitZero } from '../../../lib/flows/verbs/wait-zero.ts';
import { EVENTS, PODS } from '../../../lib/ports/resources.ts';
import { annotation, common, rehearse, zero } from '../rehearsal/rehearsal.ts';

const counting = { ...common, ...zero, timeoutMs: 3_600_000 };
const step = { ...common, maxUnavailable: { kind: 'count', count: 2 } as const, timeoutMs: 3_600_000 };
const again = { images: { nginx: 'nginx:1.25.4' }, skipDone: true };

/** The script up to the write that drains the surplus. */
async function toTheSurplus() {
  const run = rehearse({ replicas: 4 });
  const { world } = run;
  await surge(world, { ...common, count: 1, dark: true });
  await advance(world, { ...common, from: [4] });
  for (let round = 0; round < 50; round++) {
    const outcome = await advance(world, step);
    if (/surplus/.test(String(outcome.message))) return { run, outcome };
    await waitZero(world, { ...counting, any: true });
    await recreate(world, { ...counting, evict: false, force: false, atZero: true });
  }
  throw new Error('the surplus is not drained');
}

const events = ({ kube }: ReturnType<typeof rehearse>): string[] =>
  kube.writes
    .filter(({ resource }) => resource === EVENTS.plural)
    .flatMap(({ body }) => (body as { message?: string }).message ?? []);

const drainedOf = ({ details }: Outcome) => (details as { drained: readonly number[] }).drained;

describe('the surplus at the end of a window by hand', () => {
  it('is named by the write that drains it, to the person, to a script and in the Event', async () => {
    const { run, outcome } = await toTheSurplus();
    assert.deepEqual(
      outcome.results.map(({ action, note }) => [action, note?.match(/4 at 0/)?.[0]]),
      [['advanced', '4 at 0']],
    );
    assert.deepEqual(drainedOf(outcome), [4]);
    assert.match(
      events(run)
        .filter((each) => /weights back/.test(each))
        .at(-1) ?? '',
      /weight 0 for ordinal 4$/,
    );
  });

  it('keeps its weight of 0 where the script is run again from its first line', async () => {
    const { run } = await toTheSurplus();
    const before = annotation(run);
    assert.equal((await surge(run.world, { ...common, ...again, count: 1, dark: true })).changed, false);
    const outcome = await advance(run.world, { ...common, from: [4] });
    assert.equal(outcome.changed, false);
    assert.match(String(outcome.message), /advanced already: ordinal 4 at 0/);
    assert.equal(annotation(run), before);
  });

  it('is still to be waited for where the loop is run again before it is at zero, and the script waits before it scales it away', async () => {
    const { run } = await toTheSurplus();
    const { clock, source, kube, world } = run;
    const endsMs = clock.now() + 600_000;
    source.counts.set('nginx-4', (nowMs) => (nowMs < endsMs ? 1 : 0));
    const left = await advance(world, step);
    assert.equal(left.exitCode, ExitCode.nothingLeft);
    assert.equal(
      left.message,
      'nothing is left to advance to: every pod is updated; surplus ordinal 4 at weight 0 goes once it is at zero',
    );
    assert.match(String(left.next[0]), /wait-zero nginx$/);
    await waitZero(world, { ...counting, ordinals: [4], skipDone: true, leavesProof: true });
    assert.ok(clock.now() >= endsMs);
    await restore(world, { ...counting, weightsOnly: false });
    assert.equal(kube.object(PODS, 'nginx-4'), undefined);
    const over = await advance(world, step);
    assert.equal(over.message, 'nothing is left to advance to: every pod is updated');
  });

  it('is waited for as a whole by wait-zero --any, once no other pod is left', async () => {
    const run = rehearse({ settled: true, replicas: 4 });
    const { world, source, clock } = run;
    await surge(world, { ...common, count: 2, dark: false });
    await drain(world, { ...common, ordinals: [4, 5] });
    const endsMs = clock.now() + 600_000;
    source.counts.set('nginx-5', (nowMs) => (nowMs < endsMs ? 1 : 0));
    const { details } = await waitZero(world, { ...counting, any: true });
    assert.ok(clock.now() >= endsMs);
    assert.deepEqual((details as { atZero: readonly number[] }).atZero, [4, 5]);
  });

  it('that is dark ends no wait for the first of the pods that are to be replaced', async () => {
    const run = rehearse({ replicas: 4 });
    const { world, source, clock } = run;
    await surge(world, { ...common, count: 1, dark: true });
    await drain(world, { ...common, ordinals: [0] });
    const endsMs = clock.now() + 600_000;
    source.counts.set('nginx-0', (nowMs) => (nowMs < endsMs ? 1 : 0));
    const { details } = await waitZero(world, { ...counting, any: true });
    assert.ok(clock.now() >= endsMs);
    assert.deepEqual((details as { atZero: readonly number[] }).atZero, [0]);
  });

  it('gets its weight while a pod that stays is still to be replaced, typed twice too', async () => {
    const run = rehearse({ replicas: 4 });
    await surge(run.world, { ...common, count: 1, dark: true });
    const first = await advance(run.world, { ...common, from: [4] });
    assert.deepEqual([first.changed, first.exitCode], [true, ExitCode.done]);
    assert.equal((await advance(run.world, { ...common, from: [4] })).changed, false);
    await drain(run.world, { ...common, ordinals: [4] });
    assert.equal((await advance(run.world, { ...common, from: [4] })).changed, true);
  });
});
