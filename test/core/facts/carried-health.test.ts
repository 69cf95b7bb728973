import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { BackendHealth, BalancerState } from '../../../lib/core/facts/balancer-state.ts';
import { withHealthOf } from '../../../lib/core/facts/carried-health.ts';

const state = (backends: readonly (readonly [string, number, BackendHealth])[]): BalancerState =>
  ({
    id: 'lb-1',
    listeners: [
      {
        id: 'lbl-1',
        backends: backends.map(([address, weight, health]) => ({
          listenerId: 'lbl-1',
          address,
          port: 80,
          weight,
          health,
        })),
      },
    ],
  }) as unknown as BalancerState;

it('a look without health has the one of the look before, its own weights, and nothing for a backend that is new', () => {
  const before = state([
    ['10.0.0.1', 10, 'alive'],
    ['10.0.0.2', 10, 'dead'],
    ['10.0.0.3', 10, 'alive'],
  ]);
  const now = state([
    ['10.0.0.1', 0, 'unknown'],
    ['10.0.0.2', 10, 'unknown'],
    ['10.0.0.4', 10, 'unknown'],
    ['10.0.0.3', 10, 'dead'],
  ]);
  assert.deepEqual(
    withHealthOf(before, now),
    state([
      ['10.0.0.1', 0, 'alive'],
      ['10.0.0.2', 10, 'dead'],
      ['10.0.0.4', 10, 'unknown'],
      ['10.0.0.3', 10, 'dead'],
    ]),
  );
});
