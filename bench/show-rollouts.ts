/**
 * Prints the tables and the picture of the rollouts that have been measured so far, without measuring any: `show-rollouts.ts [FILE]`,
 * by default those of `make bench`. Of a file with rollouts of several states of the code, those of the newest.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pairsOf } from './parts/rollout.ts';
import { boundRows } from './rollout/bound-rows.ts';
import { openKeptRollouts } from './rollout/kept-rollouts.ts';
import { rolloutTables } from './rollout/rollout-tables.ts';
import { renderRows } from './table.ts';

const EXTENT = { sizes: [100, 1000], seeds: 1000 };
const path = process.argv[2] ?? join(import.meta.dirname, '..', 'dist', 'rollouts.jsonl');
const newest = readFileSync(path, 'utf8')
  .match(/"code":"[0-9a-f]+"/g)
  ?.at(-1);
if (newest === undefined) throw new Error(`${path} has no rollout`);
const { code } = JSON.parse(`{${newest}}`) as { code: string };
console.log(renderRows(boundRows(EXTENT.sizes, 20)));
for (const table of rolloutTables(pairsOf(EXTENT, openKeptRollouts(path, code)))) console.log(table);
