import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RefusedError, StatusError } from '../../../lib/core/errors.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { restore } from '../../../lib/flows/verbs/restore.ts';
import { SERVICES, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import { annotation, cloudDown, common, type Rehearsal, rehearse, zero } from '../rehearsal/rehearsal.ts';

const RS_WEIGHT = 'service.cloud.tencent.com/lb-rs-weight';
const TEXT = '{"defaultWeight":20,"groups":[]}';

async function damaged(rsWeight?: string): Promise<Rehearsal> {
  const rehearsal = rehearse(rsWeight === undefined ? {} : { service: { rsWeight } });
  await drain(rehearsal.world, { ...common, ordinals: [0] });
  rehearsal.kube.edit(SERVICES, 'nginx', (object) => {
    object.metadata.annotations = { ...object.metadata.annotations, [RS_WEIGHT]: '{"defaultWeight":10,' };
  });
  return rehearsal;
}

const out = (rehearsal: Rehearsal, more: object = {}) =>
  restore(rehearsal.world, { ...common, ...zero, weightsOnly: true, ...more });

describe('restore --weights-only --force', () => {
  it('puts the kept text back over a damaged annotation', async () => {
    const rehearsal = await damaged(TEXT);
    const outcome = await out(rehearsal, { force: true });
    assert.equal(annotation(rehearsal), TEXT);
    assert.equal(annotation(rehearsal, 'nginx', 'nginx.kubectl-zeroloss/former-lb-rs-weight'), undefined);
    assert.equal(outcome.results[0]?.action, 'mended');
    assert.match(String(outcome.message ?? ''), /service\/nginx TCP\/80: weight 20 for 0-9; serving: 0-9/);
  });
  it('removes the annotation when there was none before the first drain', async () => {
    const rehearsal = await damaged();
    await out(rehearsal, { force: true });
    assert.equal(annotation(rehearsal), undefined);
  });
  it('is named by the refusal that the damage brings without it', async () => {
    const rehearsal = await damaged(TEXT);
    await assert.rejects(
      out(rehearsal),
      (error: unknown) =>
        error instanceof RefusedError &&
        /^kubectl zeroloss restore nginx --weights-only --force/.test(String(error.refusals[0]?.cure)) &&
        error.refusals[0]?.override === undefined,
    );
  });
  it('is the cure that every other verb names, as long as the text is kept', async () => {
    const cure = async (rehearsal: Rehearsal) =>
      drain(rehearsal.world, { ...common, ordinals: [1] }).then(
        () => assert.fail('not refused'),
        (error: unknown) => (error instanceof RefusedError ? error.refusals[0]?.cure : undefined),
      );
    assert.match(
      String((await cure(await damaged(TEXT))) ?? ''),
      /^kubectl zeroloss restore nginx --weights-only --force/,
    );
    assert.match(
      String((await cure(rehearse({ service: { rsWeight: '{' } }))) ?? ''),
      /^kubectl annotate service nginx .*-weight- /,
    );
  });
  it('refuses where nothing readable is kept, and writes nothing', async () => {
    const rehearsal = rehearse({ service: { rsWeight: 'oh' } });
    await assert.rejects(
      out(rehearsal, { force: true }),
      (error: unknown) => error instanceof RefusedError && error.refusals[0]?.rule === 'former-recorded',
    );
    assert.equal(rehearsal.kube.writes.length, 0);
  });
  it('reads again when another writer writes in between', async () => {
    const rehearsal = await damaged(TEXT);
    let races = 2;
    rehearsal.kube.beforeWrite((call) => {
      if (call.resource !== 'services' || races-- <= 0) return;
      rehearsal.kube.edit(SERVICES, 'nginx', ({ metadata }) => {
        metadata.annotations = { ...metadata.annotations, theirs: String(races) };
      });
    });
    const outcome = await out(rehearsal, { force: true });
    assert.equal(annotation(rehearsal), TEXT);
    assert.equal(outcome.results[0]?.action, 'mended');
    assert.equal(annotation(rehearsal, 'nginx', 'theirs'), '0');
  });
  it('writes nothing on a dry run', async () => {
    const rehearsal = await damaged(TEXT);
    const before = annotation(rehearsal);
    const outcome = await out(rehearsal, { force: true, dryRun: 'client' });
    assert.equal(outcome.results[0]?.action, 'mended');
    assert.equal(annotation(rehearsal), before);
  });
});

const forbidden = (what: string) => new StatusError(403, 'Forbidden', `${what} is forbidden`);

describe('restore --weights-only with the least permissions', () => {
  it('needs no cloud, no events and no list of Services when they are named', async () => {
    const rehearsal = rehearse();
    await drain(rehearsal.world, { ...common, ordinals: [0, 1] });
    rehearsal.balancer.failure = cloudDown;
    rehearsal.kube.failNext({ verb: 'list', resource: 'services' }, forbidden('services'), 99);
    rehearsal.kube.failNext({ verb: 'create', resource: 'events' }, forbidden('events'), 99);
    const outcome = await out(rehearsal, { services: ['nginx'] });
    assert.equal(annotation(rehearsal), undefined);
    assert.equal(outcome.exitCode, 0);
    assert.match(rehearsal.report.text, /no event was written/);
    const asked = rehearsal.kube.calls.map((call) => `${call.verb} ${call.resource}`);
    const needed = [
      'get statefulsets',
      'list pods',
      'list services',
      'get services',
      'patch services',
      'create events',
    ];
    const before = asked.lastIndexOf('create events', asked.length - 4);
    assert.deepEqual(
      [...new Set(asked.slice(before + 1))].filter((call) => !needed.includes(call)),
      [],
    );
  });
  it('says to name the Services when they may not be listed', async () => {
    const rehearsal = rehearse();
    rehearsal.kube.failNext({ verb: 'list', resource: 'services' }, forbidden('services'), 99);
    await assert.rejects(
      out(rehearsal),
      (error: unknown) => error instanceof StatusError && /--service a,b/.test(error.hint ?? ''),
    );
  });
  it('says which pods have weight and do not serve', async () => {
    const rehearsal = rehearse({ replicas: 3 });
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    rehearsal.kube.edit(
      { group: '', version: 'v1', plural: 'pods', kind: 'Pod', namespaced: true },
      'nginx-2',
      (object) => {
        object['status'] = { ...(object['status'] as object), phase: 'Pending' };
      },
    );
    const outcome = await out(rehearsal);
    assert.match(String(outcome.message ?? ''), /weight 10 for 0-2; serving: 0,1; not ready, so without traffic: 2/);
  });
});

describe('restore of a StatefulSet that was deleted in the middle', () => {
  const gone = async (rsWeight?: string) => {
    const rehearsal = rehearse(rsWeight === undefined ? {} : { service: { rsWeight } });
    await drain(rehearsal.world, { ...common, ordinals: [0, 1] });
    rehearsal.kube.remove(STATEFUL_SETS, 'nginx');
    return rehearsal;
  };
  const hints = (pattern: RegExp) => (error: unknown) =>
    error instanceof StatusError && error.httpStatus === 404 && pattern.test(error.hint ?? '');
  it('names the Services that still hold its weights, and the command that clears them', async () => {
    const bare = await gone();
    await assert.rejects(
      out(bare),
      hints(
        /service\/nginx still holds weight 0 for ordinals 0,1 .*\nkubectl annotate service nginx --overwrite service\.cloud\.tencent\.com\/lb-rs-weight- nginx\.kubectl-zeroloss\/former-lb-rs-weight- /,
      ),
    );
    const text = await gone(TEXT);
    await assert.rejects(
      out(text, { weightsOnly: false }),
      hints(/ 'service\.cloud\.tencent\.com\/lb-rs-weight=\{"defaultWeight":20,"groups":\[\]\}' /),
    );
  });
  it('says no more than that it is not there where nothing is left of it', async () => {
    const rehearsal = rehearse();
    rehearsal.kube.remove(STATEFUL_SETS, 'nginx');
    await assert.rejects(out(rehearsal), (error) => !hints(/annotate/)(error) && hints(/get statefulsets/)(error));
  });
});
