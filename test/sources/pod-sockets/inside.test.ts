import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { insideBackend } from '../../../lib/core/facts/inside.ts';
import { readPods } from '../../../lib/core/target/pod.ts';
import { readStatefulSet } from '../../../lib/core/target/stateful-set-facts.ts';
import { TcpState } from '../../../lib/sources/pod-sockets/proc-net-tcp.ts';
import { pod, statefulSet } from '../../builders.ts';
import { ADDRESS, both, from, listener, noCat, open, type Setting } from './opened.ts';

const NODE = '10.9.0.1';
const set = statefulSet();
const [own] = readPods(
  [pod({ statefulSet: set, ordinal: 0, uid: 'uid-0', ip: ADDRESS, merge: { status: { hostIP: NODE } } })],
  readStatefulSet(set),
);
const at = (leads: string[]) => {
  assert.ok(own);
  return insideBackend(own, { port: 5672, name: 'amqp', leads });
};
const led = at(['service/rabbit (ClusterIP)']);
const declared = at([]);
const open5672 = { ...listener, localPort: 5672 };
const peer = (address: string, change = {}) => from(address, { localPort: 5672, ...change });

const count = async (backend: typeof led, setting: Setting): Promise<number | null | undefined> => {
  const { prove, read } = open({ ...setting, backends: [backend] });
  assert.equal((await prove())?.countable, true);
  return (await read())?.points[0]?.value;
};
const shows = (...sockets: Parameters<typeof both>[0][number][]): Setting => ({
  answer: () => both([open5672, ...sockets]),
});

describe('connections to a port past the load balancer', () => {
  it('count, of whomever, where a Service leads to it', async () => {
    assert.equal(await count(led, shows(peer('10.0.0.7'), peer(NODE))), 2);
    assert.equal(await count(led, shows(peer('10.0.0.7', { state: TcpState.closeWait }))), 1);
  });
  it('count where a container only declares it, but for those of the pod itself and of its node', async () => {
    const within = peer('127.0.0.1', { localAddress: '127.0.0.1' });
    assert.equal(await count(declared, shows(peer(NODE), peer(ADDRESS), within)), 0);
    assert.equal(await count(declared, shows(peer('10.0.0.7'), peer(NODE), peer(ADDRESS), within)), 1);
  });
  it('are none where nothing listens on it, and those that were there before the listener was closed', async () => {
    assert.equal(await count(led, { answer: () => both([listener]) }), 0);
    assert.equal(await count(led, { answer: () => both([listener, peer('10.0.0.7')]) }), 1);
  });
  it('are none in a pod in which nothing runs', async () => {
    const waiting = { containerStatuses: [{ name: 'nginx', state: { waiting: { reason: 'CrashLoopBackOff' } } }] };
    assert.equal(await count(led, { pod: { status: waiting } }), 0);
  });
  for (const [name, setting, because] of [
    ['without cat', { answer: () => noCat }, /has cat/],
    ['on the network of its node', { pod: { spec: { hostNetwork: true } } }, /hostNetwork/],
    ['whose connections a proxy takes over', shows({ ...listener, localPort: 15_006 }), /a proxy/],
  ] as [string, Setting, RegExp][])
    it(`cannot be counted in a pod ${name}`, async () => {
      const proof = await open({ ...setting, backends: [led] }).prove();
      assert.equal(proof?.countable, false);
      assert.match(proof?.because ?? '', because);
    });
  it('of a pod on the network of its node cannot be counted on a listener either: the table is the node’s', async () => {
    const proof = await open({ pod: { spec: { hostNetwork: true } } }).prove();
    assert.equal(proof?.countable, false);
    assert.match(proof?.because ?? '', /every socket of the node/);
  });
});
