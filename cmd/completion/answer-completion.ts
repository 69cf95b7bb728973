/** The hidden command `__complete`, which kubectl_complete-zeroloss calls: quick, silent, and always 0. */

import type { Flags } from '../../lib/cli/arguments.ts';
import { complete, NOTHING } from '../../lib/cli/completion/complete-words.ts';
import { ExitCode } from '../../lib/core/errors.ts';
import { visible } from '../../lib/output/visible.ts';
import { commands, programHelp } from '../commands.ts';
import type { Host } from '../context.ts';
import { createOffers } from './complete-offers.ts';

/** Tab waits for no cluster longer than this. */
const BUDGET_MS = 1000;

/** `words`: those after the plugin's name, the last one under the cursor. `beforeCommand`: what may stand before a command's name. */
export async function runComplete(host: Host, words: readonly string[], beforeCommand: Flags): Promise<number> {
  const budget = new AbortController();
  const late = Promise.withResolvers<string>();
  const timer = setTimeout(() => {
    late.resolve(NOTHING);
    budget.abort(new Error('completion took too long'));
  }, BUDGET_MS);
  const answer = complete(words, {
    entries: commands,
    groups: programHelp(host.program).groups,
    beforeCommand,
    openOffers: (flags) => createOffers(host, flags, AbortSignal.any([host.signal, budget.signal])),
  });
  host.streams.stdout.write(visible(await Promise.race([answer, late.promise])));
  clearTimeout(timer);
  return ExitCode.done;
}
