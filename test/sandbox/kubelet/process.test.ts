import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ContainerProcess, followProcess } from '../../../sandbox/kubelet/container/container-process.ts';

/** A process that ends by itself, or by a signal that it heeds. */
function fakeProcess(heeds: readonly string[]) {
  const { promise: ended, resolve } = Promise.withResolvers<number>();
  const signals: string[] = [];
  const process: ContainerProcess = {
    ended,
    kill(signal) {
      signals.push(signal);
      if (heeds.includes(signal)) resolve(signal === 'SIGKILL' ? 137 : 143);
    },
  };
  return { process, signals, exit: resolve };
}

describe('a container with a process of its own', () => {
  it('ends with the code of the process', async () => {
    const { process, exit } = fakeProcess([]);
    const followed = followProcess(process, new AbortController().signal, new AbortController().signal);
    exit(6);
    assert.equal(await followed, 6);
  });

  it('is asked to end, and killed only when its time is over', async () => {
    const { process, signals } = fakeProcess(['SIGKILL']);
    const [end, kill] = [new AbortController(), new AbortController()];
    const followed = followProcess(process, end.signal, kill.signal);
    end.abort();
    await Promise.resolve();
    assert.deepEqual(signals, ['SIGTERM']);
    kill.abort();
    assert.equal(await followed, 137);
    assert.deepEqual(signals, ['SIGTERM', 'SIGKILL']);
  });
});
