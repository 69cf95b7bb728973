/** A patch whose answer was lost and that is sent again: the client finds its own work, and no other writer's. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { templatePatch } from '../../../lib/core/target/restart.ts';
import { isPatched } from '../../../lib/kube/api/resend.ts';
import { STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import { mergePatch } from '../../../sandbox/semantics/patch/merge-patch.ts';
import { strategicPatch } from '../../../sandbox/semantics/patch/strategic-patch.ts';
import { type Answer, reply, startApiServer, statusBody } from '../fixtures/api-server.ts';
import { connected } from '../fixtures/connected.ts';

interface Template {
  metadata: { labels: Record<string, string>; annotations?: Record<string, string> };
  spec: { containers: { name: string; image: string; env?: { name: string; value: string }[] }[] };
}

const template = (image: string, more: object = {}): Template => ({
  metadata: { labels: { app: 'nginx' } },
  spec: {
    containers: [
      { name: 'nginx', image, ...more },
      { name: 'sidecar', image: 'sidecar:1' },
    ],
  },
});
const statefulSet = (spec: object, annotations: Record<string, string> = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'nginx', uid: 'u-1', resourceVersion: '8', annotations },
  spec: { replicas: 4, template: spec },
});

/** As `upgrade --image` writes it, and as `rollback` does with the data of a ControllerRevision. */
const former = { 'kubectl-zeroloss/former-revision': 'nginx-1' };
const metadata = { resourceVersion: '7', annotations: former };
const IMAGE = { metadata, spec: { template: templatePatch({ initContainers: [] }, { nginx: 'nginx:2' }, undefined) } };
const REVISION = {
  metadata,
  spec: {
    template: {
      $patch: 'replace',
      ...template('nginx:1'),
      metadata: { creationTimestamp: null, ...template('').metadata },
    },
  },
};

/** The server loses the answer to the first write, refuses the second, and answers a read with `now`. */
async function sentAgain(patch: object, now: object): Promise<unknown> {
  let asked = 0;
  const answer: Answer = ({ method }, response) => {
    asked += 1;
    if (asked === 1) return response.destroy();
    if (method === 'GET') return reply(response, now);
    return reply(response, statusBody(409, 'Conflict', 'the object has been modified'), 409);
  };
  await using server = await startApiServer({ answer });
  await using client = await connected(server, { patienceMs: 30_000 });
  return await client.kube.patch(STATEFUL_SETS, 'nginx', patch, { type: 'strategic' });
}

for (const [name, patch, ours, theirs] of [
  ['an image', IMAGE, template('nginx:2', { env: [{ name: 'A', value: '1' }] }), template('nginx:3')],
  ['a whole revision', REVISION, template('nginx:1'), template('nginx:1', { env: [{ name: 'A', value: '1' }] })],
] as const) {
  test(`a patch of the template by ${name} that was taken before the cut is found done`, async () => {
    const now = statefulSet(ours, { ...former, other: 'kept' });
    assert.deepEqual(await sentAgain(patch, now), now);
  });

  test(`a patch of the template by ${name}, sent again, that meets another writer's template is a conflict`, async () => {
    await assert.rejects(sentAgain(patch, statefulSet(theirs, former)), { httpStatus: 409 });
    await assert.rejects(sentAgain(patch, statefulSet(ours)), { httpStatus: 409 }, 'our bookkeeping is not there');
  });
}

const names = fc.uniqueArray(fc.constantFrom('nginx', 'sidecar', 'log'), { minLength: 1 });
const envs = fc.option(fc.array(fc.record({ name: fc.constantFrom('A', 'B'), value: fc.string() }), { maxLength: 1 }), {
  nil: undefined,
});
const templates = fc.record({ names, image: fc.string({ minLength: 1 }), env: envs }).map(
  ({ names, image, env }): Template => ({
    metadata: { labels: { app: 'nginx' } },
    spec: { containers: names.map((name) => ({ name, image, ...(env === undefined ? {} : { env }) })) },
  }),
);

test('every patch of a template, once applied, is found done, and no longer once a patched image is another', () => {
  fc.assert(
    fc.property(templates, templates, fc.boolean(), (before, after, replaces) => {
      const set = statefulSet(before);
      const known = before.spec.containers.map(({ name }) => name);
      const images = Object.fromEntries(
        after.spec.containers.filter(({ name }) => known.includes(name)).map(({ name, image }) => [name, image]),
      );
      const wished = replaces
        ? { $patch: 'replace', ...after }
        : templatePatch({ initContainers: [] }, images, undefined);
      const patch = { metadata, spec: { template: wished } };
      const applied = strategicPatch(set, { ...patch, metadata: { annotations: former } }, 'StatefulSet') as typeof set;
      assert.ok(isPatched(applied, patch, 'strategic'));
      const { containers } = (applied.spec.template as Template).spec;
      const first = containers.find(({ name }) => replaces || images[name] !== undefined);
      if (first === undefined) return;
      first.image += '-theirs';
      assert.ok(!isPatched(applied, patch, 'strategic'));
    }),
  );
});

test('every merge patch, once applied, is found done', () => {
  const values = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.option(fc.jsonValue({ maxDepth: 2 })));
  fc.assert(
    fc.property(values, values, (before, spec) => {
      const object = { ...statefulSet({}), spec: before };
      assert.ok(isPatched(mergePatch(object, { spec }) as typeof object, { spec }, 'merge'));
    }),
  );
});

test('a patch with a directive that no verb sends is never taken for done', () => {
  const set = statefulSet(template('nginx:2'));
  for (const directive of [{ $patch: 'delete' }, { '$setElementOrder/containers': [] }, { $retainKeys: [] }])
    assert.ok(!isPatched(set, { spec: { template: directive } }, 'strategic'));
  for (const type of ['json', 'apply'] as const) assert.ok(!isPatched(set, {}, type));
});
