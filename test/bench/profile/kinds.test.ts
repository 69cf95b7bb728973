import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CpuProfile, timesOf } from '../../../bench/profile/kinds.ts';

type Call = readonly [functionName: string, url: string];

/** A chain of calls, each in the one before it; one sample of a millisecond in the last. */
function sampled(...frames: readonly Call[]): CpuProfile {
  const root: Call = ['(root)', ''];
  const nodes = [root, ...frames].map(([functionName, url], id) => ({
    id,
    callFrame: { functionName, url, lineNumber: id - 1 },
    ...(id < frames.length ? { children: [id + 1] } : {}),
  }));
  return { nodes, samples: [frames.length], timeDeltas: [1000] };
}

const kindOf = (...frames: readonly Call[]) => [...timesOf(sampled(...frames))].find(([, ms]) => ms === 1)?.[0];

test('a sample belongs to the innermost call whose kind is known', () => {
  const ours = ['read', 'file:///plugin/status.cjs'] as const;
  assert.equal(kindOf(['', 'file:///plugin/status.cjs'], ours, ['stringify', '']), 'its functions');
  assert.equal(kindOf(ours, ['request', 'node:https'], ['emit', 'node:events']), 'https, tls and certificates');
  assert.equal(kindOf(ours, ['require', 'node:internal/modules/cjs/loader'], ['wrapSafe', '']), 'compiling');
  assert.equal(kindOf(ours, ['getStdout', 'node:internal/bootstrap/switches/x']), 'output streams');
  assert.equal(kindOf(['', 'file:///plugin/status.cjs']), 'the top level of its modules');
  assert.equal(kindOf(['prepare', 'node:internal/process/pre_execution']), 'Node itself, before and after the program');
});

test('a process that waits takes no time of any kind', () => {
  assert.equal(kindOf(['(idle)', '']), undefined);
});
