import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NotStartedError } from '../../../lib/core/errors.ts';
import { upgrade } from '../../../lib/flows/verbs/upgrade.ts';
import { common, type Rehearsal, rehearse, upgradeIntent, zero } from '../rehearsal/rehearsal.ts';

/** The first question, answered with a no. */
async function questionOf({ world }: Rehearsal): Promise<string> {
  let asked = '';
  world.confirm = async (question) => {
    asked = question;
    return false;
  };
  const intent = { ...common, ...zero, images: { nginx: 'nginx:2' }, batch: 1, surge: 0, soakMs: 0 };
  await assert.rejects(upgrade(world, { ...intent, yes: false, takeOver: false, evict: false }), NotStartedError);
  return asked;
}

describe('the question before the first write', () => {
  it('names every batch of six, and of more the first ones and the last', async () => {
    assert.match(await questionOf(rehearse({ replicas: 6 })), /batches +6: 0 \| 1 \| 2 \| 3 \| 4 \| 5$/m);
    assert.match(await questionOf(rehearse({ replicas: 7 })), /batches +7: 0 \| 1 \| 2 \| 3 \| 4 \| … \| 6$/m);
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
