/** A plan beside a surplus that an earlier run has left without traffic: the script and the Job do as `upgrade` does. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { plan } from '../../../lib/flows/verbs/plan.ts';
import { surge } from '../../../lib/flows/verbs/surge.ts';
import { annotation, common, deletions, type Rehearsal, rehearse, zero } from '../rehearsal/rehearsal.ts';
import { take } from '../rehearsal/take-words.ts';

const asked = { ...common, ...zero, images: {}, batch: 2, surge: 1, soakMs: 0, countingWords: [] };

/** Four replicas, and a fifth at weight 0. */
async function withDark(options: Parameters<typeof rehearse>[0] = {}): Promise<Rehearsal> {
  const rehearsal = rehearse({ replicas: 4, ...options });
  await surge(rehearsal.world, { ...common, count: 1, dark: true });
  assert.match(annotation(rehearsal) ?? '', /"podIndexes":\[4\]/);
  return rehearsal;
}
const stepsOf = async ({ world }: Rehearsal, more: object = {}) => {
  const { details, refusals } = await plan(world, { ...asked, ...more });
  return { refusals, words: details.steps.map(({ words }) => words.join(' ')) };
};

describe('a plan beside a surplus without traffic', () => {
  it('gives it traffic before the first batch, counts it in the floor, and may be run again', async () => {
    const rehearsal = await withDark();
    const { refusals, words } = await stepsOf(rehearsal);
    assert.deepEqual(refusals, []);
    assert.deepEqual(words.slice(0, 3), [
      'surge nginx 1 --skip-done',
      'advance nginx --from 4',
      'drain nginx 0,1 --skip-done',
    ]);
    for (const each of words) await take(rehearsal, each.split(' ')).catch(endsWith3(each));
    assert.deepEqual(deletions(rehearsal), ['nginx-0', 'nginx-1', 'nginx-2', 'nginx-3']);
    assert.equal(annotation(rehearsal), undefined);
    for (const each of words) await take(rehearsal, each.split(' ')).catch(endsWith3(each));
    assert.equal(deletions(rehearsal).length, 4, 'nothing is done twice');
  });

  it('counts it for a Job and in a window too, which begin with it as well', async () => {
    const { refusals, words } = await stepsOf(await withDark(), { maxUnavailable: { kind: 'count', count: 2 } });
    assert.deepEqual(refusals, []);
    assert.deepEqual(words.slice(0, 3), [
      'surge nginx 1 --skip-done',
      'advance nginx --from 4',
      'advance nginx --max-unavailable 2',
    ]);
  });

  it('gives it traffic without a surge of its own too', async () => {
    const { words } = await stepsOf(await withDark(), { surge: 0 });
    assert.deepEqual(words.slice(0, 2), ['advance nginx --from 4', 'drain nginx 0,1 --skip-done']);
  });

  it('replaces it first where it is alone on a template that is given up', async () => {
    const { words } = await stepsOf(await withDark(), { images: { nginx: 'nginx:1.26' } });
    assert.deepEqual(words.slice(0, 6), [
      'surge nginx 1 --skip-done --image nginx=nginx:1.26',
      'set image statefulset/nginx nginx=nginx:1.26',
      'wait-zero nginx 4 --skip-done',
      'recreate nginx 4 --skip-done',
      'advance nginx --from 4',
      'drain nginx 0,1 --skip-done',
    ]);
  });

  it('gives it traffic before a new template, where other pods serve on its own', async () => {
    const { words } = await stepsOf(await withDark({ settled: true }), { images: { nginx: 'nginx:1.26' } });
    assert.deepEqual(words.slice(0, 4), [
      'surge nginx 1 --skip-done --image nginx=nginx:1.26',
      'advance nginx --from 4',
      'set image statefulset/nginx nginx=nginx:1.26',
      'drain nginx 0,1 --skip-done',
    ]);
  });

  it('leaves a surplus that serves as it is', async () => {
    const rehearsal = rehearse({ replicas: 4 });
    await surge(rehearsal.world, { ...common, count: 1, dark: false });
    const { words } = await stepsOf(rehearsal);
    assert.deepEqual(words.slice(0, 2), ['surge nginx 1 --skip-done', 'drain nginx 0,1 --skip-done']);
  });
});

/** As a line of the script takes the end of an advance. */
const endsWith3 =
  (words: string) =>
  (error: { exitCode?: number }): void => {
    if (!words.startsWith('advance') || error.exitCode !== 3) throw error;
  };
