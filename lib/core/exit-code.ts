/** The ends of a command, as numbers for scripts and as reasons. */

/** Exit codes of every verb (docs/commands.md lists them for users). */
export const ExitCode = {
  done: 0,
  error: 1,
  usage: 2,
  nothingLeft: 3,
  refused: 4,
  conflict: 5,
  notYet: 6,
  disagrees: 7,
  interrupted: 130,
  terminated: 143,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** Why a command ended with 7: the work stopped half-way, or everything is written and the world does not show it. */
export const Reason = { unfinished: 'written, not finished', disagrees: 'the world disagrees' } as const;
export type Reason = (typeof Reason)[keyof typeof Reason];
