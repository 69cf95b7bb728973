import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missingText, podAt, podsAt, readPod } from '../../../lib/core/target/pod.ts';
import { pod as builtPod, statefulSet as builtSet } from '../../builders.ts';

test('pods that lack the same thing are named together, in the order of the first', () => {
  const missing = [
    { name: 'nginx-0', because: 'is not ready (Running)' },
    { name: 'nginx-1', because: 'does not exist' },
    { name: 'nginx-2', because: 'is not ready (Running)' },
  ];
  assert.equal(missingText(missing), 'nginx-0, nginx-2 each is not ready (Running); nginx-1 does not exist');
  assert.equal(missingText(missing.slice(1)), 'nginx-1 does not exist; nginx-2 is not ready (Running)');
});

test('an object that cannot change is read once, and anew once its node is to be emptied', () => {
  const statefulSet = builtSet();
  const loose = builtPod({ statefulSet, ordinal: 3 });
  assert.notEqual(readPod(loose, 3), readPod(loose, 3), 'one that may change is read at every look');
  const object = Object.freeze(builtPod({ statefulSet, ordinal: 3 }));
  const read = readPod(object, 3);
  assert.equal(readPod(object, 3), read);
  assert.equal(readPod(object, 3, [read.node]).leaves, true);
  assert.equal(readPod(object, 3).leaves, false);
});

test('pods are found by ordinal, in ascending order, and one that is not there is left out', () => {
  const pods = [0, 2, 3].map((ordinal) => ({ ordinal, name: `nginx-${ordinal}` }));
  assert.equal(podAt(pods, 2)?.name, 'nginx-2');
  assert.equal(podAt(pods, 1), undefined);
  assert.deepEqual(podsAt(pods, [3, 1, 0, 3]), [pods[0], pods[2]]);
});
