import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { list, text } from '../../../lib/core/values/read.ts';
import { type ContainerProcess, followProcess } from '../../../sandbox/kubelet/container/container-process.ts';
import { podObject, podOf, startRig, until } from './harness.ts';

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

describe('an init container with a process of its own', () => {
  const pod = podObject({
    spec: { restartPolicy: 'Never', initContainers: [{ name: 'init', image: 'tool:v1' }] },
    container: { image: 'tool:v1', ports: [] },
  });

  it('holds the others up until the process has ended', async (t) => {
    const { process, exit } = fakeProcess([]);
    const started: string[] = [];
    const { kube } = await startRig(t, [pod], {
      launch: (_, container) => {
        started.push(text(container, 'name') ?? '');
        return started.length === 1 ? process : fakeProcess(['SIGTERM', 'SIGKILL']).process;
      },
    });
    await until(() => text(podOf(kube), 'status', 'initContainerStatuses', 0, 'state', 'running', 'startedAt'));
    assert.deepEqual(started, ['init']);
    exit(0);
    await until(() => started.length === 2);
    assert.deepEqual(started, ['init', 'nginx']);
  });

  it('fails the pod with its exit code, and no other container begins', async (t) => {
    const { process, exit } = fakeProcess([]);
    const started: string[] = [];
    const { kube } = await startRig(t, [pod], {
      launch: (_, container) => {
        started.push(text(container, 'name') ?? '');
        return process;
      },
    });
    exit(3);
    await until(() => text(podOf(kube), 'status', 'phase') === 'Failed');
    const [status] = list(podOf(kube), 'status', 'initContainerStatuses');
    assert.deepEqual([started, (status as never)['state']['terminated']['exitCode']], [['init'], 3]);
  });
});
