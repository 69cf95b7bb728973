import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimVipRange } from '../../../sandbox/clb/vip-range.ts';

test('no two sandboxes have the same range, and one that is given back is taken again', async () => {
  const first = await claimVipRange();
  const second = await claimVipRange();
  assert.notEqual(first.prefix, second.prefix);
  await first.stop();
  const third = await claimVipRange();
  assert.equal(third.prefix, first.prefix);
  await Promise.all([second.stop(), third.stop()]);
  await third.stop();
});
