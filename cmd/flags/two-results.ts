/** stdout takes one result: the recording, or an output format. */
import { UsageError } from '../../lib/core/errors.ts';
import type { VerbValues } from './target-flags.ts';

/** `--record -`. */
export const RECORD_TO_STDOUT = '-';

/** Throws UsageError where two formats would meet on stdout. */
export function refuseTwoResults({ record, output, watch }: Pick<VerbValues, 'record' | 'output' | 'watch'>): void {
  if (record === RECORD_TO_STDOUT && (output !== undefined || watch === true))
    throw new UsageError(
      `--record - and ${watch === true ? '-w' : '-o'} both write to stdout`,
      'give one of them: the last line of the recording is the outcome; --record FILE leaves stdout to -o',
    );
}
