/** An upgrade by a window whose cluster, cloud and source fail for a moment: no such error ends it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CloudError, ConnectionError, NotYetError, StatusError } from '../../../lib/core/errors.ts';
import type { UpgradeIntent } from '../../../lib/core/intent/intent.ts';
import { upgrade } from '../../../lib/flows/verbs/upgrade.ts';
import type { World } from '../../../lib/ports.ts';
import { annotation, deletions, type Rehearsal, rehearse } from '../rehearsal/rehearsal.ts';
import { windowOfThree } from '../rehearsal/windows.ts';

const busy = new StatusError(503, 'ServiceUnavailable', 'the server is busy');
const throttled = new CloudError('RequestLimitExceeded', 'too many requests', { requestId: 'r-1', retryable: true });
const reset = new ConnectionError('the connection was reset', { retryable: true });
const NAMES = ['nginx-0', 'nginx-1', 'nginx-2'];
const CALLS = new Set(['get', 'list', 'create', 'patch', 'delete', 'observe', 'bindingsOf', 'read', 'prove']);
const windowOfTwo = {
  ...windowOfThree,
  maxUnavailable: { kind: 'count', count: 2 } as const,
  soakMs: 2_000,
  stableForMs: 4_000,
};

/** The same world; `fails` is asked at each call whether it fails, in its own words. */
function failing({ world, kube, balancer, source }: Rehearsal, fails: () => boolean): World {
  const over = <T extends object>(port: T, error: Error): T =>
    new Proxy(port, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]): Promise<unknown> => {
          if (CALLS.has(String(key)) && fails()) throw error;
          return value.apply(target, args);
        };
      },
    });
  const { clockAheadMs } = kube as { clockAheadMs?: () => number };
  const server = over(kube, busy);
  if (clockAheadMs !== undefined) Object.assign(server, { clockAheadMs });
  return { ...world, kube: server, balancer: over(balancer, throttled), sources: [over(source, reset)] };
}

/** Three pods; two of them have clients for a while. */
function stage(): Rehearsal {
  const rehearsal = rehearse({ replicas: 3 });
  const { source, clock } = rehearsal;
  for (const name of ['nginx-0', 'nginx-2'])
    source.counts.set(name, (nowMs) => (nowMs < clock.startMs + 9_000 ? 2 : 0));
  return rehearsal;
}

async function endOf(world: World, more: Partial<UpgradeIntent> = {}) {
  const { exitCode, results } = await upgrade(world, { ...windowOfTwo, ...more });
  // A weight comes back in a write of its own, or in that of the next drain.
  const steps = results
    .filter(({ action }) => action !== 'restored')
    .map(({ object, action }) => `${object} ${action}`);
  return { exitCode, steps: [...new Set(steps)].sort() };
}

const written = ({ kube }: Rehearsal): number => kube.writes.filter(({ resource }) => resource !== 'events').length;

describe('an error that may be temporary, during an upgrade by a window', () => {
  it('changes no outcome, whichever call of the whole run it strikes: each pod is deleted once, and has its weight back', async () => {
    const undisturbed = stage();
    const expected = await endOf(undisturbed.world);
    let before = 0;
    for (let nth = 1; ; nth++) {
      const rehearsal = stage();
      let calls = 0;
      let struckAt: number | undefined;
      const world = failing(rehearsal, () => {
        calls += 1;
        if (calls !== nth) return false;
        struckAt = written(rehearsal);
        return true;
      });
      const ended = await endOf(world).catch((error: unknown) => error);
      if (struckAt === undefined) break;
      if (ended instanceof Error) {
        // A command that has written nothing yet has nothing to lose.
        assert.deepEqual([struckAt, written(rehearsal), before], [0, 0, nth - 1], `call ${nth}: ${ended}`);
        before = nth;
        continue;
      }
      assert.deepEqual(ended, expected, `call ${nth}`);
      assert.deepEqual(deletions(rehearsal).sort(), NAMES, `call ${nth}`);
      assert.equal(annotation(rehearsal), undefined, `call ${nth}`);
    }
  });

  it('changes no outcome when everything fails from any moment on for any time below --timeout', async () => {
    const expected = await endOf(stage().world);
    await fc.assert(
      fc.asyncProperty(fc.nat(30_000), fc.integer({ min: 1, max: 120_000 }), async (fromMs, forMs) => {
        const rehearsal = stage();
        const { clock, startMs } = { ...rehearsal, startMs: rehearsal.clock.startMs };
        const world = failing(rehearsal, () => {
          const goneMs = clock.now() - startMs;
          return written(rehearsal) > 0 && goneMs >= fromMs && goneMs < fromMs + forMs;
        });
        assert.deepEqual(await endOf(world), expected);
        assert.deepEqual(deletions(rehearsal).sort(), NAMES);
        assert.equal(annotation(rehearsal), undefined);
      }),
      { numRuns: 25 },
    );
  });

  it('is shown, deletes nothing and drains nothing while it lasts, and is a gap in the window of zeros', async () => {
    const rehearsal = rehearse({ replicas: 4 });
    const { clock, kube, report } = rehearsal;
    const goneMs = (): number => clock.now() - clock.startMs;
    const isOut = (): boolean => goneMs() >= 8_000 && goneMs() < 12_000;
    const writes: number[] = [];
    kube.beforeWrite(() => void writes.push(goneMs()));
    await endOf(failing(rehearsal, isOut), { stableForMs: 10_000 });
    assert.match(report.progressLines.join('\n'), /cannot go on now, trying again: .*the server is busy/);
    // Ten seconds without a connection, from the first reading after the gap on.
    assert.deepEqual(
      writes.filter((atMs) => atMs > 2_000 && atMs < 22_000),
      [],
    );
  });

  it('ends the run with "not yet" once it has lasted for --timeout, with the state', async () => {
    const rehearsal = rehearse({ replicas: 4 });
    const { clock } = rehearsal;
    const world = failing(
      rehearsal,
      () => clock.now() - clock.startMs >= 5_000 && clock.now() - clock.startMs < 130_000,
    );
    await assert.rejects(
      endOf(world, { timeoutMs: 60_000 }),
      (error: unknown) => error instanceof NotYetError && /no answer within 1m.*the server is busy/.test(error.message),
    );
    const seconds = (clock.now() - clock.startMs) / 1000;
    assert.ok(seconds >= 65 && seconds < 80, `${seconds} s`);
  });
});
