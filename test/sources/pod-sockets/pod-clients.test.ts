import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isPassing, RefusedError, StatusError } from '../../../lib/core/errors.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { waitZero } from '../../../lib/flows/verbs/wait-zero.ts';
import { PODS } from '../../../lib/ports/resources.ts';
import { createPodSockets } from '../../../lib/sources/pod-sockets/pod-sockets.ts';
import { type Socket, TcpState } from '../../../lib/sources/pod-sockets/proc-net-tcp.ts';
import { common, rehearse, zero } from '../../flows/rehearsal/rehearsal.ts';
import { pods } from '../clb-monitor/backends.ts';
import { ADDRESS, both, from, listener, noCat, open, type Setting } from './opened.ts';
import { TCP, TCP6, table } from './tables.ts';

const { siblings } = pods();
const on = (localAddress: string, localPort = 80): Socket => ({ ...listener, localAddress, localPort });
/** Both ends of what a program in the pod holds to port 80. */
const inside = (remotePort = 50_001): Socket[] => {
  const here = { localAddress: '127.0.0.1', remotePort };
  return [from('127.0.0.1', here), from('127.0.0.1', { ...here, localPort: remotePort, remotePort: 80 })];
};
/** A client of a proxy that no list knows, which has another port. */
const beyond: Socket[] = [on('0.0.0.0', 20_000), from('203.0.113.9', { localPort: 20_000 })];
const v6: Socket = { ...listener, localAddress: '::1', remoteAddress: '::' };
const client = from('203.0.113.9');
const ELSEWHERE = /--source clb.*--metric/;

/** Each pod's table, by ordinal; a function is asked at each look. */
const tables =
  (...perPod: (readonly Socket[] | (() => readonly Socket[]))[]): NonNullable<Setting['answer']> =>
  (_container, pod) => {
    const sockets = perPod[Number(pod.at(-1))] ?? [listener];
    return both(typeof sockets === 'function' ? sockets() : sockets);
  };

const refuses = async (setting: Setting, because: RegExp): Promise<void> => {
  const proof = await open(setting).prove();
  assert.equal(proof?.countable, false);
  assert.match(proof?.because ?? '', because);
  assert.match(proof?.because ?? '', ELSEWHERE);
};

describe('a port on which clients do not show cannot be counted', () => {
  for (const address of ['127.0.0.1', '::1'])
    it(`where it is open to the pod itself only, at ${address}: another program takes connections from outside`, () => {
      const stdout = address === '::1' ? table(TCP, beyond) + table(TCP6, [v6]) : both([on(address), ...beyond]).stdout;
      return refuses(
        { answer: () => ({ stdout, stderr: '', exitCode: 0 }) },
        /port 80 of pod nginx-0 is open to the pod itself only/,
      );
    });
  for (const address of ['127.0.0.2', '10.9.9.9', '169.254.20.10', 'fd00::9'])
    it(`where what listens there, at ${address}, does so at an address that is not the pod's`, () => {
      const stdout = address.includes(':')
        ? table(TCP, []) + table(TCP6, [{ ...v6, localAddress: address }])
        : both([on(address)]).stdout;
      return refuses(
        { answer: () => ({ stdout, stderr: '', exitCode: 0 }) },
        /nothing listens on port 80 of pod nginx-0/,
      );
    });
  it('where an IPv6 address of the pod is asked for and only IPv4 is listened on', () =>
    refuses({ backends: [{ ...pods().drained, address: 'fd00::1' }] }, /nothing listens on port 80 of pod nginx-0/));
  for (const port of [15_001, 15_006, 4143])
    it(`where a proxy listens on ${port}, with any connections on the port: it may put the client's address there`, () =>
      refuses(
        { answer: tables([listener, on('0.0.0.0', port), client]) },
        new RegExp(`proxy .*listens on port ${port}`),
      ));
  it('where a program in the pod holds the only connections to it', () =>
    refuses({ answer: tables([listener, ...beyond, ...inside()]), siblings }, /port 80 of pod nginx-0 .*127\.0\.0\.1/));
  it('where such a program holds those of the pods with traffic, though there is none in this pod now', () =>
    refuses(
      { answer: tables([listener, ...beyond], [listener, ...beyond, ...inside()]), siblings },
      /port 80 of pod nginx-1 .*127\.0\.0\.1/,
    ));
  it('where a client shows on a pod of other containers only', async () => {
    const { kube, prove } = open({ answer: tables([listener, ...inside()], [listener, client]), siblings });
    for (const { pod } of siblings)
      kube.edit(PODS, pod, (object) => {
        object['spec'] = { ...(object['spec'] as object), containers: [{ name: 'nginx' }, { name: 'other' }] };
      });
    assert.equal((await prove())?.countable, false);
  });
  it('and a wait by that source alone is refused, with a connection at the proxy', async () => {
    const rehearsal = rehearse();
    const { kube, clock, world } = rehearsal;
    kube.exec = async () => both([on('127.0.0.1'), ...beyond, ...inside()]);
    world.sources = [createPodSockets({ kube, clock, warn: assert.fail, debugImage: undefined, mayWrite: true })];
    await drain(world, { ...common, ordinals: [0] });
    await assert.rejects(
      waitZero(world, { ...common, ...zero }),
      (error) => error instanceof RefusedError && ELSEWHERE.test(error.message),
    );
  });
});

describe('a port on which clients show is counted', () => {
  const counts = async (setting: Setting, expected: number): Promise<void> => {
    const { prove, read } = open(setting);
    assert.equal((await prove())?.countable, true);
    assert.equal((await read())?.points[0]?.value, expected);
  };
  it('without the connections that a program in the pod holds to it', () =>
    counts({ answer: tables([listener, client, ...inside()]), siblings }, 1));
  it('also when they show on pods of the same containers alone', () =>
    counts({ answer: tables([listener, ...inside()], [listener], [listener, client, ...inside()]), siblings }, 0));
  it('also by those that have just ended', () =>
    counts({ answer: tables([listener, ...inside(), { ...client, state: TcpState.timeWait, inode: 0 }]) }, 0));
  it('where it is the port of the proxy itself', async () => {
    const [gateway] = [{ ...pods().drained, port: 15_006 }];
    const own = { localPort: 15_006 };
    await counts(
      {
        answer: tables([
          { ...listener, ...own },
          { ...client, ...own },
        ]),
        backends: [gateway],
      },
      1,
    );
  });
  it('where the pod is known by a loopback address', async () => {
    const address = '127.0.0.1';
    const backend = { ...pods().drained, address };
    const held = from(address, { localAddress: address });
    await counts({ answer: tables([on(address), held]), backends: [backend] }, 1);
  });
  it('although a program in the pod looks at it now and then', async () => {
    let looks = 0;
    await counts({ answer: tables(() => [listener, ...(++looks % 2 === 1 ? inside(50_000 + looks) : [])]) }, 0);
  });
});

describe('while it is not known whether clients show on a port', () => {
  it('a connection of a program in the pod counts as theirs, until a client shows', async () => {
    let sockets = [listener];
    const { prove, read } = open({ answer: tables(() => sockets) });
    assert.equal((await prove())?.countable, true);
    sockets = [listener, ...inside()];
    const held = await read();
    assert.deepEqual([held?.points[0]?.value, held?.holders?.[0]?.peer], [1, '127.0.0.1']);
    sockets = [listener, ...inside(), client];
    assert.equal((await read())?.points[0]?.value, 1);
    sockets = [listener, ...inside()];
    assert.equal((await read())?.points[0]?.value, 0);
  });
  it('another connection within the pod, by its own address, counts always', async () => {
    const { prove, read } = open({ answer: tables([listener, client, from(ADDRESS), from('127.0.0.6')]) });
    await prove();
    assert.equal((await read())?.points[0]?.value, 3);
  });
  const silent = new StatusError(500, 'InternalError', 'error dialing backend: i/o timeout');
  const answering = (own: readonly Socket[]): Setting => ({
    answer: (container, pod) => (pod === 'nginx-0' ? tables(own)(container, pod) : Promise.reject(silent)),
    siblings,
  });
  it('pods with traffic that do not answer are asked again, if it hangs on them', async () => {
    await assert.rejects(open(answering([listener, ...inside()])).prove(), isPassing);
    assert.equal((await open(answering([listener])).prove())?.countable, true);
    assert.equal((await open(answering([listener, client, ...inside()])).prove())?.countable, true);
  });
  it('nothing is added to pods with traffic, which are not asked at all where a client shows', async () => {
    const { prove, warnings, asked } = open({
      debugImage: 'busybox',
      answer: (_container, pod) => (pod === 'nginx-0' ? both([listener]) : noCat),
      siblings,
    });
    assert.equal((await prove())?.countable, true);
    assert.deepEqual([warnings, asked.length], [[], 3]);
    const busy = open({ answer: tables([listener, client]), siblings });
    await busy.prove();
    assert.equal(busy.asked.length, 1);
  });
});
