import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NotYetError, StatusError, ZerolossError } from '../../../lib/core/errors.ts';
import { readStatefulSet } from '../../../lib/core/target/stateful-set-facts.ts';
import { namesWay } from '../../../lib/core/values/way.ts';
import { setImages } from '../../../lib/flows/upgrade/set-image.ts';
import { advance } from '../../../lib/flows/verbs/advance.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { recreate } from '../../../lib/flows/verbs/recreate.ts';
import { restore } from '../../../lib/flows/verbs/restore.ts';
import { surge } from '../../../lib/flows/verbs/surge.ts';
import { STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import { service, statefulSet } from '../../builders.ts';
import { onNodes, record } from '../rehearsal/on-nodes.ts';
import { common, deletions, type Rehearsal, rehearse, zero } from '../rehearsal/rehearsal.ts';

const done = (expected: string[]) => (error: unknown) => {
  assert.ok(error instanceof ZerolossError);
  assert.deepEqual(
    error.results.map(({ object, action, changed }) => `${object} ${action} ${changed}`),
    expected,
  );
  return true;
};
const asleep = async (rehearsal: Rehearsal) => {
  await rehearsal.balancer.observe({ id: 'lb-nginx' });
  rehearsal.balancer.asleep = true;
};
const soon = { ...common, timeoutMs: 3_000 };

describe('a verb that fails after its write carries what it has written', () => {
  it('drain', async () => {
    const rehearsal = rehearse();
    await asleep(rehearsal);
    await assert.rejects(drain(rehearsal.world, { ...soon, ordinals: [0] }), done(['service/nginx drained true']));
    await assert.rejects(
      drain(rehearsal.world, { ...soon, ordinals: [0] }),
      done([]),
      'the second time nothing was written',
    );
  });
  it('advance', async () => {
    const rehearsal = rehearse();
    await asleep(rehearsal);
    await assert.rejects(advance(rehearsal.world, soon), done(['service/nginx advanced true']));
  });
  it('surge', async () => {
    const rehearsal = rehearse();
    rehearsal.balancer.health.set('nginx-10', 'dead');
    await assert.rejects(
      surge(rehearsal.world, { ...soon, count: 1, dark: false }),
      done(['statefulset/nginx surged true']),
    );
  });
  it('recreate', async () => {
    const rehearsal = rehearse();
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    rehearsal.kube.replacement = () => ({ ready: false });
    await assert.rejects(
      recreate(rehearsal.world, { ...soon, ...zero, timeoutMs: 60_000, evict: false, force: false }),
      done(['pod/nginx-0 deleted true']),
    );
  });
  it('recreate, where one of two deletions is refused: the other is waited for and named', async () => {
    const rehearsal = rehearse();
    const { kube, clock } = rehearsal;
    await drain(rehearsal.world, { ...common, ordinals: [0, 1] });
    const sent = kube.delete.bind(kube);
    kube.delete = async (resource, name, options) => {
      if (name === 'nginx-0') throw new StatusError(403, 'Forbidden', 'pods "nginx-0" is forbidden by a webhook');
      await clock.sleep(50);
      return sent(resource, name, options);
    };
    await assert.rejects(
      recreate(rehearsal.world, { ...soon, ...zero, timeoutMs: 60_000, evict: false, force: false }),
      done(['pod/nginx-1 deleted true']),
    );
    assert.equal(deletions(rehearsal).length, 1);
  });
  it('restore with a surge on: the weights are back, and the way on is the commands for the surplus', async () => {
    const rehearsal = rehearse({ replicas: 6 });
    await surge(rehearsal.world, { ...common, count: 1, dark: false });
    await drain(rehearsal.world, { ...common, ordinals: [0, 1] });
    await assert.rejects(restore(rehearsal.world, { ...common, ...zero, weightsOnly: false }), (error: unknown) => {
      assert.ok(error instanceof NotYetError && namesWay(error.advice, 'on'));
      return done(['service/nginx restored true'])(error);
    });
  });
  it('restore of a surplus whose pods do not go: the scale-down', async () => {
    const rehearsal = rehearse({ replicas: 6 });
    await surge(rehearsal.world, { ...common, count: 1, dark: false });
    await drain(rehearsal.world, { ...common, ordinals: [6] });
    rehearsal.kube.remove = () => undefined;
    await assert.rejects(
      restore(rehearsal.world, { ...common, ...zero, weightsOnly: false }),
      done(['statefulset/nginx scaled back true']),
    );
  });
  it('drain of two Services, where the write of the second is forbidden: the first', async () => {
    const { world, kube } = rehearse({ services: [service(), service({ name: 'outer', selector: { app: 'nginx' } })] });
    const patch = kube.patch.bind(kube);
    kube.patch = async (...call) => {
      if (call[1] === 'outer') throw new StatusError(403, 'Forbidden', 'services "outer" is forbidden');
      return patch(...call);
    };
    await assert.rejects(drain(world, { ...common, ordinals: [0] }), done(['service/nginx weights written true']));
  });
  it('an image that a webhook rewrites: the template', async () => {
    const { world, kube } = rehearse({ settled: true });
    const set = readStatefulSet(kube.object(STATEFUL_SETS, 'nginx') as KubeObject);
    const patch = kube.patch.bind(kube);
    kube.patch = async (...call) => {
      const kept = await patch(...call);
      return call[0].plural === 'statefulsets' ? statefulSet({ image: 'mirror/nginx:2' }) : kept;
    };
    await assert.rejects(
      setImages(world, set, [], { nginx: 'nginx:2' }),
      done(['statefulset/nginx template set true']),
    );
  });
});

describe('restore with a surge on', () => {
  it('takes away the note of nodes to be emptied, so that the cure of node-cordoned leads out', async () => {
    const rehearsal = onNodes();
    await surge(rehearsal.world, { ...common, count: 1, dark: false });
    await drain(rehearsal.world, { ...common, nodes: ['n1'], ordinals: [0] });
    assert.notEqual(record(rehearsal), undefined);
    await assert.rejects(restore(rehearsal.world, { ...common, ...zero, weightsOnly: false }), NotYetError);
    assert.equal(record(rehearsal), undefined);
  });

  for (const dryRun of ['client', 'server'] as const)
    it(`shows once that no node is to be emptied, with --dry-run=${dryRun}`, async () => {
      const rehearsal = onNodes();
      await surge(rehearsal.world, { ...common, count: 1, dark: false });
      await drain(rehearsal.world, { ...common, nodes: ['n1'], ordinals: [0, 4] });
      const { results } = await restore(rehearsal.world, { ...common, ...zero, weightsOnly: false, dryRun });
      assert.equal(results.filter(({ action }) => action === 'bookkeeping removed').length, 1);
      assert.notEqual(record(rehearsal), undefined);
    });
});
