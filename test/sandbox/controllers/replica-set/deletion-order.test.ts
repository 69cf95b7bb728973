import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../../../sandbox/controllers/controller-types.ts';
import { DELETION_COST, inDeletionOrder } from '../../../../sandbox/controllers/replica-set/deletion-order.ts';

const NOW = Date.UTC(2026, 0, 2);

interface Traits {
  phase?: string;
  ready?: boolean;
  cost?: string;
  node?: string;
  readyForMs?: number;
  restarts?: number;
  ageMs?: number;
}

function pod(name: string, traits: Traits = {}): Pod {
  const {
    phase = 'Running',
    ready = true,
    cost,
    node = 'n',
    readyForMs = 60_000,
    restarts = 0,
    ageMs = 90_000,
  } = traits;
  const at = (ms: number) => new Date(NOW - ms).toISOString();
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      uid: name,
      creationTimestamp: at(ageMs),
      ...(cost === undefined ? {} : { annotations: { [DELETION_COST]: cost } }),
    },
    spec: { ...(node === '' ? {} : { nodeName: node }), containers: [] },
    status: {
      phase,
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: at(readyForMs) }],
      containerStatuses: [{ name: 'web', image: 'web:1', imageID: '', ready, restartCount: restarts }],
    },
  };
}

const order = (pods: readonly Pod[], related = pods) =>
  inDeletionOrder(pods, related, NOW).map(({ metadata }) => metadata.name);

test('unassigned, pending and unready pods go before a cheap one, and a cheap one before all the others', () => {
  const pods = [
    pod('plain'),
    pod('dear', { cost: '100' }),
    pod('cheap', { cost: '-5' }),
    pod('unready', { ready: false, cost: '100' }),
    pod('pending', { phase: 'Pending', ready: false }),
    pod('unassigned', { node: '', phase: 'Pending', ready: false }),
  ];
  assert.deepEqual(order(pods), ['unassigned', 'pending', 'unready', 'cheap', 'plain', 'dear']);
});

test('of pods that cost the same, those on the fuller node go first, then those that became ready last', () => {
  const crowded = [pod('a', { node: 'full' }), pod('b', { node: 'empty' })];
  assert.deepEqual(order(crowded, [...crowded, pod('other', { node: 'full' })]), ['a', 'b']);
  assert.deepEqual(order([pod('old', { readyForMs: 3_600_000 }), pod('young', { readyForMs: 1_000 })]), [
    'young',
    'old',
  ]);
});

test('times of the same power of two are equal, and the uid decides', () => {
  assert.deepEqual(order([pod('b', { readyForMs: 50_000 }), pod('a', { readyForMs: 60_000 })]), ['a', 'b']);
});

test('a cost that is no number counts as none, and restarts decide between pods that are not ready', () => {
  assert.deepEqual(order([pod('b', { cost: 'much' }), pod('a', { cost: '1' })]), ['b', 'a']);
  const unready = { ready: false };
  assert.deepEqual(order([pod('steady', unready), pod('restless', { ...unready, restarts: 4 })]), [
    'restless',
    'steady',
  ]);
});
