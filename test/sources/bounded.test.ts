import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mapBounded } from '../../lib/sources/bounded.ts';

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('results come in the order of the items, with at most as many under way as allowed', async () => {
  let [under, most] = [0, 0];
  const doubled = await mapBounded([5, 1, 4, 2, 3], 2, async (item) => {
    under += 1;
    most = Math.max(most, under);
    for (let turn = 0; turn < item; turn += 1) await tick();
    under -= 1;
    return item * 2;
  });
  assert.deepEqual([doubled, most], [[10, 2, 8, 4, 6], 2]);
});

test('after a failure nothing new is begun, and the failure is thrown', async () => {
  const begun: number[] = [];
  await assert.rejects(
    mapBounded([1, 2, 3, 4, 5, 6], 2, async (item) => {
      begun.push(item);
      await tick();
      if (item === 1) throw new Error('the first');
      await tick();
      return item;
    }),
    /the first/,
  );
  for (let turn = 0; turn < 20; turn += 1) await tick();
  assert.deepEqual(begun, [1, 2]);
});

test('of nothing there is nothing', async () => {
  assert.deepEqual(await mapBounded([], 3, async () => 1), []);
});
