/** Where the sandbox is known to differ, and why that is right for a rehearsal. Everything else that differs is a fault of the sandbox. */

/** Fields that are left out of every comparison, by their path within an answer; `*` is any one step. */
export const TOLERATED: readonly { path: RegExp; because: string }[] = [
  { path: /\.metadata\.managedFields\.\d+\.time$/, because: 'a time' },
];
