/** A state that must never be, by the number of its invariant. */

export const INVARIANTS = {
  1: 'no pod goes that has a connection, was just seen with one, or is sent one',
  2: 'no write goes below the floor',
  3: "nothing of anybody else's is lost",
  4: 'after success everything is as before',
  5: 'the same command ends well once faults are over',
  6: 'what was said was so',
  7: 'only what the Role and the policy allow; no secret in any line',
} as const;

export type Invariant = keyof typeof INVARIANTS;

export interface Violation {
  invariant: Invariant;
  what: string;
  atMs: number;
}
