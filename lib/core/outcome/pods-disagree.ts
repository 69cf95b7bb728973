/** The end of a wait for pods that do not become what was written. */

import { DisagreesError } from '../errors.ts';
import type { Advice } from '../values/command.ts';

/** One does not start, does not go, or comes back as another (exit 7). */
export class PodsDisagreeError extends DisagreesError {
  constructor(message: string, hint?: string | Advice) {
    super(message, hint, 'the pods did not follow');
  }
}
