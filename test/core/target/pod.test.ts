import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missingText } from '../../../lib/core/target/pod.ts';

test('pods that lack the same thing are named together, in the order of the first', () => {
  const missing = [
    { name: 'nginx-0', because: 'is not ready (Running)' },
    { name: 'nginx-1', because: 'does not exist' },
    { name: 'nginx-2', because: 'is not ready (Running)' },
  ];
  assert.equal(missingText(missing), 'nginx-0, nginx-2 each is not ready (Running); nginx-1 does not exist');
  assert.equal(missingText(missing.slice(1)), 'nginx-1 does not exist; nginx-2 is not ready (Running)');
});
