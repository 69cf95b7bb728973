import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StatusError } from '../../../lib/core/errors.ts';
import { gather } from '../../../lib/flows/target/gather.ts';
import { common, rehearse } from '../rehearsal/rehearsal.ts';

const hintFor = async (name: string): Promise<string | undefined> => {
  try {
    await gather(rehearse({ replicas: 2 }).world, { ...common, name });
  } catch (error) {
    assert.ok(error instanceof StatusError);
    return error.hint;
  }
  return undefined;
};

test('a pod in place of its StatefulSet is answered with TARGET and ORDINALS', async () =>
  assert.equal(
    await hintFor('nginx-1'),
    '"nginx-1" is the name of a pod: TARGET is nginx, and ORDINALS, where a command takes them, are 1',
  ));

test('a name that is nothing at all leads to the list of StatefulSets', async () =>
  assert.match((await hintFor('web-1')) ?? '', /^kubectl get statefulsets /));

test('the load balancers that the Services name are announced', async () => {
  const found: string[] = [];
  const { world } = rehearse({ replicas: 2 });
  await gather({ ...world, foundBalancers: (ids) => found.push(...ids) }, common);
  assert.equal(found.length, 1);
  assert.match(found[0] ?? '', /^lb-/);
});
