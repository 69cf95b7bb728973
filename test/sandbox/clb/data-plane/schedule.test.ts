import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byAddressAlone, choose, eligible, type Schedulable } from '../../../../sandbox/clb/data-plane/schedule.ts';
import type { TargetHealth } from '../../../../sandbox/clb/model.ts';

interface Named extends Schedulable {
  name: string;
}
const target = (name: string, weight: number, health: TargetHealth = 'alive', openConnections = 0): Named => ({
  name,
  weight,
  health,
  openConnections,
  credit: 0,
});
const names = (targets: readonly Named[]): string => targets.map(({ name }) => name).join('');

test('a backend of weight 0 gets nothing, even when it is the only healthy one', () => {
  assert.equal(names(eligible([target('a', 0), target('b', 10)])), 'b');
  assert.equal(names(eligible([target('a', 0), target('b', 10, 'dead')])), 'b');
  assert.equal(names(eligible([target('a', 0), target('b', 0)])), '');
});

test('a dead or still probed backend gets nothing while another is healthy', () => {
  assert.equal(names(eligible([target('a', 10, 'dead'), target('b', 10, 'probing'), target('c', 10)])), 'c');
});

test('when every weighted backend is unhealthy all of them get traffic', () => {
  assert.equal(names(eligible([target('a', 10, 'dead'), target('b', 10, 'probing'), target('c', 0, 'dead')])), 'ab');
});

test('round robin follows the weights and spreads the turns', () => {
  const targets = [target('a', 5), target('b', 1), target('c', 1)];
  const turns = Array.from({ length: 7 }, () => choose('WRR', targets, '')?.name).join('');
  assert.equal(turns, 'aabacaa');
});

test('least connections weighs what is open against the weight', () => {
  assert.equal(choose('LEAST_CONN', [target('a', 10, 'alive', 5), target('b', 20, 'alive', 8)], '')?.name, 'b');
});

test('address hash keeps one client on one backend', () => {
  const targets = [target('a', 10), target('b', 10)];
  const first = choose('IP_HASH', targets, '10.0.0.7');
  assert.ok(first);
  for (let i = 0; i < 20; i += 1) assert.equal(choose('IP_HASH', targets, '10.0.0.7'), first);
  const chosen = new Set(Array.from({ length: 50 }, (_, i) => choose('IP_HASH', targets, `10.0.0.${i}`)?.name));
  assert.equal(chosen.size, 2);
});

test('no candidates means that none is chosen', () => {
  for (const scheduler of ['WRR', 'LEAST_CONN', 'IP_HASH'] as const) {
    assert.equal(choose(scheduler, [], '10.0.0.1'), undefined);
  }
});

test('by the address alone a backend of weight 0 keeps its clients, and a dead one has none', () => {
  const [a, b, dead] = [target('a', 0), target('b', 10), target('c', 10, 'dead')];
  const chosen = new Set(Array.from({ length: 20 }, (_, index) => byAddressAlone([a, b, dead], `192.0.2.${index}`)));
  assert.equal(
    names([...chosen].filter((each) => each !== undefined))
      .split('')
      .sort()
      .join(''),
    'ab',
  );
});
