/** How far this machine's clock is ahead of the server's, by the Date header of real answers over HTTPS. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { PODS } from '../../../lib/ports/resources.ts';
import { startApiServer } from '../fixtures/api-server.ts';
import { connected } from '../fixtures/connected.ts';

/** A server whose Date header is what the test says: shifted by so many ms, a text, or absent. */
async function open(t: TestContext, date: { shiftMs: number } | { text: string } | 'none') {
  const world = { date };
  const server = await startApiServer({
    answer: (_request, response) => {
      const headers: Record<string, string> = { 'Content-Type': 'application/json' };
      response.sendDate = false;
      if (world.date !== 'none')
        headers['Date'] =
          'text' in world.date ? world.date.text : new Date(Date.now() + world.date.shiftMs).toUTCString();
      response.writeHead(200, headers);
      response.end(JSON.stringify({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items: [] }));
    },
  });
  const { kube, ...connection } = await connected(server);
  t.after(async () => {
    await connection[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
  const ahead = async () => {
    await kube.list(PODS);
    return kube.clockAheadMs?.();
  };
  return { kube, world, ahead };
}

const HOUR = 3_600_000;
/** A whole second of the header, and the time between the server's answer and its arrival. */
const within = (value: number | undefined, wantedMs: number) =>
  assert.ok(value !== undefined && Math.abs(value - wantedMs) <= 5000, `${value} is not about ${wantedMs}`);

test('before the first answer nothing is known of the server’s clock', async (t) => {
  const { kube } = await open(t, { shiftMs: 0 });
  assert.equal(kube.clockAheadMs?.(), undefined);
});

test('a server that is behind shows this clock as ahead, one that is ahead shows it as behind', async (t) => {
  const behind = await open(t, { shiftMs: -HOUR });
  within(await behind.ahead(), HOUR);
  const ahead = await open(t, { shiftMs: HOUR });
  within(await ahead.ahead(), -HOUR);
});

test('a server that agrees shows no difference, although its header has whole seconds only', async (t) => {
  const { ahead } = await open(t, { shiftMs: 0 });
  assert.equal(await ahead(), 0);
});

test('the newest answer counts, and one without a date that can be read changes nothing', async (t) => {
  const { world, ahead } = await open(t, { shiftMs: -HOUR });
  within(await ahead(), HOUR);
  world.date = { shiftMs: -2 * HOUR };
  within(await ahead(), 2 * HOUR);
  for (const date of ['none', { text: 'yesterday, about noon' }] as const) {
    world.date = date;
    within(await ahead(), 2 * HOUR);
  }
});

test('a server that sends no date leaves it unknown', async (t) => {
  const { ahead } = await open(t, 'none');
  assert.equal(await ahead(), undefined);
});
