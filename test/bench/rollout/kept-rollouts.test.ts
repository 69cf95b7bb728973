import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { pairsOf, unitsOf } from '../../../bench/parts/rollout.ts';
import { codeDigest, openKeptRollouts } from '../../../bench/rollout/kept-rollouts.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'zeroloss-rollouts-'));
after(() => rmSync(FOLDER, { recursive: true }));
const ROLLOUT = { tookMs: 1, cluster: 2, cloud: 3, mostOut: 4, unproved: 0 };
const EXTENT = { sizes: [100], seeds: 2 };

describe('rollouts that have been measured', () => {
  it('are read again after a kill, but for the line that it cut off', () => {
    const path = join(FOLDER, 'cut', 'rollouts.jsonl');
    const [first, second] = unitsOf(EXTENT);
    assert.ok(first !== undefined && second !== undefined);
    openKeptRollouts(path, 'a').add(first, ROLLOUT);
    appendFileSync(path, readFileSync(path, 'utf8').slice(0, 40));
    const again = openKeptRollouts(path, 'a');
    assert.deepEqual(again.get(first), ROLLOUT);
    assert.equal(again.get(second), undefined);
    again.add(second, ROLLOUT);
    const third = openKeptRollouts(path, 'a');
    assert.deepEqual([first, second].map(third.get), [ROLLOUT, ROLLOUT]);
  });

  it('hold for no other code', () => {
    const path = join(FOLDER, 'code.jsonl');
    const [first] = unitsOf(EXTENT);
    assert.ok(first !== undefined);
    openKeptRollouts(path, 'a').add(first, ROLLOUT);
    assert.equal(openKeptRollouts(path, 'b').get(first), undefined);
    const root = join(import.meta.dirname, '..', '..', '..');
    assert.match(codeDigest(root), /^[0-9a-f]{16}$/);
    assert.equal(codeDigest(root), codeDigest(root));
  });

  it('are shown once both ways of a seed are there', () => {
    const kept = openKeptRollouts(join(FOLDER, 'pairs.jsonl'), 'a');
    const [window, batches, next] = unitsOf(EXTENT);
    assert.ok(window !== undefined && batches !== undefined && next !== undefined);
    kept.add(window, ROLLOUT);
    kept.add(next, ROLLOUT);
    assert.deepEqual(pairsOf(EXTENT, kept), []);
    kept.add(batches, ROLLOUT);
    assert.deepEqual(
      pairsOf(EXTENT, kept).map(({ distribution, seed }) => [distribution, seed]),
      [['exponential', 1]],
    );
  });
});

describe('the rollouts of the bench', () => {
  it('are every distribution with and without a soak, both ways, seed by seed', () => {
    const units = unitsOf(EXTENT);
    assert.equal(units.length, 2 * 2 * 3 * 2);
    assert.equal(new Set(units.map((unit) => JSON.stringify(unit))).size, units.length);
    assert.deepEqual([...new Set(units.slice(0, 12).map(({ seed }) => seed))], [1]);
  });

  it('of more than a hundred pods have a tenth of the seeds, and at least one', () => {
    const seedsOf = (seeds: number) => new Set(unitsOf({ sizes: [1000], seeds }).map(({ seed }) => seed)).size;
    assert.deepEqual([1, 10, 20, 30].map(seedsOf), [1, 1, 2, 3]);
  });
});
