/** A fault of the program, planted to prove that the histories can fail. */
import type { Plant } from '../campaign/bundle.ts';
import type { Invariant } from '../invariants/violation.ts';

export interface Mutant {
  name: string;
  /** The invariant that it breaks. */
  breaks: Invariant;
  /** A history that finds it; `make histories-mutants` searches for one. */
  seed: number;
  plants: readonly Plant[];
}
