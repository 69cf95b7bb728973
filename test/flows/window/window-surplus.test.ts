/** The end of the window's script after a surge: the write that drains the surplus, and the same script typed again. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ExitCode } from '../../../lib/core/errors.ts';
import type { Outcome } from '../../../lib/core/outcome/outcome.ts';
import { advance } from '../../../lib/flows/verbs/advance.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { recreate } from '../../../lib/flows/verbs/recreate.ts';
import { surge } from '../../../lib/flows/verbs/surge.ts';
import { waitZero } from '../../../lib/flows/verbs/wait-zero.ts';
import { EVENTS } from '../../../lib/ports/resources.ts';
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
      /weight 0 for 4$/,
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
