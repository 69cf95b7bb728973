import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TimeLimitError } from '../../../lib/core/errors.ts';
import { withinLimit } from '../../../lib/flows/guard/time-limit.ts';
import { overriding } from '../../../lib/ports/overriding.ts';
import type { World } from '../../../lib/ports.ts';
import { rehearse } from '../rehearsal/rehearsal.ts';

const SOON = { lastLookMs: 10, leaveMs: 10 };

/** A call that never ends by itself, and ends with the signal. */
const hanging = ({ signal }: World): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }));

describe('the time limit of a verb', () => {
  it('ends requests that hang with exit 6, and says which command goes on', async () => {
    const { world } = rehearse();
    await assert.rejects(withinLimit(world, 20, hanging, SOON), (error) => {
      assert.ok(error instanceof TimeLimitError);
      assert.equal(error.exitCode, 6);
      assert.match(error.hint ?? '', /run the same command again/);
      return true;
    });
  });

  it('ends also what does not heed the signal', async () => {
    const { world } = rehearse();
    await assert.rejects(
      withinLimit(world, 20, () => new Promise<never>(() => undefined), SOON),
      TimeLimitError,
    );
  });

  it('names the request that it cut, also where the work goes on without its answer', async () => {
    const { world } = rehearse();
    const softly = async (inner: World): Promise<never> => {
      await hanging(inner).catch((error: unknown) => (error as TimeLimitError).during('GET /one'));
      inner.signal.throwIfAborted();
      throw new Error('not reached');
    };
    await assert.rejects(
      withinLimit(world, 20, softly, SOON),
      /^TimeLimitError: .* passed; GET \/one was not answered$/,
    );
  });

  it('leaves what is in time, and a verb without a limit, as they are', async () => {
    const { world } = rehearse();
    assert.equal(await withinLimit(world, 1000, async () => 'done', SOON), 'done');
    for (const none of [0, Number.MAX_SAFE_INTEGER])
      assert.equal(await withinLimit(world, none, async (inner) => inner === world, SOON), true);
  });

  it('is not taken for Ctrl-C, which keeps its own reason', async () => {
    const { world } = rehearse();
    const stop = new AbortController();
    const reason = new Error('interrupted');
    const stopped = overriding(world, { signal: stop.signal });
    const work = withinLimit(stopped, 60_000, hanging, SOON);
    stop.abort(reason);
    await assert.rejects(work, reason);
  });
});
