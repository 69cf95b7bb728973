import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { maskTemplatesIn } from '../../../lib/core/values/mask.ts';
import { WireMask } from '../../../lib/kube/wire/mask-wire.ts';

const container = {
  name: 'nginx',
  env: [{ name: 'DB_PASSWORD', value: 'hunter "2"' }],
  args: ['--db-password=hunter', '--api-key', 'hunter', '--port=80'],
};
const body = { kind: 'StatefulSet', spec: { template: { spec: { containers: [container] } } } };
const applied = {
  kind: 'StatefulSet',
  metadata: { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(body) } },
};

describe('a body in the trace of -v 9', () => {
  for (const [title, shown] of [
    ['of a StatefulSet', body],
    ['with the configuration that was applied last', applied],
  ] as const)
    it(`${title} shows no variable of a pod template and no credential of a command`, () => {
      const text = new WireMask().body(JSON.stringify(shown));
      assert.doesNotMatch(text, /hunter/);
      assert.match(text, /--port=80/);
      assert.equal((JSON.parse(text) as { kind: string }).kind, 'StatefulSet');
    });

  it('shows values that belong to no variable', () => {
    const text = JSON.stringify({ tolerations: [{ key: 'a', value: 'b' }] });
    assert.equal(maskTemplatesIn(text), text);
  });
});
