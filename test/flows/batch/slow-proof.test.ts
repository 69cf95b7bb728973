import assert from 'node:assert/strict';
import { it } from 'node:test';
import { NotYetError } from '../../../lib/core/errors.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { recreate } from '../../../lib/flows/verbs/recreate.ts';
import { common, deletions, rehearse, zero } from '../rehearsal/rehearsal.ts';

it('a proof and a last look that together take too long end a deletion at the third time, with how long each took', async () => {
  const rehearsal = rehearse();
  const { world, clock, balancer } = rehearsal;
  await drain(world, { ...common, ordinals: [0] });
  // Both looks ask the cloud by address.
  const bindingsOf = balancer.bindingsOf.bind(balancer);
  balancer.bindingsOf = async (ref, addresses) => {
    await clock.sleep(35_000);
    return bindingsOf(ref, addresses);
  };
  const beganMs = clock.now();
  await assert.rejects(
    recreate(world, { ...common, ...zero, evict: false, force: false, timeoutMs: 3_600_000 }),
    (error: unknown) => {
      assert.ok(error instanceof NotYetError, String(error));
      assert.match(
        error.message,
        /ordinal 0 was at zero each time.*holds for 30s, and its own look took 35s and the last look 35s/,
      );
      assert.match(error.hint ?? '', /-v 6 shows which/);
      return true;
    },
  );
  assert.ok(clock.now() - beganMs < 600_000, `${(clock.now() - beganMs) / 1000} s`);
  assert.deepEqual(deletions(rehearsal), []);
});
