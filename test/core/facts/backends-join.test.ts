import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BoundService, bindingsOf, strayBindings } from '../../../lib/core/facts/backends.ts';
import { readService } from '../../../lib/core/facts/service-facts.ts';
import { readPod } from '../../../lib/core/target/pod.ts';
import type { BackendState } from '../../../lib/ports.ts';
import { balancerState, listenerState } from '../../balancer-builder.ts';
import { pod, service, statefulSet } from '../../builders.ts';

const COUNT = 400;
const addressOf = (ordinal: number) => `10.1.${ordinal >> 8}.${ordinal & 255}`;

/** Two backends per pod: the Service's, and one on a port that no Service explains. Every look at an address is counted. */
function many() {
  let looks = 0;
  const backends = Array.from({ length: COUNT * 2 }, (_, index): BackendState => {
    const port = index % 2 === 0 ? 80 : 9000;
    return {
      listenerId: 'lbl-1',
      port,
      weight: 10,
      health: 'alive',
      get address() {
        looks += 1;
        return addressOf(index >> 1);
      },
    };
  });
  const bound: BoundService = {
    service: readService(service()),
    document: undefined,
    balancer: balancerState({ listeners: [listenerState({ backends })] }),
  };
  const owner = statefulSet();
  const pods = Array.from({ length: COUNT }, (_, ordinal) =>
    readPod(pod({ statefulSet: owner, ordinal, ip: addressOf(ordinal) }), ordinal),
  );
  return { bound, pods, looks: () => looks };
}

test('each pod is joined with its own backends, and those on other ports are strays', () => {
  const { bound, pods } = many();
  const joined = bindingsOf(bound, 'nginx', pods);
  assert.equal(joined.length, COUNT);
  for (const { pod: one, bindings } of joined) {
    assert.deepEqual(
      bindings.map(({ address, port }) => [address, port]),
      [[one.address, 80]],
    );
  }
  const [first] = pods;
  assert.ok(first);
  assert.deepEqual(
    strayBindings(bound, first).map(({ address, port }) => [address, port]),
    [[first.address, 9000]],
  );
});

test('joining many pods with many backends looks at each backend a few times, not once per pod', () => {
  const { bound, pods, looks } = many();
  bindingsOf(bound, 'nginx', pods);
  for (const each of pods) strayBindings(bound, each);
  assert.ok(looks() <= 8 * COUNT, `${looks()} looks for ${2 * COUNT} backends`);
});
