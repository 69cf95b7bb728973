import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openContexts } from '../../cmd/open-contexts.ts';
import { ConnectionError } from '../../lib/core/errors.ts';
import type { World } from '../../lib/ports.ts';
import { run, runLine } from './harness.ts';

/** A kubeconfig with the contexts `a`, `b` and `x,y`. */
const opening = () => {
  const closed: string[] = [];
  const asked: string[] = [];
  const open = async ({ connection: { context = '' } }: { connection: { context?: string } }) => {
    asked.push(context);
    if (!['a', 'b', 'x,y'].includes(context)) throw new ConnectionError(`context "${context}" does not exist`);
    return {
      world: { place: { context, server: '' } } as unknown as World,
      counting: () => ({ place: { context, server: '' }, sources: [] }) as unknown as World,
      wrote: () => false,
      close: async () => void closed.push(context),
    };
  };
  const openAll = (context: string) =>
    openContexts(open as unknown as Parameters<typeof openContexts>[0], { connection: { context } } as never);
  return { closed, asked, openAll };
};

const contextsOf = ({ clusters }: World) => clusters?.map((each) => [each.context, 'world' in each]);

test('several contexts are opened each by itself; one that cannot be is kept by its name, and all are closed', async () => {
  const { openAll, closed } = opening();
  const opened = await openAll('gone,a, b,a');
  const all = [
    ['gone', false],
    ['a', true],
    ['b', true],
  ];
  assert.deepEqual(contextsOf(opened.world), all);
  assert.equal(opened.world.place?.context, 'a');
  assert.deepEqual(contextsOf((await opened.counting?.({ flags: {}, mayWrite: false })) as World), all);
  await opened.close();
  assert.deepEqual(closed, ['a', 'b']);
});

test('a context with a comma in its name is one; where none of several exists, the first is the error', async () => {
  const { openAll, asked } = opening();
  assert.equal((await openAll('x,y')).world.clusters, undefined);
  assert.deepEqual(asked, ['x,y']);
  assert.equal((await openAll('a')).world.clusters, undefined);
  await assert.rejects(openAll('gone,lost'), /"gone" does not exist/);
});

test('-A and -l may stand together, -A and names may not, and the time-out counts for each of several', async () => {
  const { calls } = await runLine('check -A -l tier=gateway --timeout 1m');
  const intent = calls[0]?.intent as Record<string, unknown>;
  assert.deepEqual([intent['everywhere'], intent['selector'], intent['eachMs']], [true, 'tier=gateway', 60_000]);
  const alone = (await runLine('status nginx')).calls[0]?.intent as Record<string, unknown>;
  assert.deepEqual([alone['everywhere'], alone['eachMs']], [undefined, undefined]);
  for (const verb of ['check', 'status']) assert.equal((await run([verb, 'nginx', '-A'])).code, 2, `${verb} nginx -A`);
});
