import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isStuck, readPod } from '../../../lib/core/target/pod.ts';
import { pod } from '../../builders.ts';

const waiting = (reason: string, message?: string) => ({ waiting: { reason, ...(message ? { message } : {}) } });
const main = (state: object, more: object = {}) => ({ name: 'nginx', ready: false, restartCount: 0, state, ...more });
const sidecar = { name: 'tls', image: 't:1', restartPolicy: 'Always', ports: [{ name: 'https', containerPort: 9443 }] };
const read = (status: object, spec: object = {}) =>
  readPod(
    pod({ ready: false, merge: { spec, status: { conditions: [{ type: 'Ready', status: 'False' }], ...status } } }),
    0,
  );

describe('a pod whose init containers run', () => {
  const init = (state: object) =>
    read(
      {
        phase: 'Pending',
        initContainerStatuses: [{ name: 'migrate', ready: false, restartCount: 7, state }],
        containerStatuses: [main(waiting('PodInitializing'))],
      },
      { initContainers: [{ name: 'migrate', image: 'm:1' }] },
    );
  it('shows their reason and restarts, and is stuck with what the kubelet says', () => {
    const { state, restarts, stuck } = init(waiting('CrashLoopBackOff', 'back-off 5m0s restarting failed container'));
    assert.deepEqual([state, restarts], ['Init:CrashLoopBackOff', 7]);
    assert.equal(stuck, 'container migrate is in CrashLoopBackOff: back-off 5m0s restarting failed container');
  });
  it('is on its way while they run', () => {
    const running = init({ running: {} });
    assert.deepEqual([running.state, isStuck(running)], ['Init:0/1', false]);
  });
});

describe('a native sidecar', () => {
  const withSidecar = (status: object, conditions: object[] = []) =>
    read(
      {
        phase: 'Running',
        conditions: [{ type: 'Ready', status: 'False' }, ...conditions],
        initContainerStatuses: [{ name: 'tls', restartCount: 9, ready: false, ...status }],
        containerStatuses: [main({ running: {} }, { ready: true, restartCount: 1 })],
      },
      { initContainers: [sidecar] },
    );
  it('that crash loops counts in READY and RESTARTS, and keeps the pod from starting', () => {
    const { state, containers, restarts, stuck, ports } = withSidecar({
      started: false,
      state: waiting('CrashLoopBackOff'),
    });
    assert.deepEqual([state, restarts, containers], ['Init:CrashLoopBackOff', 10, { ready: 1, total: 2 }]);
    assert.match(stuck ?? '', /^container tls is in CrashLoopBackOff/);
    assert.ok(ports.some(({ container, port }) => container === 'tls' && port === 9443));
  });
  it('that runs is one of the ready containers', () => {
    const { state, containers, stuck } = withSidecar({ started: true, ready: true, state: { running: {} } });
    assert.deepEqual([state, containers, stuck], ['Running', { ready: 2, total: 2 }, undefined]);
  });
});

describe('a pod that will not start by waiting alone', () => {
  for (const reason of ['CreateContainerError', 'RunContainerError', 'ErrImageNeverPull', 'InvalidImageName'])
    it(`is stuck in ${reason}`, () => {
      const stuck = read({ phase: 'Pending', containerStatuses: [main(waiting(reason, 'no such file'))] });
      assert.deepEqual([stuck.state, stuck.stuck], [reason, `container nginx is in ${reason}: no such file`]);
    });
  it('is stuck with the scheduler’s words where no node takes it', () => {
    const message = '0/6 nodes are available: 3 node(s) had volume node affinity conflict.';
    const { stuck } = read({
      phase: 'Pending',
      containerStatuses: null,
      conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }],
    });
    assert.equal(stuck, `no node takes it (Unschedulable): ${message}`);
  });
  it('is not one whose image was not pulled at the first try', () => {
    assert.equal(isStuck(read({ phase: 'Pending', containerStatuses: [main(waiting('ErrImagePull'))] })), false);
  });
  it('shows why its node or the kubelet gave it up', () => {
    assert.equal(read({ phase: 'Failed', reason: 'Evicted', containerStatuses: null }).state, 'Evicted');
  });
});

it('holds the id of every container that was started, sidecars and ephemeral ones too', () => {
  const status = (containerID: string) => [{ name: containerID, containerID, state: {} }];
  const merge = {
    status: {
      containerStatuses: [...status('containerd://a'), { name: 'waits', state: {} }],
      initContainerStatuses: status('containerd://b'),
      ephemeralContainerStatuses: status('containerd://c'),
    },
  };
  assert.deepEqual(readPod(pod({ merge }), 0).containerIds, ['containerd://a', 'containerd://b', 'containerd://c']);
});
