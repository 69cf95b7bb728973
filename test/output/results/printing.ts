/** The way in which tests print outcomes: plain text with headers, nothing masked. */
import { paintFor } from '../../../lib/output/colour.ts';
import { createCommandLines } from '../../../lib/output/results/command-lines.ts';
import type { Printing } from '../../../lib/output/results/print-outcome.ts';

/** `namespace`: commands name it, as where -n was typed. */
export function printing(change: Partial<Printing> = {}, namespace?: string): Printing {
  const flags: Parameters<typeof createCommandLines>[1] = {
    connection: namespace === undefined ? [] : [['-n', namespace]],
    own: [],
  };
  return {
    format: undefined,
    headers: true,
    paint: paintFor(false),
    commands: createCommandLines('kubectl zeroloss', flags),
    prose: createCommandLines('kubectl zeroloss', flags),
    mask: (text) => text,
    ...change,
  };
}
