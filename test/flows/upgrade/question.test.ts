import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NotStartedError, StatusError } from '../../../lib/core/errors.ts';
import { plan } from '../../../lib/flows/verbs/plan.ts';
import { upgrade } from '../../../lib/flows/verbs/upgrade.ts';
import { common, type Rehearsal, rehearse, upgradeIntent, zero } from '../rehearsal/rehearsal.ts';
import { withRevisions } from '../rehearsal/revisions.ts';

/** The first question, answered with a no. */
async function questionOf({ world }: Rehearsal, image = 'nginx:2'): Promise<string> {
  let asked = '';
  world.confirm = async (question) => {
    asked = question;
    return false;
  };
  const intent = { ...common, ...zero, images: { nginx: image }, batch: 1, surge: 0, soakMs: 0 };
  await assert.rejects(upgrade(world, { ...intent, yes: false, takeOver: false, evict: false }), NotStartedError);
  return asked;
}

describe('the question before the first write', () => {
  it('names every batch of six, and of more the first ones and the last', async () => {
    assert.match(await questionOf(rehearse({ replicas: 6 })), /batches +6: 0 \| 1 \| 2 \| 3 \| 4 \| 5$/m);
    assert.match(await questionOf(rehearse({ replicas: 7 })), /batches +7: 0 \| 1 \| 2 \| 3 \| 4 \| … \| 6$/m);
  });

  it('and the plan leave out a pod that runs the revision which the image brings back', async () => {
    const halfDone = () => withRevisions(rehearse({ replicas: 6, updated: [0, 1, 2, 3, 4] }));
    const wish = { ...common, ...zero, batch: 1, surge: 0, soakMs: 0, countingWords: [] };
    const planned = async (image: string) =>
      (await plan(halfDone().world, { ...wish, images: { nginx: image } })).details.batches.flat();
    assert.deepEqual(await planned('nginx:1.25.3'), [0, 1, 2, 3, 4]);
    assert.deepEqual(await planned('nginx:1.26'), [0, 1, 2, 3, 4, 5]);
    assert.match(await questionOf(halfDone(), 'nginx:1.25.3'), /batches +5: 0 \| 1 \| 2 \| 3 \| 4$/m);
  });

  it('and the plan name every pod where revisions may not be listed', async () => {
    const rehearsal = withRevisions(rehearse({ replicas: 3, updated: [0, 1] }));
    const { kube } = rehearsal;
    const list = kube.list.bind(kube);
    kube.list = async (resource, ...rest) => {
      if (resource.plural === 'controllerrevisions') throw new StatusError(403, 'Forbidden', 'not allowed');
      return list(resource, ...rest);
    };
    assert.match(await questionOf(rehearsal, 'nginx:1.25.3'), /batches +3: 0 \| 1 \| 2$/m);
  });

  it('shows no password of the API server', async () => {
    const rehearsal = rehearse({ replicas: 2 });
    rehearsal.world.place = { context: 'prod', server: 'https://jane:s3cret@10.0.0.1:6443' };
    const question = await questionOf(rehearsal);
    assert.match(question, /cluster +https:\/\/.*@10\.0\.0\.1:6443 \(context prod\)/);
    assert.doesNotMatch(question, /s3cret/);
  });

  it('needs no terminal where nothing is to be done, and is refused without one before the first write', async () => {
    const ended = await upgrade(rehearse({ settled: true }).world, upgradeIntent({ yes: false }));
    assert.deepEqual([ended.exitCode, ended.changed], [0, false]);
    const { world, kube } = rehearse();
    await assert.rejects(
      upgrade(world, upgradeIntent({ yes: false })),
      (error: unknown) => error instanceof NotStartedError && /add --yes/.test(error.hint ?? ''),
    );
    assert.equal(kube.writes.length, 0);
  });
});
