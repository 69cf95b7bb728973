import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { overriding } from '../../lib/ports/overriding.ts';

class Counter {
  #count = 0;
  readonly name = 'counter';
  add(by: number): number {
    this.#count += by;
    return this.#count;
  }
  twice(by: number): number {
    this.add(by);
    return this.add(by);
  }
}

describe('a decorated port', () => {
  const inner = new Counter();
  const outer = overriding(inner, { add: (by) => inner.add(-by) });

  it('has the methods that override it', () => {
    assert.equal(outer.add(3), -3);
  });
  it('calls every other method on the port itself, with its private state', () => {
    assert.equal(outer.twice(2), 1);
  });
  it('shows the properties of the port', () => {
    assert.equal(outer.name, 'counter');
  });
  it('does not change the port', () => {
    assert.equal(inner.add(0), 1);
  });
});
