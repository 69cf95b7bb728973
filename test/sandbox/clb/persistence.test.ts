import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Sessions } from '../../../sandbox/clb/data-plane/sessions.ts';
import { bindAlive, healthOf, settle, startBackend, startClient, startOneListener, until } from './support.ts';

/** A listener that keeps clients for 30 s, and a clock that the test moves. */
async function startPersistent(t: TestContext) {
  let nowMs = 1_000_000;
  const one = await startOneListener(t, { now: () => nowMs }, { sessionExpireSeconds: 30 });
  const first = await startBackend(t, 'first');
  await bindAlive(one, first.port);
  const says = async (what: string): Promise<void> => {
    const client = await startClient(t, one.address);
    await client.hears(`hello ${what}`);
    client.socket.destroy();
  };
  await says('first');
  const second = await startBackend(t, 'second');
  await bindAlive(one, second.port);
  const ref = { listenerId: one.listenerId, address: '127.0.0.1', port: first.port };
  await settle(one.clb.modifyWeights(one.balancerId, [{ ...ref, weight: 0 }]));
  const pass = (ms: number): void => {
    nowMs += ms;
  };
  return { ...one, first, says, pass };
}

test('a client that stays away longer than the persistence is a new one', async (t) => {
  const { says, pass } = await startPersistent(t);
  pass(29_000);
  await says('first');
  pass(31_000);
  await says('second');
});

test('every connection of a persisted client begins its time anew', async (t) => {
  const { says, pass } = await startPersistent(t);
  for (let visit = 0; visit < 3; visit += 1) {
    pass(20_000);
    await says('first');
  }
});

test('a persisted client leaves a backend that is dead', async (t) => {
  const one = await startPersistent(t);
  for (const socket of one.first.sockets) socket.destroy();
  one.first.server.close();
  await healthOf(one, one.first.port, 'dead');
  await one.says('second');
});

test('a backend that is unbound is forgotten for every client', () => {
  const sessions = new Sessions<string>();
  sessions.keep('192.0.2.1', 'a', 30, 0);
  sessions.keep('192.0.2.2', 'b', 30, 0);
  sessions.forget('a');
  assert.deepEqual([sessions.lookup('192.0.2.1', 1), sessions.lookup('192.0.2.2', 1)], [undefined, 'b']);
});

test('the cuts of RescheduleTargetZeroWeight are spread over their interval, and end when the weight comes back', async (t) => {
  const one = await startOneListener(t, {}, { flags: ['RescheduleTargetZeroWeight'], rescheduleIntervalSeconds: 2 });
  const backend = await startBackend(t, 'a');
  await bindAlive(one, backend.port);
  const [early, late] = [await startClient(t, one.address), await startClient(t, one.address)];
  await Promise.all([early.hears('hello'), late.hears('hello')]);
  const weigh = (weight: number) =>
    settle(
      one.clb.modifyWeights(one.balancerId, [
        { listenerId: one.listenerId, address: '127.0.0.1', port: backend.port, weight },
      ]),
    );
  await weigh(0);
  assert.equal(await early.over, 'reset');
  assert.equal(one.clb.fateOf(late.localPort), undefined);
  await weigh(10);
  // Past the moment at which it would have been cut.
  await new Promise((resolve) => setTimeout(resolve, 1200));
  assert.equal(one.clb.fateOf(late.localPort), undefined);
});

test('a weight of 0 that was there before rescheduling was turned on cuts nothing when it is written again', async (t) => {
  const one = await startOneListener(t);
  const backend = await startBackend(t, 'a');
  await bindAlive(one, backend.port);
  const client = await startClient(t, one.address);
  await client.hears('hello');
  const ref = { listenerId: one.listenerId, address: '127.0.0.1', port: backend.port, weight: 0 };
  await settle(one.clb.modifyWeights(one.balancerId, [ref]));
  await settle(one.clb.modifyListener(one.balancerId, one.listenerId, { flags: ['RescheduleTargetZeroWeight'] }));
  await settle(one.clb.modifyWeights(one.balancerId, [ref]));
  client.socket.write('still there?\n');
  await client.hears('still there?');
});

test('a probe ends with RST, so that a server sees no client that says goodbye', async (t) => {
  const one = await startOneListener(t);
  const backend = await startBackend(t, 'a');
  let goodbyes = 0;
  let probes = 0;
  backend.server.on('connection', (socket) => {
    probes += 1;
    socket.on('end', () => {
      goodbyes += 1;
    });
  });
  await bindAlive(one, backend.port);
  const before = probes;
  await until(() => probes >= before + 5);
  assert.equal(goodbyes, 0);
});
