/** The pod source over pods in memory, whose containers answer as a test says. */
import assert from 'node:assert/strict';
import type { CountedBackend, ExecResult, KubeObject, PatchType, Resource } from '../../../lib/ports.ts';
import { createPodSockets } from '../../../lib/sources/pod-sockets/pod-sockets.ts';
import { type Socket, TcpState } from '../../../lib/sources/pod-sockets/proc-net-tcp.ts';
import { pod, statefulSet } from '../../builders.ts';
import { FakeKube } from '../../fakes/api/kube.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { pods } from '../clb-monitor/backends.ts';
import { TCP, TCP6, table } from './tables.ts';

export const ADDRESS = '10.0.0.1';

export const listener: Socket = {
  state: TcpState.listen,
  localAddress: '0.0.0.0',
  localPort: 80,
  remoteAddress: '0.0.0.0',
  remotePort: 0,
  inode: 1,
};

export const from = (peer: string, change: Partial<Socket> = {}): Socket => ({
  state: TcpState.established,
  localAddress: ADDRESS,
  localPort: 80,
  remoteAddress: peer,
  remotePort: 50_000,
  inode: 9,
  ...change,
});

/** The output of `cat` in a pod with these sockets. */
export const both = (sockets: readonly Socket[]): ExecResult => ({
  stdout: table(TCP, sockets) + table(TCP6, []),
  stderr: '',
  exitCode: 0,
});

export const noCat: ExecResult = {
  stdout: '',
  stderr: 'OCI runtime exec failed: exec: "cat": executable file not found in $PATH: unknown\n',
  exitCode: 126,
};

/** A pod of two containers, which both run. */
export const sidecars = {
  spec: { containers: [{ name: 'nginx' }, { name: 'shell' }] },
  status: {
    containerStatuses: [
      { name: 'shell', state: { running: {} } },
      { name: 'nginx', state: { running: {} } },
    ],
  },
};

/** kubectl's ephemeralcontainers subresource, as far as one container is added. */
class KubeWithDebug extends FakeKube {
  override async patch(...call: Parameters<FakeKube['patch']>): Promise<KubeObject> {
    const [resource, name, body, options]: [Resource, string, object, { type: PatchType; subresource?: string }] = call;
    if (options.subresource !== 'ephemeralcontainers') return super.patch(...call);
    const added = (body as { spec: { ephemeralContainers: { name: string }[] } }).spec.ephemeralContainers;
    return this.edit(resource, name, (object) => {
      object['spec'] = { ...(object['spec'] as object), ephemeralContainers: added };
      object['status'] = {
        ...(object['status'] as object),
        ephemeralContainerStatuses: added.map((each) => ({ name: each.name, state: { running: {} } })),
      };
    });
  }
}

export interface Setting {
  answer?: (container: string, pod: string) => ExecResult | Promise<ExecResult>;
  pod?: Record<string, unknown>;
  debugImage?: string;
  mayWrite?: boolean;
  backends?: readonly CountedBackend[];
  /** Offered as pods with traffic. */
  siblings?: readonly CountedBackend[];
}

export function open({
  answer = () => both([listener]),
  pod: merge = {},
  debugImage,
  mayWrite = true,
  siblings = [],
  ...rest
}: Setting = {}) {
  const clock = new FakeClock();
  const set = statefulSet();
  const asked: string[] = [];
  const kube = new KubeWithDebug(
    [0, 1, 2].map((ordinal) => pod({ statefulSet: set, ordinal, uid: `uid-${ordinal}`, merge })),
    {
      onExec: (name, container, command) => {
        assert.deepEqual(command, ['cat', '/proc/net/tcp', '/proc/net/tcp6']);
        asked.push(container);
        return answer(container, name);
      },
    },
  );
  const warnings: string[] = [];
  const source = createPodSockets({ kube, clock, warn: (line) => warnings.push(line), debugImage, mayWrite });
  const backends = rest.backends ?? [{ ...pods().drained, container: 'nginx' }];
  return {
    kube,
    clock,
    asked,
    warnings,
    source,
    prove: async () => (await source.prove(backends, siblings))[0],
    read: async () => (await source.read(backends, clock.now()))[0],
  };
}
