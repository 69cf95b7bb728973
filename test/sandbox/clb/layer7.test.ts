import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, createServer, get, type ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import type { ListenerFields } from '../../../sandbox/clb/model.ts';
import { settle, startOneListener, until } from './support.ts';

interface HttpBackend {
  port: number;
  /** Answers to `/slow` that wait to be given. */
  waiting: ServerResponse[];
}

/** Says its name to every request. */
async function startHttpBackend(t: TestContext, name: string): Promise<HttpBackend> {
  const waiting: ServerResponse[] = [];
  // Never the one to close an idle connection.
  const server = createServer({ keepAliveTimeout: 0 }, (asked, answer) => {
    answer.setHeader('x-name', name);
    if (asked.url === '/slow') waiting.push(answer);
    else answer.end(name);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port, waiting };
}

async function startLayer7(t: TestContext, names: readonly string[], settings: Partial<ListenerFields> = {}) {
  const rules = [{ domain: 'default' }];
  const one = await startOneListener(t, {}, { protocol: 'HTTP', rules, ...settings });
  const listener = one.clb.balancer(one.balancerId)?.listeners.get(one.listenerId);
  const ruleId = listener?.rules[0]?.id;
  const backends = new Map<string, HttpBackend>();
  for (const name of names) {
    const backend = await startHttpBackend(t, name);
    backends.set(name, backend);
    const target = { listenerId: one.listenerId, ruleId, address: '127.0.0.1', port: backend.port };
    await settle(one.clb.bindTargets(one.balancerId, [target]));
  }
  await until(() => listener?.targets.every(({ health }) => health === 'alive') === true);
  // One client that keeps its one connection to the balancer.
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  const ask = async (path = '/'): Promise<string> => {
    const [answer] = await once(get({ ...one.address, path, agent, headers: { host: 'shop.example' } }), 'response');
    let text = '';
    for await (const chunk of answer) text += chunk;
    return answer.statusCode === 200 ? text : String(answer.statusCode);
  };
  const ref = (name: string) => ({
    listenerId: one.listenerId,
    ruleId,
    address: '127.0.0.1',
    port: backends.get(name)?.port ?? 0,
  });
  const drain = (name: string) => settle(one.clb.modifyWeights(one.balancerId, [{ ...ref(name), weight: 0 }]));
  const openTo = (name: string): number => listener?.find(ref(name))?.openConnections ?? -1;
  return { ...one, backends, ask, ref, drain, openTo };
}

test('layer 7: each request of one client connection is scheduled anew', async (t) => {
  const { ask } = await startLayer7(t, ['a', 'b']);
  const heard = [await ask(), await ask(), await ask(), await ask()];
  assert.deepEqual(heard.toSorted(), ['a', 'a', 'b', 'b']);
});

test('layer 7: at weight 0 no request comes, but an idle connection stays until its time is out', async (t) => {
  const seven = await startLayer7(t, ['a', 'b'], { keepaliveMs: 1000 });
  await seven.ask();
  await seven.ask();
  await seven.drain('a');
  assert.deepEqual([seven.openTo('a'), seven.openTo('b')], [1, 1]);
  assert.deepEqual([await seven.ask(), await seven.ask()], ['b', 'b']);
  await until(() => seven.openTo('a') === 0);
});

test('layer 7: without keep-alive to the backends nothing stays open after an answer', async (t) => {
  const seven = await startLayer7(t, ['a']);
  assert.equal(await seven.ask(), 'a');
  await until(() => seven.openTo('a') === 0);
});

test('layer 7: if configured so, the balancer goes on asking a backend of weight 0 over the connection that it keeps', async (t) => {
  const seven = await startLayer7(t, ['a', 'b'], { keepaliveMs: 60_000, pooledAtZeroWeight: true });
  await seven.ask();
  await seven.ask();
  await seven.drain('a');
  assert.deepEqual([await seven.ask(), await seven.ask()], ['a', 'a']);
  await settle(seven.clb.modifyListener(seven.balancerId, seven.listenerId, { pooledAtZeroWeight: false }));
  assert.equal(await seven.ask(), 'b');
});

test('layer 7: an unbound backend ends what it has begun, and keeps no connection', async (t) => {
  const seven = await startLayer7(t, ['a'], { keepaliveMs: 60_000 });
  const slow = seven.ask('/slow');
  const { waiting } = seven.backends.get('a') ?? assert.fail();
  await until(() => waiting.length === 1);
  const [metered] = [...seven.clb.meteredBackends];
  await settle(seven.clb.unbindTargets(seven.balancerId, [seven.ref('a')]));
  assert.equal(metered?.meter.openConnections, 1);
  waiting[0]?.end('late');
  assert.equal(await slow, 'late');
  await until(() => metered?.meter.openConnections === 0);
  assert.equal(await seven.ask(), '503');
});

test('layer 7: a backend that cannot be reached is 502', async (t) => {
  const seven = await startLayer7(t, []);
  const rule = seven.ref('');
  await settle(seven.clb.bindTargets(seven.balancerId, [{ ...rule, address: '127.0.0.1', port: 1 }]));
  assert.equal(await seven.ask(), '502');
});

test('layer 7: a backend under two rules is counted once, and goes on being counted while one of them has it', async (t) => {
  const rules = [{ domain: 'default' }, { domain: 'shop.example' }];
  const one = await startOneListener(t, {}, { protocol: 'HTTP', rules });
  const { port } = await startHttpBackend(t, 'a');
  const ruleIds =
    one.clb
      .balancer(one.balancerId)
      ?.listeners.get(one.listenerId)
      ?.rules.map(({ id }) => id) ?? [];
  const targets = ruleIds.map((ruleId) => ({ listenerId: one.listenerId, ruleId, address: '127.0.0.1', port }));
  await settle(one.clb.bindTargets(one.balancerId, targets));
  const metered = [...one.clb.meteredBackends];
  assert.equal(metered.length, 1);
  await settle(one.clb.unbindTargets(one.balancerId, targets.slice(0, 1)));
  assert.equal(metered[0]?.meter.running, true);
  await settle(one.clb.unbindTargets(one.balancerId, targets.slice(1)));
  assert.equal(metered[0]?.meter.running, false);
});

test('layer 7: a client that leaves takes its request away from the backend', async (t) => {
  const seven = await startLayer7(t, ['a']);
  const { waiting } = seven.backends.get('a') ?? assert.fail();
  const call = get({ ...seven.address, path: '/slow', headers: { host: 'shop.example' } });
  call.once('error', () => undefined);
  await until(() => waiting.length === 1);
  call.destroy();
  await until(() => waiting[0]?.socket?.destroyed !== false);
  await until(() => seven.openTo('a') === 0);
});
