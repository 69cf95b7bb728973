/** The data that errors carry: a safety rule's no, and the results of a command that failed. */
import type { Advice } from './values/command.ts';

/** A safety rule that said no. `rule` is a stable kebab-case name that `check` and `-o json` show. */
export interface Refusal {
  rule: string;
  message: string;
  /** The flag that overrides the rule, when it may be overridden at all. */
  override?: string;
  /** The price of the override, in a few words; shown behind it. */
  price?: string;
  /** Commands that fix the cause, or what to do in a few words. */
  cure?: Advice;
}

/** The result for one object before a failure: an ObjectResult of the outcome. */
export interface DoneResult {
  object: string;
  action: string;
  changed: boolean;
  note?: string;
}
