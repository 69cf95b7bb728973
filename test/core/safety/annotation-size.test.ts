import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ANNOTATIONS_LIMIT, excessBytes, sizeRefusals } from '../../../lib/core/safety/annotation-size.ts';

const ofBytes = (count: number) => 'x'.repeat(count);

describe('the size of all annotations of a Service', () => {
  it('fits up to the last byte that the API server accepts, names counted in', () => {
    assert.equal(excessBytes({ a: '1' }, { b: ofBytes(ANNOTATIONS_LIMIT - 3) }), undefined);
    assert.equal(excessBytes({ a: '1' }, { b: ofBytes(ANNOTATIONS_LIMIT - 2) }), ANNOTATIONS_LIMIT + 1);
  });
  it('is counted in bytes, not in characters', () => {
    assert.equal(excessBytes({}, { a: '权'.repeat((ANNOTATIONS_LIMIT - 1) / 3) }), undefined);
    assert.equal(excessBytes({}, { a: '权'.repeat((ANNOTATIONS_LIMIT - 1) / 3 + 1) }), ANNOTATIONS_LIMIT + 3);
  });
  it('is no reason against a patch that makes it smaller', () => {
    const now = { a: ofBytes(ANNOTATIONS_LIMIT), b: ofBytes(10) };
    assert.equal(excessBytes(now, { b: null }), undefined);
  });
  it('is refused with both numbers and the name of the Service', () => {
    const [refusal] = sizeRefusals([{ service: 'nginx', excess: 300_000 }, { service: 'small' }]);
    assert.match(String(refusal?.message), /service\/nginx: .* 300000 bytes .* 262144/);
  });
});
