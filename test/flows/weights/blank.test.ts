import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StatusError } from '../../../lib/core/errors.ts';
import { advance } from '../../../lib/flows/verbs/advance.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { restore } from '../../../lib/flows/verbs/restore.ts';
import { SERVICES } from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import { pod, service, statefulSet } from '../../builders.ts';
import { annotation, cloudDown, common, type Rehearsal, rehearse, zero } from '../rehearsal/rehearsal.ts';

const RS_WEIGHT = 'service.cloud.tencent.com/lb-rs-weight';
const whole = { ...common, ...zero, weightsOnly: false };

const byHand = ({ kube }: Rehearsal, text: string): void => {
  kube.edit(SERVICES, 'nginx', ({ metadata }) => {
    metadata.annotations = { ...metadata.annotations, [RS_WEIGHT]: text };
  });
};
/** Everything of the Service that we write. */
const written = ({ kube }: Rehearsal) =>
  Object.fromEntries(
    Object.entries(kube.object(SERVICES, 'nginx')?.metadata.annotations ?? {}).filter(([key]) =>
      /lb-rs-weight$|kubectl-zeroloss/.test(key),
    ),
  );

describe('a blank annotation, under which a controller may keep every weight as it is', () => {
  const BLANK = 'nginx.kubectl-zeroloss/former-blank';
  const drainedOver = async (blank: string, options: Parameters<typeof rehearse>[0] = {}): Promise<Rehearsal> => {
    const rehearsal = rehearse(options);
    byHand(rehearsal, blank);
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    return rehearsal;
  };
  const texts = ({ kube }: Rehearsal): unknown[] =>
    kube.writes.flatMap(({ body }) => {
      const { annotations = {} } = (body as KubeObject).metadata ?? {};
      return RS_WEIGHT in annotations ? [annotations[RS_WEIGHT]] : [];
    });
  const shownWeight = async ({ balancer }: Rehearsal): Promise<number | undefined> =>
    (await balancer.observe({ id: 'lb-nginx' })).listeners[0]?.backends[0]?.weight;

  it('of one Service is named where the second one is refused', async () => {
    const outer = service({ name: 'outer', selector: { app: 'nginx' }, rsWeight: '' });
    const rehearsal = await drainedOver('', { services: [service(), outer] });
    const { kube } = rehearsal;
    kube.beforeWrite(({ resource, name, body }) => {
      const { annotations = {} } = (body as KubeObject).metadata ?? {};
      if (resource === 'services' && name === 'outer' && annotations[RS_WEIGHT] === '')
        throw new StatusError(403, 'Forbidden', 'not yours');
    });
    await assert.rejects(restore(rehearsal.world, whole), (error: unknown) => {
      assert.ok(error instanceof StatusError);
      assert.ok(
        error.results.some(({ object, note }) => object === 'service/nginx' && note === 'the blank annotation is back'),
      );
      return true;
    });
  });

  it('comes back text for text, after the load balancer has shown the weights without it', async () => {
    for (const blank of ['', ' \n ']) {
      const rehearsal = await drainedOver(blank);
      const { results } = await restore(rehearsal.world, whole);
      assert.deepEqual(written(rehearsal), { [RS_WEIGHT]: blank });
      assert.deepEqual(texts(rehearsal).slice(1), [null, blank]);
      assert.equal(await shownWeight(rehearsal), 10);
      assert.equal(results.at(-1)?.note, 'the blank annotation is back');
      const writes = rehearsal.kube.writes.length;
      await restore(rehearsal.world, whole);
      assert.equal(rehearsal.kube.writes.length, writes, 'a second restore writes nothing');
    }
  });
  it('comes back by the restore of the last ordinals too, and not by one that leaves some drained', async () => {
    const rehearsal = await drainedOver(' ');
    await drain(rehearsal.world, { ...common, ordinals: [1] });
    await restore(rehearsal.world, { ...whole, ordinals: [0] });
    assert.match(annotation(rehearsal) ?? '', /"podIndexes":\[1\]/);
    await restore(rehearsal.world, { ...whole, ordinals: [1] });
    assert.deepEqual(written(rehearsal), { [RS_WEIGHT]: ' ' });
  });
  it('waits for the load balancer: a restore that is stopped in between leaves no text, and the next one goes on', async () => {
    const rehearsal = await drainedOver('');
    await rehearsal.balancer.observe({ id: 'lb-nginx' });
    rehearsal.balancer.asleep = true;
    await assert.rejects(restore(rehearsal.world, whole), /load balancer does not show them/);
    assert.deepEqual(Object.keys(written(rehearsal)), [BLANK]);
    // The weights of the first run are back: this one has nothing to confirm but what the blank text could freeze.
    await assert.rejects(
      restore(rehearsal.world, whole),
      /weights are given back.*so the blank annotation of service\/nginx is not put back: .*nginx-0 at weight 0/,
    );
    rehearsal.balancer.asleep = false;
    await restore(rehearsal.world, whole);
    assert.deepEqual(written(rehearsal), { [RS_WEIGHT]: '' });
    assert.equal(await shownWeight(rehearsal), 10);
  });
  it('does not freeze the weight 0 of a pod of another owner behind the same Service', async () => {
    const rehearsal = await drainedOver('');
    const foreign = pod({
      statefulSet: statefulSet({ name: 'blue' }),
      ordinal: 0,
      ip: '10.9.9.9',
      labels: { app: 'nginx' },
    });
    rehearsal.kube.put(foreign);
    rehearsal.balancer.override.set('blue-0', 0);
    await assert.rejects(restore(rehearsal.world, whole), /10\.9\.9\.9:80 at weight 0 on TCP\/80/);
    assert.deepEqual(Object.keys(written(rehearsal)), [BLANK]);
    rehearsal.balancer.override.clear();
    await restore(rehearsal.world, whole);
    assert.deepEqual(written(rehearsal), { [RS_WEIGHT]: '' });
  });
  it('comes back later where weights alone are given back, which asks no load balancer', async () => {
    const rehearsal = await drainedOver('');
    rehearsal.balancer.failure = cloudDown;
    const { message } = await restore(rehearsal.world, { ...whole, weightsOnly: true });
    assert.match(
      String(message),
      /blank weight annotation of service\/nginx comes back .*: kubectl zeroloss restore nginx/,
    );
    rehearsal.balancer.failure = undefined;
    await restore(rehearsal.world, whole);
    assert.deepEqual(written(rehearsal), { [RS_WEIGHT]: '' });
  });
  it('comes back after advance has given the last batch back, and after a drain that began before it was back', async () => {
    const rehearsal = await drainedOver('', { updated: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] });
    const { next } = await advance(rehearsal.world, common);
    assert.deepEqual(Object.keys(written(rehearsal)), [BLANK]);
    assert.deepEqual(next.map(String), ['kubectl zeroloss restore nginx']);
    await drain(rehearsal.world, { ...common, ordinals: [3] });
    await restore(rehearsal.world, whole);
    assert.deepEqual(written(rehearsal), { [RS_WEIGHT]: '' });
  });
  it('comes back after a repaired annotation, whose kept text was none', async () => {
    const rehearsal = await drainedOver(' ');
    byHand(rehearsal, '{');
    await restore(rehearsal.world, { ...whole, weightsOnly: true, force: true });
    assert.deepEqual(Object.keys(written(rehearsal)), [BLANK]);
    await restore(rehearsal.world, whole);
    assert.deepEqual(written(rehearsal), { [RS_WEIGHT]: ' ' });
  });
  it('does not replace a text that another writer has written since', async () => {
    const rehearsal = await drainedOver('');
    byHand(rehearsal, '{"defaultWeight":20}');
    await restore(rehearsal.world, whole);
    assert.deepEqual(written(rehearsal), { [RS_WEIGHT]: '{"defaultWeight":20}' });
  });
});
