/** Which pods stay without traffic because somebody asked for that by hand, and the way to give it to them. */

import { formatOrdinals, ordinalsText } from '../target/ordinals.ts';
import { type Advice, advice, own } from '../values/command.ts';

/** `kept`: at least one ordinal. */
export const byHandAdvice = (statefulSet: string, kept: readonly number[]): Advice =>
  advice`${ordinalsText(kept)} ${kept.length === 1 ? 'stays' : 'stay'} at weight 0, drained by hand; to give weight there too: ${own('restore', statefulSet, formatOrdinals(kept))}`;
