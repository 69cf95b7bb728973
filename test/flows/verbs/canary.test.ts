import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConflictError, DisagreesError, RefusedError } from '../../../lib/core/errors.ts';
import type { UpgradePlan } from '../../../lib/core/plan/upgrade-plan.ts';
import { advance } from '../../../lib/flows/verbs/advance.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { plan } from '../../../lib/flows/verbs/plan.ts';
import { restore } from '../../../lib/flows/verbs/restore.ts';
import { PODS, SERVICES, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import { service } from '../../builders.ts';
import { annotation, common, type Rehearsal, rehearse, zero } from '../rehearsal/rehearsal.ts';

const CANARY = 'nginx.kubectl-zeroloss/canary';
const FORMER = 'nginx.kubectl-zeroloss/former-lb-rs-weight';

/** Ordinals 0 and 1 are updated and drained. */
async function drained(options: Parameters<typeof rehearse>[0] = {}): Promise<Rehearsal> {
  const rehearsal = rehearse({ updated: [0, 1], ...options });
  await drain(rehearsal.world, { ...common, ordinals: [0, 1] });
  return rehearsal;
}

const raise = (rehearsal: Rehearsal, ordinals: number[], weights: number[], more: object = {}) =>
  restore(rehearsal.world, {
    ...common,
    ...zero,
    weightsOnly: false,
    ordinals,
    weights,
    everyMs: 120_000,
    ...more,
  });

const weightsWritten = ({ kube }: Rehearsal): string[] =>
  kube.writes
    .filter((call) => call.verb === 'patch' && call.resource === 'services')
    .map(
      (call) =>
        JSON.stringify(call.body)
          .match(/\\"weight\\":\d+,\\"podIndexes\\":\[[\d,]+\]/g)
          ?.join() ?? '-',
    )
    .map((text) => text.replaceAll('\\"', '').replaceAll('podIndexes:', ''));

/** Somebody sets another image: every pod is outdated, canaries too. */
const newTemplate = ({ kube }: Rehearsal) =>
  kube.edit(STATEFUL_SETS, 'nginx', (object) => {
    object['status'] = { ...(object['status'] as object), updateRevision: 'nginx-third' };
  });

const refusedWith = (rule: string) => (error: unknown) =>
  error instanceof RefusedError && error.refusals.some((refusal) => refusal.rule === rule);

describe('restore --weight', () => {
  it('raises the batch in steps, with the observation between them, and ends with the former annotation', async () => {
    const rehearsal = await drained();
    const startMs = rehearsal.clock.now();
    const outcome = await raise(rehearsal, [0, 1], [1, 5, 10]);
    const tookMs = rehearsal.clock.now() - startMs;
    assert.ok(tookMs >= 240_000 && tookMs < 300_000, 'each weight but the last is observed');
    assert.deepEqual(
      weightsWritten(rehearsal).filter((text) => /weight:[15],/.test(text)),
      ['weight:1,[0,1]', 'weight:5,[0,1]'],
    );
    assert.equal(annotation(rehearsal), undefined, 'weight 10 is the default: nothing is left to say');
    assert.equal(annotation(rehearsal, 'nginx', CANARY), undefined);
    assert.equal(annotation(rehearsal, 'nginx', FORMER), undefined);
    assert.equal(outcome.results[0]?.action, 'restored');
    assert.equal(outcome.changed, true);
  });
  it('keeps a last weight that is not the former one, until restore gives the former text back', async () => {
    const text = '{"defaultWeight":20,"groups":[]}';
    const rehearsal = await drained({ service: { rsWeight: text } });
    await raise(rehearsal, [0, 1], [5]);
    assert.match(annotation(rehearsal) ?? '', /"weight":5,"podIndexes":\[0,1\]/);
    assert.equal(annotation(rehearsal, 'nginx', CANARY), '{"0":5,"1":5,"format":1}');
    await restore(rehearsal.world, { ...common, ...zero, weightsOnly: false });
    assert.equal(annotation(rehearsal), text);
    assert.equal(annotation(rehearsal, 'nginx', CANARY), undefined);
  });
  it('stops where a step is not well, and says where it stands and how to go on or back', async () => {
    const rehearsal = await drained();
    const { clock, balancer } = rehearsal;
    clock.at(clock.now() - clock.startMs + 150_000, () => {
      balancer.health.set('nginx-1', 'dead');
    });
    await assert.rejects(raise(rehearsal, [0, 1], [1, 5, 10]), (error: unknown) => {
      assert.ok(error instanceof DisagreesError);
      assert.match(error.message, /^stopped at weight 5 \(step 2 of 3\): .*nginx-1 is dead/);
      assert.match(error.hint ?? '', /drain nginx 0,1$/m);
      assert.match(error.hint ?? '', /restore nginx 0,1 --weight 5,10 --every 2m$/m);
      return true;
    });
    assert.match(annotation(rehearsal) ?? '', /"weight":5,"podIndexes":\[0,1\]/);
  });
  it('goes on from the present weight when the same command is run again', async () => {
    const rehearsal = await drained();
    await raise(rehearsal, [0, 1], [5]);
    const before = weightsWritten(rehearsal).length;
    const startMs = rehearsal.clock.now();
    await raise(rehearsal, [0, 1], [1, 5, 7]);
    assert.ok(rehearsal.clock.now() - startMs >= 120_000, 'nobody knows whether the present weight was observed');
    assert.deepEqual(weightsWritten(rehearsal).slice(before), ['weight:7,[0,1]']);
  });
  it('raises no further once another writer has drained the canary between two steps', async () => {
    const rehearsal = await drained();
    let looks = 0;
    rehearsal.world.gates = [
      {
        name: 'alarm',
        failsBecause: async () => {
          if (rehearsal.clock.now() - rehearsal.clock.startMs < 120_000 || looks++ > 0) return undefined;
          await drain({ ...rehearsal.world, gates: [] }, { ...common, ordinals: [0] });
          return undefined;
        },
      },
    ];
    await assert.rejects(
      raise(rehearsal, [0], [1, 5, 10]),
      (error: unknown) => error instanceof ConflictError && /changed the weight of ordinal 0/.test(error.message),
    );
    assert.ok(looks > 0);
    assert.match(annotation(rehearsal) ?? '', /"weight":0,"podIndexes":\[0,1\]/);
    assert.equal(annotation(rehearsal, 'nginx', CANARY), undefined);
  });
  it('is already done when the batch has its weight', async () => {
    const rehearsal = await drained();
    await raise(rehearsal, [0, 1], [1, 10]);
    const outcome = await raise(rehearsal, [0, 1], [1, 10]);
    assert.equal(outcome.changed, false);
    assert.equal(outcome.results[0]?.action, 'already restored');
  });
  it('refuses a pod that has its full weight, and one that is outdated; nothing is written', async () => {
    const rehearsal = await drained();
    await drain(rehearsal.world, { ...common, ordinals: [2] });
    const before = rehearsal.kube.writes.length;
    await assert.rejects(raise(rehearsal, [3], [1, 5]), refusedWith('drained'));
    await assert.rejects(raise(rehearsal, [2], [1, 5]), refusedWith('batch-ready'));
    assert.equal(rehearsal.kube.writes.length, before);
  });
  it('writes nothing on a dry run', async () => {
    const rehearsal = await drained();
    const before = annotation(rehearsal);
    const outcome = await raise(rehearsal, [0, 1], [1, 5], { dryRun: 'client' });
    assert.match(outcome.results[0]?.note ?? '', /ordinals 0,1 to weight 1, then 5, 2m each/);
    assert.equal(annotation(rehearsal), before);
  });
  it('raises on every Service, each with its own former annotation', async () => {
    const odd = '{"defaultWeight":30,"groups":[]}';
    const rehearsal = await drained({
      services: [service(), service({ name: 'internal', selector: { app: 'nginx' }, rsWeight: odd })],
    });
    await raise(rehearsal, [0, 1], [10]);
    for (const name of ['nginx', 'internal'])
      assert.match(
        annotation(rehearsal, name) ?? '',
        /"weight":10,"podIndexes":\[0,1\]/,
        'a default weight on one Service only',
      );
    await raise(rehearsal, [0, 1], [30]);
    await restore(rehearsal.world, { ...common, ...zero, weightsOnly: false });
    assert.equal(annotation(rehearsal), undefined);
    assert.equal(annotation(rehearsal, 'internal'), odd);
  });
});

describe('other verbs and canaries', () => {
  it('drain of other pods leaves a canary its weight, and drain of the canary ends it', async () => {
    const rehearsal = await drained();
    await raise(rehearsal, [0], [5]);
    await drain(rehearsal.world, { ...common, ordinals: [4] });
    assert.match(annotation(rehearsal) ?? '', /"weight":5,"podIndexes":\[0\]/);
    assert.match(annotation(rehearsal) ?? '', /"weight":0,"podIndexes":\[1,4\]/);
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    assert.equal(annotation(rehearsal, 'nginx', CANARY), undefined);
    assert.match(annotation(rehearsal) ?? '', /"weights":\[\{"weight":0,"podIndexes":\[0,1,4\]\}\]/);
  });
  it('advance gives a canary batch all of its weight and drains as many', async () => {
    const rehearsal = await drained();
    await raise(rehearsal, [0, 1], [5]);
    await advance(rehearsal.world, common);
    assert.match(annotation(rehearsal) ?? '', /"weights":\[\{"weight":0,"podIndexes":\[2,3\]\}\]/);
    assert.equal(annotation(rehearsal, 'nginx', CANARY), undefined);
  });
  for (const [how, more, zeros] of [
    ['by batches', {}, '0'],
    ['by a window', { maxUnavailable: { kind: 'count', count: 2 } as const }, '0,1'],
  ] as const)
    it(`advance ${how} leaves a canary that a new template made outdated its small weight, and drains it in its turn`, async () => {
      const rehearsal = rehearse({ replicas: 4, updated: [2] });
      await drain(rehearsal.world, { ...common, ordinals: [2] });
      await raise(rehearsal, [2], [1]);
      newTemplate(rehearsal);
      await advance(rehearsal.world, { ...common, ...more });
      assert.match(annotation(rehearsal) ?? '', new RegExp(`"weight":0,"podIndexes":\\[${zeros}\\]`));
      assert.match(annotation(rehearsal) ?? '', /"weight":1,"podIndexes":\[2\]/);
      assert.equal(annotation(rehearsal, 'nginx', CANARY), '{"2":1,"format":1}');
    });
  it('advance by name gives no canary more weight that it was not given by name', async () => {
    const rehearsal = await drained();
    await raise(rehearsal, [1], [5]);
    await advance(rehearsal.world, { ...common, from: [0] });
    assert.match(annotation(rehearsal) ?? '', /"weights":\[\{"weight":5,"podIndexes":\[1\]\}\]/);
    assert.equal(annotation(rehearsal, 'nginx', CANARY), '{"1":5,"format":1}');
  });
  it('an outdated canary that is to get traffic is to be drained first, and the refusal names that drain', async () => {
    const rehearsal = await drained();
    await raise(rehearsal, [0, 1], [5]);
    newTemplate(rehearsal);
    const cured = (error: unknown) => {
      assert.ok(error instanceof RefusedError, String(error));
      assert.deepEqual(
        error.refusals.map(({ rule, cure }) => `${rule}: ${cure}`),
        ['batch-ready: kubectl zeroloss drain nginx 1'],
      );
      return true;
    };
    await assert.rejects(advance(rehearsal.world, { ...common, from: [1] }), cured);
    await assert.rejects(raise(rehearsal, [1], [7]), cured);
    await drain(rehearsal.world, { ...common, ordinals: [1] });
    assert.match(annotation(rehearsal) ?? '', /"weight":0,"podIndexes":\[1\]/);
  });
  it('a canary that is not ready is looked at, and no verb is named that refuses it', async () => {
    const rehearsal = await drained();
    await raise(rehearsal, [0, 1], [5]);
    rehearsal.kube.edit(PODS, 'nginx-1', (object) => {
      object['status'] = { ...(object['status'] as object), conditions: [] };
    });
    await assert.rejects(advance(rehearsal.world, common), (error: unknown) => {
      assert.ok(error instanceof RefusedError, String(error));
      assert.equal(String(error.refusals[0]?.cure), 'kubectl describe pod nginx-1   # shows why');
      return true;
    });
  });
  it('a plan gives an updated canary all of its weight before it drains the next batch', async () => {
    const rehearsal = rehearse({ replicas: 4, updated: [2] });
    await drain(rehearsal.world, { ...common, ordinals: [2] });
    await raise(rehearsal, [2], [1]);
    const intent = { ...common, ...zero, images: {}, batch: 1, surge: 0, soakMs: 0, countingWords: [] };
    const { steps } = (await plan(rehearsal.world, intent)).details as UpgradePlan;
    assert.deepEqual(
      steps.slice(0, 3).map(({ words }) => words.slice(0, 3).join(' ')),
      ['verify nginx 2', 'restore nginx 2', 'drain nginx 0'],
    );
  });
  it('restore of one canary leaves the others their weight', async () => {
    const rehearsal = await drained();
    await raise(rehearsal, [0, 1], [5]);
    await restore(rehearsal.world, { ...common, ...zero, weightsOnly: false, ordinals: [0] });
    assert.match(annotation(rehearsal) ?? '', /"weights":\[\{"weight":5,"podIndexes":\[1\]\}\]/);
    assert.equal(annotation(rehearsal, 'nginx', CANARY), '{"1":5,"format":1}');
  });
  it('a damaged canary record is no reason to fail', async () => {
    const rehearsal = await drained();
    rehearsal.kube.edit(SERVICES, 'nginx', (object) => {
      object.metadata.annotations = { ...object.metadata.annotations, [CANARY]: 'oh' };
    });
    await restore(rehearsal.world, { ...common, ...zero, weightsOnly: false });
    assert.equal(annotation(rehearsal), undefined);
  });
});
