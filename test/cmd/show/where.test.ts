import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whereText } from '../../../cmd/show/where.ts';
import type { World } from '../../../lib/ports.ts';
import { kubeWith, outcomeOf, type RunOptions, runLine } from '../harness.ts';

const place = { context: 'prod', server: 'https://10.0.0.1:6443' };
const details = {
  ...{ rows: [], services: [], drainSet: [], surge: null, paused: null, notes: [] },
  ...{ findings: [], counts: { OK: 0, WARN: 0, FAIL: 0 } },
  ...{ version: 1, target: { namespace: 'web', name: 'nginx' }, images: {}, batches: [], surplus: [], steps: [] },
};

/** A world of which the Services name these load balancers. */
const options = (...balancers: string[]): RunOptions => ({
  flow: (world) => {
    for (const id of balancers) world.foundBalancers?.([id]);
    return outcomeOf({ details });
  },
  openWorld: async ({ report, signal }) => ({
    world: { kube: kubeWith({}, 'web'), place, report, signal } as unknown as World,
    close: async () => undefined,
  }),
});

test('plan, check, status and upgrade show context, namespace and load balancer in one line on stderr', async () => {
  for (const line of ['plan nginx', 'check nginx', 'status nginx', 'upgrade nginx --yes', 'status nginx -o json']) {
    const { stderr, stdout } = await runLine(line, options('lb-1'));
    assert.equal(stderr.match(/^context prod, namespace web, load balancer lb-1$/gm)?.length, 1, line);
    assert.doesNotMatch(stdout, /context prod/);
  }
});

test('a report on several StatefulSets shows it once for all of them', async () => {
  const { stderr } = await runLine('status nginx api', options('lb-1', 'lb-2'));
  assert.match(stderr, /^context prod, namespace web, load balancers lb-1, lb-2$/m);
  assert.equal(stderr.match(/context prod/g)?.length, 1);
});

test('it names all namespaces and every context that a verb looks at', async () => {
  assert.match(
    (await runLine('status -A', options('lb-1'))).stderr,
    /^context prod, all namespaces, load balancer lb-1$/m,
  );
  const opens: RunOptions['openWorld'] = async ({ connection, report, signal }) => {
    if (connection.context?.includes(',')) throw new Error('no such context');
    const namespace = connection.context === 'b' ? 'blue' : 'web';
    return {
      world: { kube: kubeWith({}, namespace), place, report, signal } as unknown as World,
      close: async () => undefined,
    };
  };
  const { stderr } = await runLine('status nginx --context a,b', { ...options(), openWorld: opens });
  assert.match(stderr, /^contexts a, b, namespaces web, blue$/m);
});

test('it is shown too when the verb fails, without a load balancer where none was read: no one then looks at another cluster by mistake', async () => {
  const failing = { ...options(), flow: () => Promise.reject(new Error('no')) };
  assert.match((await runLine('status nginx', failing)).stderr, /^context prod, namespace web\n/);
});

test('the other verbs show it with -v 1 alone', async () => {
  assert.doesNotMatch((await runLine('drain nginx 0', options('lb-1'))).stderr, /context prod/);
  assert.match((await runLine('drain nginx 0 -v 1', options('lb-1'))).stderr, /v1: context prod, namespace web, /);
});

test('where no context decides, the server is named, without a password', () =>
  assert.equal(
    whereText({ context: '', server: 'https://me:secret@10.0.0.1' }, 'web', []),
    'server https://<masked>@10.0.0.1, namespace web',
  ));
