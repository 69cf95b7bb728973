import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openContexts } from '../../cmd/open-contexts.ts';
import { ConnectionError, UsageError } from '../../lib/core/errors.ts';
import { NoContextError } from '../../lib/kube/config/connection-plan.ts';
import type { World } from '../../lib/ports.ts';
import { type RunOptions, run, runLine } from './harness.ts';

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

test('an empty name among several is a usage error, and not the current context; a name given twice counts once', async () => {
  for (const list of ['a,', ',a', 'a,,b', ',']) {
    const { openAll, closed } = opening();
    await assert.rejects(
      openAll(list),
      (error) => error instanceof UsageError && /has an empty name/.test(error.message),
    );
    assert.deepEqual(closed, []);
  }
  const { openAll, asked, closed } = opening();
  const opened = await openAll('a,a');
  assert.deepEqual(contextsOf(opened.world), [['a', true]]);
  assert.deepEqual(asked, ['a,a', 'a']);
  await opened.close();
  assert.deepEqual(closed, ['a']);
});

test('a verb that works in one cluster refuses a list of contexts with 2, and takes one with a comma in its name', async () => {
  const openWorld: RunOptions['openWorld'] = async ({ connection: { context = '' } }) => {
    if (context !== 'x,y') throw new NoContextError(`no context ${context}`);
    throw new ConnectionError('reached');
  };
  const refused = await run(['drain', 'nginx', '0', '--context', 'c,a'], { openWorld });
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /^error: drain takes one context, and --context "c,a" is none of the kubeconfig$/m);
  assert.match(refused.stderr, /^hint: one at a time: --context c$/m);
  assert.match((await run(['drain', 'nginx', '0', '--context', 'x,y'], { openWorld })).stderr, /reached/);
  assert.equal((await run(['drain', 'nginx', '0', '--context', 'c'], { openWorld })).code, 1);
});

test('-A and -l may stand together, -A and names may not, and the time-out counts for each of several', async () => {
  const { calls } = await runLine('check -A -l tier=gateway --timeout 1m');
  const intent = calls[0]?.intent as Record<string, unknown>;
  assert.deepEqual([intent['everywhere'], intent['selector'], intent['eachMs']], [true, 'tier=gateway', 60_000]);
  const alone = (await runLine('status nginx')).calls[0]?.intent as Record<string, unknown>;
  assert.deepEqual([alone['everywhere'], alone['eachMs']], [undefined, undefined]);
  for (const verb of ['check', 'status']) assert.equal((await run([verb, 'nginx', '-A'])).code, 2, `${verb} nginx -A`);
});
