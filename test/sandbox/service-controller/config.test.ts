import assert from 'node:assert/strict';
import { test } from 'node:test';
import { text } from '../../../lib/core/values/read.ts';
import { CONFIG_MAPS, NAMESPACES } from '../../../lib/ports/resources.ts';
import { publishConfig } from '../../../sandbox/service-controller/config.ts';
import { FakeKube } from '../../fakes/api/kube.ts';

const NAME = 'tke-service-controller-config';

test('the controller publishes its version in kube-system, and makes the namespace where there is none', async () => {
  const kube = new FakeKube([], { now: Date.now });
  await publishConfig(kube);
  const [config] = kube.objects(CONFIG_MAPS);
  assert.deepEqual([config?.metadata.name, config?.metadata.namespace], [NAME, 'kube-system']);
  assert.match(text(config, 'data', 'VERSION') ?? '', /^v\d+\.\d+\.\d+$/);
  assert.deepEqual(
    kube.objects(NAMESPACES).map(({ metadata }) => metadata.name),
    ['kube-system'],
  );
});

test('a configuration that is there stays as it is', async () => {
  const kube = new FakeKube([], { now: Date.now });
  await publishConfig(kube);
  await kube.patch(CONFIG_MAPS, NAME, { data: { VERSION: 'v1.5.0' } }, { type: 'merge', namespace: 'kube-system' });
  await publishConfig(kube);
  const config = await kube.get(CONFIG_MAPS, NAME, { namespace: 'kube-system' });
  assert.equal(text(config, 'data', 'VERSION'), 'v1.5.0');
});
