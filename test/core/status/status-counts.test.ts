import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CountedPod, chooseCounted } from '../../../lib/core/status/status-counts.ts';
import type { CountedBackend } from '../../../lib/ports.ts';
import { pods as sample } from '../../sources/clb-monitor/backends.ts';

const pod = (name: string, more: Partial<CountedPod> = {}, bound = 3): CountedPod => ({
  drained: false,
  updated: false,
  backends: Array.from({ length: bound }, (): CountedBackend => ({ ...sample().drained, pod: name })),
  ...more,
});
const names = (chosen: readonly CountedBackend[]): string[] => [...new Set(chosen.map((backend) => backend.pod))];

test('up to 300 backends are counted, and no pod by half', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => pod(`web-${index}`));
  assert.deepEqual([chooseCounted(hundred, false).backends.length, chooseCounted(hundred, false).leftOut], [300, 0]);
  const more = [...hundred.slice(0, 99), pod('web-99', {}, 4), pod('web-100'), pod('web-101')];
  const { backends, leftOut } = chooseCounted(more, false);
  assert.deepEqual([backends.length, leftOut], [300, 2]);
  assert.ok(!names(backends).includes('web-99'));
});

test('drained pods come first, then updated ones, then the others', () => {
  const all = [
    ...Array.from({ length: 98 }, (_, index) => pod(`old-${index}`)),
    pod('new-0', { updated: true }),
    pod('drained-0', { drained: true }),
    pod('drained-1', { drained: true, updated: true }),
  ];
  const { backends, leftOut } = chooseCounted(all, false);
  assert.deepEqual(names(backends).slice(0, 4), ['drained-0', 'drained-1', 'new-0', 'old-0']);
  assert.equal(leftOut, 1);
});

test('every drained pod is counted however many they are, and every pod when that is asked for', () => {
  const drained = Array.from({ length: 120 }, (_, index) => pod(`web-${index}`, { drained: true }));
  assert.deepEqual(
    [
      chooseCounted([...drained, pod('other')], false).backends.length,
      chooseCounted([...drained, pod('other')], false).leftOut,
    ],
    [360, 1],
  );
  const all = chooseCounted([...drained, pod('other')], true);
  assert.deepEqual([all.backends.length, all.leftOut], [363, 0]);
});

test('a pod that is bound nowhere is not left out: there is nothing to count', () => {
  assert.deepEqual(chooseCounted([pod('web-0', {}, 0)], false), { backends: [], leftOut: 0 });
});
