/**
 * Rollouts that have been measured, one a line in a file, so that a bench of hours goes on where it was stopped. They hold for the
 * code that they were measured with: a line of other code is not read.
 */

import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Distribution } from './lengths.ts';
import type { Rollout, RolloutWish } from './one-rollout.ts';

/** One rollout of the bench; the same unit gives the same figures on every machine. */
export interface RolloutUnit {
  pods: number;
  soakMs: number;
  distribution: Distribution;
  seed: number;
  way: RolloutWish['way'];
}

export interface KeptRollouts {
  get(unit: RolloutUnit): Rollout | undefined;
  add(unit: RolloutUnit, rollout: Rollout): void;
}

/** `code`: a digest of the code that measures. */
export function openKeptRollouts(path: string, code: string): KeptRollouts {
  mkdirSync(dirname(path), { recursive: true });
  const known = new Map<string, Rollout>();
  for (const line of linesOf(path)) {
    const kept = readLine(line);
    if (kept?.code === code) known.set(keyOf(kept.unit), kept.rollout);
  }
  return {
    get: (unit) => known.get(keyOf(unit)),
    add(unit, rollout) {
      known.set(keyOf(unit), rollout);
      // The line break comes first: it ends the line that a kill has cut off.
      appendFileSync(path, `\n${JSON.stringify({ code, unit, rollout })}`);
    },
  };
}

const keyOf = ({ pods, soakMs, distribution, seed, way }: RolloutUnit): string =>
  [pods, soakMs, distribution, seed, way].join(' ');

interface KeptLine {
  code: string;
  unit: RolloutUnit;
  rollout: Rollout;
}

/** Undefined for a line that a kill has cut off. */
function readLine(line: string): KeptLine | undefined {
  try {
    return JSON.parse(line) as KeptLine;
  } catch {
    return undefined;
  }
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** The folders whose code decides what a rollout does and how it is counted. */
const CODE = ['lib', 'bench/rollout', 'bench/requests', 'test/fakes', 'test/flows/rehearsal', 'test/builders.ts'];

/** `root`: of the repository. */
export function codeDigest(root: string): string {
  const hash = createHash('sha256');
  for (const part of CODE) {
    const names = part.endsWith('.ts') ? [''] : readdirSync(join(root, part), { recursive: true, encoding: 'utf8' });
    for (const name of names.filter((each) => each === '' || each.endsWith('.ts')).sort()) {
      hash.update(`${part}/${name}\n`);
      hash.update(readFileSync(join(root, part, name)));
    }
  }
  return hash.digest('hex').slice(0, 16);
}
