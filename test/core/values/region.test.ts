import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveRegion } from '../../../lib/core/values/region.ts';

const CBS = 'topology.com.tencent.cloud.csi.cbs/zone';
const SHORT = 'topology.kubernetes.io/region';
const all = {
  flag: 'ap-beijing',
  annotation: 'ap-shanghai',
  environment: 'ap-nanjing',
  profile: 'ap-chengdu',
  nodes: [{ [CBS]: 'ap-chongqing-1' }],
};

test('the flag goes before the annotation, that before environment and profile, and the nodes come last', () => {
  const order = ['flag', 'annotation', 'environment', 'profile', 'nodes'] as const;
  const regions = order.map((_, index) =>
    resolveRegion(Object.fromEntries(order.slice(index).map((key) => [key, all[key]]))),
  );
  assert.deepEqual(
    regions.map((answer) => answer.region),
    ['ap-beijing', 'ap-shanghai', 'ap-nanjing', 'ap-chengdu', 'ap-chongqing'],
  );
});

test('a disk zone label gives the region without its number, also of a finance zone', () => {
  assert.equal(resolveRegion({ nodes: [{ [CBS]: 'ap-shanghai-fsi-2', [SHORT]: 'gz' }] }).region, 'ap-shanghai-fsi');
});

test('a short code on the standard or the old label is spelled out', () => {
  assert.equal(resolveRegion({ nodes: [{ [SHORT]: 'cd' }] }).region, 'ap-chengdu');
  assert.equal(resolveRegion({ nodes: [{ 'failure-domain.beta.kubernetes.io/region': 'hk' }] }).region, 'ap-hongkong');
});

test('nodes without a usable label do not hide one that has it', () => {
  assert.equal(resolveRegion({ nodes: [{}, { [SHORT]: 'xyzec' }, { [SHORT]: 'gz' }] }).region, 'ap-guangzhou');
});

test('nodes in several regions are no answer, and say so', () => {
  const answer = resolveRegion({ nodes: [{ [SHORT]: 'gz' }, { [CBS]: 'ap-beijing-3' }] });
  assert.deepEqual(answer, {
    region: undefined,
    because: 'the nodes are in several regions: ap-beijing, ap-guangzhou',
  });
});

test('a word that is no region is reported with its origin, not skipped', () => {
  const answer = resolveRegion({ ...all, flag: 'Guang Zhou' });
  assert.equal(answer.region, undefined);
  assert.match('because' in answer ? answer.because : '', /--region says "Guang Zhou"/);
});

test('a short code is accepted from the user too, and empty texts count as not given', () => {
  assert.equal(resolveRegion({ flag: ' ', annotation: '', environment: 'GZ' }).region, 'ap-guangzhou');
});

test('names of object members are not short codes', () => {
  assert.equal(resolveRegion({ flag: 'constructor' }).region, undefined);
});

test('without any word there is no region', () => {
  assert.equal(resolveRegion({}).region, undefined);
});
