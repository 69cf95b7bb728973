import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RefusedError } from '../../../../lib/core/errors.ts';
import type { StatusDetails } from '../../../../lib/core/status/status-view.ts';
import { drain } from '../../../../lib/flows/verbs/drain.ts';
import { restore } from '../../../../lib/flows/verbs/restore.ts';
import { status } from '../../../../lib/flows/verbs/status.ts';
import { statusOf } from '../../../../lib/flows/verbs/status-of.ts';
import { SERVICES } from '../../../../lib/ports/resources.ts';
import { service } from '../../../builders.ts';
import { annotation, common, type Rehearsal, rehearse, zero } from '../../rehearsal/rehearsal.ts';

const RS_WEIGHT = 'service.cloud.tencent.com/lb-rs-weight';
const RECORD = 'nginx.kubectl-zeroloss/former-lb-rs-weight';

const ZERO_FOR_0 =
  '{"defaultWeight":10,"groups":[{"key":{"proto":"TCP","port":80},"statefulSets":[{"name":"nginx","weights":[{"weight":0,"podIndexes":[0]}]}]}]}';

const annotate = ({ kube }: Rehearsal, name: string, annotations: Record<string, string>) =>
  kube.edit(SERVICES, name, ({ metadata }) => {
    metadata.annotations = { ...metadata.annotations, ...annotations };
  });

const weights = (details: unknown) =>
  (details as StatusDetails).rows.map(({ backends }) => backends.map(({ wantWeight }) => wantWeight));

test('status shows the pods over an annotation that cannot be read, what they want as unknown, and the cure', async () => {
  const rehearsal = rehearse({ replicas: 2, service: { rsWeight: '{oops' } });
  const outcome = await status(rehearsal.world, common);
  assert.equal(outcome.exitCode, 0);
  assert.deepEqual(weights(outcome.details), [[null], [null]]);
  assert.ok((outcome.details as StatusDetails).rows.every(({ phase }) => phase === 'Running'));
  assert.equal(outcome.message, 'which pods are drained is unknown: the annotation of service/nginx cannot be read');
  const [refusal] = outcome.refusals;
  assert.equal(refusal?.rule, 'annotation-parses');
  assert.match(String(refusal?.cure ?? ''), /^kubectl annotate service nginx \S+lb-rs-weight- /);
});

test('of two Services the one that can be read is shown, and no disagreement is reported', async () => {
  const rehearsal = rehearse({
    replicas: 3,
    services: [
      service({ rsWeight: ZERO_FOR_0 }),
      service({ name: 'web', selector: { app: 'nginx' }, rsWeight: '{oops' }),
    ],
  });
  const looking = { ...common, cloud: false };
  const outcome = await statusOf(rehearsal.world, { ...looking, names: ['nginx'] });
  assert.deepEqual(weights(outcome.details), [
    [0, null],
    [10, null],
    [10, null],
  ]);
  assert.equal(outcome.message, 'drain set: 0 at least: the annotation of service/web cannot be read');
  assert.doesNotMatch((outcome.details as StatusDetails).notes.join('\n'), /disagree/);
  const both = await statusOf(rehearsal.world, { ...looking, names: ['nginx', 'nginx'] });
  assert.deepEqual(
    both.refusals.map(({ rule }) => rule),
    ['annotation-parses', 'annotation-parses'],
  );
});

test('damaged former weights are distinguished from damaged weights: their cure removes the bookkeeping, not the weights', async () => {
  const rehearsal = rehearse({ replicas: 3 });
  await drain(rehearsal.world, { ...common, ordinals: [0] });
  const drained = annotation(rehearsal) ?? '';
  annotate(rehearsal, 'nginx', { [RECORD]: '{oops' });
  const seen = await status(rehearsal.world, common);
  assert.deepEqual(weights(seen.details), [[0], [10], [10]]);
  assert.equal(seen.message, 'drain set: 0');
  const cure = seen.refusals[0]?.cure ?? '';
  assert.match(String(cure), new RegExp(`^kubectl annotate service nginx ${RECORD}- `));

  for (const attempt of [
    () => drain(rehearsal.world, { ...common, ordinals: [1] }),
    () => restore(rehearsal.world, { ...common, ...zero, weightsOnly: true }),
  ]) {
    await assert.rejects(
      attempt(),
      (error: unknown) =>
        error instanceof RefusedError &&
        error.refusals[0]?.rule === 'record-parses' &&
        error.refusals[0].message.includes(RECORD) &&
        String(error.refusals[0].cure) === String(cure),
    );
    assert.equal(annotation(rehearsal), drained);
  }
});

test('after that cure the drained ordinals are given back by number', async () => {
  const rehearsal = rehearse({ replicas: 3, service: { rsWeight: '{"defaultWeight":20,"groups":[]}' } });
  await drain(rehearsal.world, { ...common, ordinals: [0] });
  rehearsal.kube.edit(SERVICES, 'nginx', ({ metadata: { annotations = {} } }) => {
    delete annotations[RECORD];
  });
  await restore(rehearsal.world, { ...common, ...zero, ordinals: [0], weightsOnly: true });
  const after = await status(rehearsal.world, common);
  assert.deepEqual(weights(after.details), [[20], [20], [20]]);
  assert.deepEqual(after.refusals, []);
});

test('status reads what the annotation says again once it is fixed', async () => {
  const rehearsal = rehearse({ replicas: 2, service: { rsWeight: '{oops' } });
  await status(rehearsal.world, common);
  annotate(rehearsal, 'nginx', { [RS_WEIGHT]: '{"defaultWeight":7}' });
  assert.deepEqual(weights((await status(rehearsal.world, common)).details), [[7], [7]]);
});
