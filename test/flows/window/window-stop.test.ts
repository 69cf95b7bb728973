/** An upgrade by a window that must not begin anything more: the pods that are out come to their end all the same. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { NotStartedError, type RefusedError, StatusError, ZerolossError } from '../../../lib/core/errors.ts';
import type { UpgradeIntent } from '../../../lib/core/intent/intent.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { upgrade } from '../../../lib/flows/verbs/upgrade.ts';
import { PODS } from '../../../lib/ports/resources.ts';
import type { World } from '../../../lib/ports.ts';
import { service } from '../../builders.ts';
import { annotation, common, deletions, type Rehearsal, rehearse } from '../rehearsal/rehearsal.ts';
import { windowOfThree } from '../rehearsal/windows.ts';

/** The pods have clients until so many seconds after the start. */
function stage(clients: readonly number[]): Rehearsal {
  const rehearsal = rehearse({ replicas: 6 });
  const { source, clock } = rehearsal;
  clients.forEach((seconds, ordinal) => {
    source.counts.set(`nginx-${ordinal}`, (nowMs) => (nowMs < clock.startMs + seconds * 1000 ? 2 : 0));
  });
  return rehearsal;
}

/** A rule that refuses every drain from then on, unless that pod is being replaced just then. */
const annotates = ({ clock, kube }: Rehearsal, atMs: number): void =>
  clock.at(atMs, () => {
    if (kube.object(PODS, 'nginx-5') === undefined) return;
    kube.edit(PODS, 'nginx-5', ({ metadata }) => {
      metadata.annotations = { ...metadata.annotations, 'service.cloud.tencent.com/custom-weight': '{}' };
    });
  });

const errorOf = (world: World, more: Partial<UpgradeIntent> = {}): Promise<ZerolossError> =>
  upgrade(world, { ...windowOfThree, ...more }).then(
    () => assert.fail('the upgrade did not stop'),
    (error: unknown) => (error instanceof ZerolossError ? error : Promise.reject(error)),
  );

describe('a window that begins nothing more', () => {
  it('finishes the pods that are out after a rule has refused the next drain, and ends with that refusal', async () => {
    const rehearsal = stage([0, 3, 300]);
    annotates(rehearsal, 5_000);
    const error = await errorOf(rehearsal.world);
    assert.match(error.message, /custom-weight/);
    assert.deepEqual(
      (error as RefusedError).refusals.map(({ rule }) => rule),
      ['no-custom-weight'],
    );
    assert.deepEqual(deletions(rehearsal), ['nginx-0', 'nginx-1', 'nginx-2']);
    assert.equal(annotation(rehearsal), undefined);
    assert.match(
      rehearsal.report.warnings.join(),
      /custom-weight.*; no further pod is drained; the pods that are out come to their end first/,
    );
  });

  it('sends a deletion that the API server refuses once, with one Event, while the other pods come to their end', async () => {
    const rehearsal = stage([0, 200, 0]);
    const { kube } = rehearsal;
    const original = kube.delete.bind(kube);
    let sent = 0;
    kube.delete = async (...call) => {
      if (call[1] !== 'nginx-0') return original(...call);
      sent += 1;
      throw new StatusError(403, 'Forbidden', 'pods "nginx-0" is forbidden');
    };
    const error = await errorOf(rehearsal.world);
    assert.match(error.message, /nginx-0.*forbidden/);
    assert.deepEqual(deletions(rehearsal), ['nginx-2', 'nginx-1']);
    const events = kube.writes.filter(({ body }) => /"message":"deleting nginx-0 /.test(JSON.stringify(body ?? {})));
    assert.deepEqual([sent, events.length], [1, 1]);
  });

  it('finishes the pods that are out after a no, and asks only once none of them needs anything soon', async () => {
    const rehearsal = stage([0, 1, 6]);
    const questions: (string | undefined)[] = [];
    const confirm = async () => questions.push(annotation(rehearsal)) < 2;
    const error = await errorOf({ ...rehearsal.world, confirm }, { yes: false });
    assert.match(error.message, /stopped before ordinals 3-5 .*answered no/);
    assert.equal(error.exitCode, 6);
    // At the second question every pod has its weight.
    assert.deepEqual(questions, [undefined, undefined]);
    assert.deepEqual(deletions(rehearsal), ['nginx-0', 'nginx-1', 'nginx-2']);
  });

  it('asks although a pod has clients that may stay for hours, and finishes that pod after a no', async () => {
    const rehearsal = stage([0, 0, 900]);
    const { clock } = rehearsal;
    const questions: number[] = [];
    const confirm = async () => questions.push(clock.now() - clock.startMs) < 2;
    await errorOf({ ...rehearsal.world, confirm }, { yes: false });
    assert.equal(questions.length, 2);
    assert.ok(Number(questions[1]) < 120_000, `${questions[1]} ms`);
    assert.deepEqual(deletions(rehearsal), ['nginx-0', 'nginx-1', 'nginx-2']);
    assert.equal(annotation(rehearsal), undefined);
  });

  it('says in its question how many more pods the same yes lets follow', async () => {
    const rehearsal = stage([0, 0, 900]);
    const questions: string[] = [];
    const confirm = async (question: string) => questions.push(question) < 2;
    await errorOf({ ...rehearsal.world, confirm }, { yes: false });
    assert.match(
      questions[1] ?? '',
      /^Drain ordinals 3,4 of .* at zero, and then up to 1 more without another question \(4 outdated in all\)\?$/,
    );
  });

  it('names the pod that it took over and finished after a no about a Service that leads to one pod alone', async () => {
    const selector = { app: 'nginx', 'statefulset.kubernetes.io/pod-name': 'nginx-1' };
    const rehearsal = rehearse({ replicas: 4, services: [service(), service({ name: 'only-1', selector })] });
    const { source, clock } = rehearsal;
    source.counts.set('nginx-0', (nowMs) => (nowMs < clock.startMs + 60_000 ? 2 : 0));
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    const confirm = async (question: string) => !/Drain any/.test(question);
    const maxUnavailable = { kind: 'count', count: 2 } as const;
    const error = await errorOf({ ...rehearsal.world, confirm }, { yes: false, maxUnavailable });
    assert.ok(!(error instanceof NotStartedError), error.message);
    assert.match(error.message, /^no further pod of statefulset\/nginx is drained \(answered no\)/);
    assert.equal(error.exitCode, 6);
    assert.deepEqual(deletions(rehearsal), ['nginx-0']);
    assert.ok(error.results.some(({ object, action }) => object === 'pod/nginx-0' && action === 'deleted'));
    assert.equal(annotation(rehearsal), undefined);
  });

  it('finishes the pods that are out after a gate that cannot be asked', async () => {
    const rehearsal = stage([0, 3, 100]);
    const failsBecause = async (): Promise<undefined> => {
      if (deletions(rehearsal).length > 0) throw new ZerolossError(1, 'the gate could not be asked');
    };
    const error = await errorOf({ ...rehearsal.world, gates: [{ name: '--gate-query', failsBecause }] });
    assert.match(error.message, /the gate could not be asked/);
    assert.deepEqual(deletions(rehearsal), ['nginx-0', 'nginx-1', 'nginx-2']);
    assert.equal(annotation(rehearsal), undefined);
  });

  it('leaves no pod at weight 0 that it does not name, whatever stops it and whenever, as long as the clients leave', async () => {
    const stops = ['rule', 'no', 'gate', 'sick'] as const;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...stops),
        fc.integer({ min: 2, max: 60 }),
        fc.array(fc.nat(40), { minLength: 6, maxLength: 6 }),
        async (kind, seconds, clients) => {
          const rehearsal = stage(clients);
          const { clock, kube } = rehearsal;
          const isTime = (): boolean => clock.now() - clock.startMs >= seconds * 1000;
          if (kind === 'rule') annotates(rehearsal, seconds * 1000);
          if (kind === 'sick') kube.replacement = () => (isTime() ? { image: 'mirror/nginx:0' } : {});
          const failsBecause = async () => (kind === 'gate' && isTime() ? 'error rate 37%' : undefined);
          let asked = 0;
          const world: World = {
            ...rehearsal.world,
            gates: [{ name: '--gate-query', failsBecause }],
            confirm: async () => ++asked === 1 || !isTime(),
          };
          const ended = await upgrade(world, { ...windowOfThree, soakMs: 2_000, yes: kind !== 'no' }).then(
            () => undefined,
            (error: unknown) => (error instanceof ZerolossError ? error : Promise.reject(error)),
          );
          if (ended === undefined) {
            assert.equal(annotation(rehearsal), undefined);
            return;
          }
          const zeros = /"podIndexes":\[([\d,]+)\]/.exec(annotation(rehearsal) ?? '')?.[1]?.split(',') ?? [];
          if (kind !== 'sick') assert.deepEqual(zeros, [], `${kind} ${seconds}: ${ended}`);
          const named = `${ended.message} ${ended.hint}`;
          for (const ordinal of zeros) assert.match(named, new RegExp(`nginx-${ordinal}|at weight 0`));
        },
      ),
      { numRuns: 30 },
    );
  });
});
