import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aboutStory, clusterName } from '../../../lib/core/story/about.ts';
import { RECORDING_FORMAT, type RecordingLine } from '../../../lib/core/story/recording.ts';
import type { HistoryEntry } from '../../../lib/core/story/story.ts';

const at = '2026-01-31T09:30:00.000Z';
const set = (from: string | null, to: string): HistoryEntry => ({
  ...{ at, operator: 'ann@laptop', step: 'ImageSet', message: 'm', count: 1 },
  details: { images: [{ container: 'nginx', from, to }] },
});
const now = { images: { nginx: 'nginx:3', side: 'side:1' }, services: ['web'], balancers: ['lb-now'] };
const begin: RecordingLine = {
  ...{ at, kind: 'begin', format: RECORDING_FORMAT, verb: 'upgrade', operator: 'ann@laptop', cluster: 'prod' },
  target: { namespace: 'web', name: 'nginx' },
};
const weight: RecordingLine = {
  ...{ at, kind: 'weight', pod: 'nginx-0', balancer: 'lb-then', listener: 'TCP/80', weight: 10, health: 'alive' },
};
const write: RecordingLine = { at, kind: 'write', call: 'patch', object: 'service/web', body: {}, dryRun: false };

test('the image is shown from the first that was replaced to the last one set, others as they are now', () => {
  const { images } = aboutStory([set('nginx:1', 'nginx:2'), set('nginx:2', 'nginx:3')], undefined, now, 'prod');
  assert.deepEqual(images, [
    { container: 'nginx', from: 'nginx:1', to: 'nginx:3' },
    { container: 'side', from: null, to: 'side:1' },
  ]);
});

test('a recording shows cluster, Services and load balancers although the cluster does not answer', () => {
  const about = aboutStory([], [begin, weight, write], undefined, 'another');
  assert.deepEqual(about, { cluster: 'prod', images: [], services: ['web'], balancers: ['lb-then'] });
});

test('the cluster of a record that does not name it is unknown: it need not be the one that is asked now', () => {
  assert.equal(aboutStory([], [weight], now, 'another').cluster, null);
  assert.equal(aboutStory([], undefined, now, 'prod').cluster, 'prod');
});

test('where no context decides, the server is the name', () =>
  assert.equal(clusterName({ context: '', server: 'https://me:secret@10.0.0.1:6443' }), '10.0.0.1:6443'));
