/**
 * Faults planted into the program's own sources, to prove that the histories can fail. The shipped sources hold no switch for
 * any of this: a plant replaces a text of a source as it is bundled.
 */
import type { Mutant } from './mutant.ts';
import { OF_ENDINGS } from './of-endings.ts';
import { OF_SAFETY } from './of-safety.ts';

export const MUTANTS: readonly Mutant[] = [...OF_SAFETY, ...OF_ENDINGS];
