import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CloudError, DisagreesError, NotYetError } from '../../../lib/core/errors.ts';
import type { UpgradeIntent } from '../../../lib/core/intent/intent.ts';
import { upgrade } from '../../../lib/flows/verbs/upgrade.ts';
import { PODS } from '../../../lib/ports/resources.ts';
import type { World } from '../../../lib/ports.ts';
import { fallsIll } from '../rehearsal/ordered.ts';
import { annotation, deletions, type Rehearsal, rehearse, upgradeIntent, zero } from '../rehearsal/rehearsal.ts';

const wish = upgradeIntent({
  maxUnavailable: { kind: 'count', count: 1 },
  timeoutMs: 600_000,
  minServing: { kind: 'count', count: 1 },
});
const run = ({ world }: Rehearsal, more: Partial<UpgradeIntent> = {}, and: Partial<World> = {}) =>
  upgrade({ ...world, ...and }, { ...wish, ...more });
const soaking: Partial<UpgradeIntent> = { soakMs: 30_000 };

/** Calls it once, at the first write of weights after so many deletions. */
function atReturn({ kube, ...rehearsal }: Rehearsal, count: number, call: () => void): void {
  let isOver = false;
  kube.beforeWrite(({ verb, resource }) => {
    if (isOver || verb !== 'patch' || resource !== 'services') return;
    if (deletions({ kube, ...rehearsal }).length !== count) return;
    isOver = true;
    call();
  });
}

const later = ({ clock }: Rehearsal, ms: number, call: () => void): void =>
  clock.at(clock.now() - clock.startMs + ms, call);

/** A gate that holds; nginx-0 falls ill the first time that it is asked once this is so. */
function fallsIllMeanwhile(rehearsal: Rehearsal, isDue: () => boolean): NonNullable<World['gates']>[number] {
  let isIll = false;
  const failsBecause = async () => {
    if (isIll || !isDue()) return undefined;
    isIll = true;
    fallsIll(rehearsal, 'nginx-0', 'CrashLoopBackOff');
    await rehearsal.clock.sleep(20_000);
    return undefined;
  };
  return { name: '--gate-command', failsBecause };
}

describe('the health of the pods of a window', () => {
  it('asks the gates while a pod soaks and before each drain, and drains nothing after one has failed', async () => {
    for (const more of [soaking, {}]) {
      const rehearsal = rehearse();
      const gates = [
        {
          name: '--gate-query',
          failsBecause: async () => (deletions(rehearsal).length > 0 ? 'error rate 37%' : undefined),
        },
      ];
      await assert.rejects(
        run(rehearsal, { ...more, maxUnavailable: { kind: 'count', count: 2 } }, { gates }),
        (error: unknown) =>
          error instanceof DisagreesError && /gate --gate-query failed .*error rate 37%/.test(error.message),
      );
      assert.equal(deletions(rehearsal).length, 2);
      assert.match(rehearsal.report.warnings.join(), /no further pod is drained/);
    }
  });

  it('gives no weight to a pod that falls ill while a gate is asked', async () => {
    const rehearsal = rehearse({ replicas: 4 });
    const { clock, kube, source } = rehearsal;
    // The others soak by the time that this one comes back, and a gate is asked.
    source.counts.set('nginx-0', (nowMs) => (nowMs < clock.startMs + 25_000 ? 1 : 0));
    const isBack = () => deletions(rehearsal).includes('nginx-0') && kube.object(PODS, 'nginx-0') !== undefined;
    const gates = [fallsIllMeanwhile(rehearsal, isBack)];
    const three = { maxUnavailable: { kind: 'count', count: 3 } } as const;
    await assert.rejects(run(rehearsal, { ...three, soakMs: 60_000 }, { gates }), DisagreesError);
    assert.match(annotation(rehearsal) ?? '', /"weight":0,"podIndexes":\[0\]/);
  });

  it('neither gives such a pod weight in the write that drains the next one, nor drains that one', async () => {
    const rehearsal = rehearse({ replicas: 3 });
    const { kube } = rehearsal;
    kube.replacement = (name) => (name === 'nginx-0' ? { ready: false } : {});
    let isReady = false;
    atReturn(rehearsal, 2, () => {
      isReady = true;
      kube.edit(PODS, 'nginx-0', ({ status }) => {
        for (const condition of (status as { conditions: { status: string }[] }).conditions) condition.status = 'True';
      });
    });
    const gates = [fallsIllMeanwhile(rehearsal, () => isReady)];
    const two = { maxUnavailable: { kind: 'count', count: 2 } } as const;
    await assert.rejects(run(rehearsal, two, { gates }), DisagreesError);
    assert.match(annotation(rehearsal) ?? '', /"weight":0,"podIndexes":\[0\]/);
    assert.equal(deletions(rehearsal).length, 2);
  });

  it('asks no gate before a pod is updated', async () => {
    const rehearsal = rehearse({ replicas: 2 });
    const asked: number[] = [];
    const failsBecause = async () => void asked.push(deletions(rehearsal).length) as undefined;
    await run(rehearsal, {}, { gates: [{ name: '--gate-command', failsBecause }] });
    assert.ok(asked.length > 0 && asked.every((count) => count > 0));
  });

  it('ends with 7 after one pod that the load balancer loses during its soak, as batches do', async () => {
    const rehearsal = rehearse({ replicas: 4 });
    atReturn(rehearsal, 1, () => {
      later(rehearsal, 4_000, () => void rehearsal.balancer.health.set('nginx-0', 'dead'));
      later(rehearsal, 24_000, () => void rehearsal.balancer.health.delete('nginx-0'));
    });
    await assert.rejects(
      run(rehearsal, soaking),
      (error: unknown) =>
        error instanceof DisagreesError && /not well: pod\/nginx-0 is dead at service\/nginx/.test(error.message),
    );
    assert.deepEqual(deletions(rehearsal), ['nginx-0']);
  });

  it('ends with 7 after one pod that runs another image than the template', async () => {
    const rehearsal = rehearse({ replicas: 4 });
    rehearsal.kube.replacement = () => ({ image: 'mirror/nginx:0' });
    await assert.rejects(
      run(rehearsal),
      (error: unknown) => error instanceof DisagreesError && /runs nginx=mirror\/nginx:0, wanted/.test(error.message),
    );
    assert.deepEqual(deletions(rehearsal), ['nginx-0']);
  });

  it('counts the soak from the look at which the load balancer shows the weight', async () => {
    const rehearsal = rehearse({ replicas: 2 });
    let shownMs = 0;
    atReturn(rehearsal, 1, () => {
      rehearsal.balancer.override.set('nginx-0', 0);
      later(rehearsal, 28_000, () => {
        shownMs = rehearsal.clock.now();
        rehearsal.balancer.override.delete('nginx-0');
      });
    });
    let goneMs = 0;
    rehearsal.kube.replacement = (name) => {
      if (name === 'nginx-1') goneMs = rehearsal.clock.now();
      return {};
    };
    await run(rehearsal, soaking);
    // Its own stability window and its start come on top of the soak of the one before.
    assert.ok(goneMs - shownMs >= 30_000 + zero.stableForMs);
  });

  it('counts no time as a soak in which the cloud did not answer, and none from before a pod was not ready', async () => {
    const awayMs = 720_000;
    const soaksFor = async (meanwhile: (rehearsal: Rehearsal) => void): Promise<number> => {
      const rehearsal = rehearse({ replicas: 2 });
      const { clock, kube, balancer } = rehearsal;
      let returnedMs = 0;
      let goneMs = 0;
      atReturn(rehearsal, 1, () => {
        returnedMs = clock.now();
        later(rehearsal, 300_000, () => {
          balancer.failure = new CloudError('RequestLimitExceeded', 'too many', { requestId: 'r-1', retryable: true });
          meanwhile(rehearsal);
        });
        later(rehearsal, 300_000 + awayMs, () => {
          balancer.failure = undefined;
        });
      });
      kube.replacement = (name) => {
        if (name === 'nginx-1') goneMs = clock.now();
        return {};
      };
      await run(rehearsal, { soakMs: 600_000, timeoutMs: 3_600_000 });
      return goneMs - returnedMs;
    };
    const blinks = ({ kube }: Rehearsal): void =>
      void kube.edit(PODS, 'nginx-0', (pod) => {
        const { conditions } = pod['status'] as { conditions: { type: string; lastTransitionTime: string }[] };
        for (const one of conditions) if (one.type === 'Ready') one.lastTransitionTime = '2026-01-01T00:09:00Z';
      });
    const [served, blinked] = [await soaksFor(() => {}), await soaksFor(blinks)];
    assert.ok(served >= 600_000 + awayMs, `${served} ms`);
    assert.ok(served < 700_000 + awayMs, `${served} ms`);
    assert.ok(blinked >= 900_000 + awayMs, `${blinked} ms`);
  });

  it('drains nothing over a replacement that is not ready within --timeout', async () => {
    const rehearsal = rehearse();
    rehearsal.kube.replacement = (name) => (name === 'nginx-0' ? { ready: false } : {});
    // The other two are still observed when the replacement is late.
    for (const name of ['nginx-1', 'nginx-2'])
      rehearsal.source.counts.set(name, (nowMs) => (nowMs < rehearsal.clock.startMs + 60_000 ? 1 : 0));
    await assert.rejects(
      run(rehearsal, { maxUnavailable: { kind: 'count', count: 3 }, timeoutMs: 120_000, soakMs: 120_000 }),
      (error: unknown) => error instanceof NotYetError && /nginx-0 starting/.test(error.message),
    );
    assert.deepEqual(deletions(rehearsal), ['nginx-0', 'nginx-1', 'nginx-2']);
  });

  it('leaves pods their weight whose health checks fail for twenty seconds', async () => {
    const rehearsal = rehearse();
    const most = mostDrained(rehearsal);
    for (let ordinal = 0; ordinal < 10; ordinal++)
      rehearsal.source.counts.set(`nginx-${ordinal}`, (now) => (now < rehearsal.clock.startMs + 600_000 ? 3 : 0));
    later(rehearsal, 20_000, () => {
      for (const ordinal of [5, 6, 7, 8]) rehearsal.balancer.health.set(`nginx-${ordinal}`, 'dead');
    });
    later(rehearsal, 40_000, () => rehearsal.balancer.health.clear());
    await run(rehearsal, { timeoutMs: 3_600_000 });
    assert.equal(most(), 1);
    assert.equal(deletions(rehearsal).length, 10);
  });

  it('drains pods that fail for longer, as many at a time as it has places', async () => {
    const rehearsal = rehearse();
    const most = mostDrained(rehearsal);
    for (const ordinal of [5, 6, 7, 8]) rehearsal.balancer.health.set(`nginx-${ordinal}`, 'dead');
    const health = rehearsal.balancer.health;
    const replaced = rehearsal.kube.replacement;
    rehearsal.kube.replacement = (name) => {
      health.delete(name);
      return replaced?.(name);
    };
    await run(rehearsal);
    assert.equal(most(), 1);
    assert.deepEqual(deletions(rehearsal).slice(0, 4), ['nginx-5', 'nginx-6', 'nginx-7', 'nginx-8']);
    assert.equal(deletions(rehearsal).length, 10);
  });
});

/** The largest number of pods at weight 0 that any write found. */
function mostDrained(rehearsal: Rehearsal): () => number {
  let most = 0;
  rehearsal.kube.beforeWrite(() => {
    const text = annotation(rehearsal) ?? '{}';
    const weights = JSON.parse(text).groups?.[0]?.statefulSets?.[0]?.weights ?? [];
    const zeros = weights.flatMap((each: { weight: number; podIndexes: number[] }) =>
      each.weight === 0 ? each.podIndexes : [],
    );
    most = Math.max(most, zeros.length);
  });
  return () => most;
}
