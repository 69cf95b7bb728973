import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pauseLine, readPause } from '../../../lib/core/target/pause.ts';
import { oneLine } from '../../../lib/core/values/read.ts';

describe('a text of another writer', () => {
  it('begins no line of its own', () => {
    assert.equal(
      oneLine('slow\r\nservice/nginx restored\n\n\u2028done\u001b[2J'),
      'slow service/nginx restored done [2J',
    );
  });

  it('is cut off where it is long', () => {
    assert.equal(oneLine('x'.repeat(1000)).length, 300);
  });

  it('stays one line where it is the reason of a pause, by this program or by hand', () => {
    const reason = 'errors\nstatefulset/nginx resumed';
    const texts = [JSON.stringify({ format: 1, by: 'ann\n@laptop', at: '2026-01-01T00:00:00Z', reason }), reason];
    for (const text of texts) {
      const pause = readPause({ annotations: { 'kubectl-zeroloss/paused': text } });
      assert.ok(pause !== undefined);
      assert.doesNotMatch(pauseLine('nginx', pause), /\n/);
      assert.match(pauseLine('nginx', pause), /errors statefulset\/nginx resumed$/);
    }
  });
});
