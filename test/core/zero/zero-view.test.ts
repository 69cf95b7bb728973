import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UNFILLED } from '../../../lib/core/zero/verdict.ts';
import { holderText, trendOf, type ZeroRow, zeroLine } from '../../../lib/core/zero/zero-view.ts';

const at = (seconds: number, value: number | null) => ({ atMs: seconds * 1000, value });
const row: ZeroRow = {
  pod: 'nginx-0',
  listener: 'TCP/80',
  source: 'pod',
  verdict: 'busy',
  connections: 5,
  trend: 'steady',
  because: '',
  filledMs: 0,
  neededMs: 30_000,
  holders: ['a', 'b', 'c', 'd'].map((peer) => ({ peer, connections: 1, seenForMs: 90_500 })),
};

describe('a trend', () => {
  it('compares with half a minute ago, or with the oldest number there is', () => {
    assert.equal(trendOf([at(0, 9), at(10, 1), at(40, 5)]), 'rising');
    assert.equal(trendOf([at(0, 9), at(10, 5)]), 'falling');
    assert.equal(trendOf([at(0, 5), at(60, 7), at(90, 7)]), 'steady');
  });
  it('reads nothing into missing numbers', () => {
    assert.equal(trendOf([]), 'steady');
    assert.equal(trendOf([at(0, 3), at(10, null)]), 'steady');
  });
});

describe('the line of a backend', () => {
  it('names who holds on, and for how long it has been seen', () => {
    assert.equal(holderText({ peer: '192.0.2.1', connections: 2, seenForMs: 61_700 }), '192.0.2.1 (2, seen for 1m1s)');
    assert.equal(
      zeroLine(row),
      'nginx-0 TCP/80 pod: 5 connections, held by a (1, seen for 1m30s), b (1, seen for 1m30s), c (1, seen for 1m30s) and 1 more',
    );
  });
  it('leaves out a time of less than a second, which says nothing', () => {
    assert.equal(holderText({ peer: 'a', connections: 1, seenForMs: 999 }), 'a (1)');
    assert.equal(holderText({ peer: 'a', connections: 1, seenForMs: 1000 }), 'a (1, seen for 1s)');
  });
  it('of a backend that has just come to zero shows no holder', () => {
    assert.equal(
      zeroLine({ ...row, connections: 0, trend: 'falling' }),
      'nginx-0 TCP/80 pod: 0 connections, zero for 0s of 30s',
    );
  });
  it('of a backend whose window is not full yet shows how far it is, once', () => {
    const waiting = { ...row, verdict: 'unknown' as const, connections: 0, holders: [], because: UNFILLED };
    assert.equal(zeroLine(waiting), 'nginx-0 TCP/80 pod: 0 connections, zero for 0s of 30s');
    assert.equal(zeroLine({ ...waiting, filledMs: 2000 }), 'nginx-0 TCP/80 pod: 0 connections, zero for 2s of 30s');
  });
  it('of a backend that was busy within the stability window shows how long it has been at zero', () => {
    assert.equal(
      zeroLine({ ...row, connections: 0, filledMs: 6000, holders: [] }),
      'nginx-0 TCP/80 pod: 0 connections, zero for 6s of 30s',
    );
  });
});
