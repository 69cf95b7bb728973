import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { preStopOf } from '../../../lib/core/lifecycle/pre-stop.ts';
import { planHook } from '../../../sandbox/kubelet/container/stop-hook.ts';

const hook = (preStop: unknown): unknown => ({ name: 'web', lifecycle: { preStop } });
const exec = (...command: string[]): unknown => hook({ exec: { command } });
const slept = (container: unknown): number | undefined => {
  const found = preStopOf(container);
  return found.kind === 'sleep' ? found.seconds : undefined;
};

describe('the length of a preStop hook', () => {
  it('is read from the sleep action, and from every way to run sleep', () => {
    assert.equal(slept(hook({ sleep: { seconds: 7 } })), 7);
    assert.equal(slept(exec('/bin/bash', '-c', 'sleep 20')), 20);
    for (const command of [
      ['sleep', '20'],
      ['/bin/sleep', '20s'],
      ['busybox', 'sleep', '20'],
      ['sh', '-c', 'sleep 20'],
      ['/bin/sh', '-ec', 'exec sleep 20;'],
      ['bash', '-l', '-c', 'sleep 15; sleep 5'],
      ['sh', '-c', 'sleep 15 && sleep "5"'],
    ])
      assert.equal(slept(exec(...command)), 20, command.join(' '));
    assert.equal(slept(exec('sleep', '1m', '0.5')), 60.5);
    assert.equal(slept(exec('sleep', 'infinity')), Number.POSITIVE_INFINITY);
  });

  it('is unknown where anything else is run, or asked over HTTP', () => {
    for (const command of [
      ['sh', '-c', 'sleep', '20'],
      ['sh', '-c', 'nginx -s quit; sleep 20'],
      ['sh', '-c', 'sleep 20; nginx -s quit'],
      ['sh', '-c', 'sleep $WAIT'],
      ['sh', '-c', 'sleep 20 &'],
      ['sh', 'wait.sh'],
      ['sleep 20'],
      ['sleep'],
      ['/app/stop'],
      [],
    ])
      assert.equal(preStopOf(exec(...command)).kind, 'unknown', command.join(' '));
    assert.deepEqual(preStopOf(hook({ httpGet: { path: '/stop', port: 80 } })), {
      kind: 'unknown',
      does: 'asks /stop over HTTP',
    });
    assert.equal(preStopOf(hook({ tcpSocket: { port: 80 } })).kind, 'unknown');
  });

  it('is none without a hook', () => {
    assert.deepEqual(preStopOf({ name: 'web' }), { kind: 'none' });
    assert.deepEqual(preStopOf(undefined), { kind: 'none' });
  });

  it('is the one that the rehearsal kubelet waits for, wherever it is known', () => {
    const amount = fc.oneof(fc.nat(300).map(String), fc.constantFrom('0.5', '2m', '10s'));
    const words = fc.oneof(
      amount.map((text) => ['sleep', text]),
      fc.tuple(amount, amount).map(([a, b]) => ['/bin/bash', '-c', `sleep ${a}; sleep ${b}`]),
      amount.map((text) => ['sh', '-c', `sleep ${text} && /app/stop`]),
    );
    fc.assert(
      fc.property(words, (command) => {
        const seconds = slept(exec(...command));
        const plan = planHook({ exec: { command } });
        assert.ok(seconds === undefined || (plan?.kind === 'exec' && plan.ms === seconds * 1000));
      }),
    );
  });
});
