import type { Outcome } from '../../core/outcome/outcome.ts';
import type { Advice } from '../../core/values/command.ts';
import type { Paint } from '../colour.ts';
import type { CommandLines } from './command-lines.ts';

/** The inputs of a result for people, beside the outcome. */
export interface Rendering {
  /** As `-o` asked. */
  format: string | undefined;
  headers: boolean;
  /** Columns of the terminal that a line may take; undefined: stdout is no terminal. */
  width: number | undefined;
  paint: Paint;
  commands: CommandLines;
  /** Commands in text that is broken into lines by `folded`. */
  prose: CommandLines;
}

/** How one verb shows its outcome. It belongs to the verb: this folder knows none by name. Every part may be absent. */
export interface OutcomePrinter<D> {
  /** The result for people, on stdout. Absent: a line per object. */
  text?(outcome: Outcome<D>, look: Rendering): string | Promise<string>;
  /** The lines of -o name, in the form TYPE/NAME. Absent: the objects of the results, each once. */
  names?(outcome: Outcome<D>): readonly string[];
  /** The details as -o json carries them. Absent: as they are. */
  data?(details: D, commands: CommandLines): unknown;
  /** Lines for stderr before the message. */
  notes?(details: D): readonly (string | Advice)[];
  /** The outcome's sentence, in place of the flow's own. */
  message?(outcome: Outcome<D>): string;
  /** The text is a report: it goes to stdout with any exit code. */
  isReport?: boolean;
}
