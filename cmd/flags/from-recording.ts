/** `--from FILE`: a recording that `--record` wrote, read before anything is asked of the cluster. */
import { UsageError } from '../../lib/core/errors.ts';
import { type ParsedRecording, parseRecording } from '../../lib/core/story/recording.ts';
import { systemErrorText } from '../../lib/core/values/system-error.ts';
import { readText } from '../../lib/read-file.ts';

/** Throws UsageError for a file that cannot be read, or is no recording. */
export async function readRecording(file: string): Promise<ParsedRecording> {
  let text: string;
  try {
    text = await readText(file);
  } catch (error) {
    throw new UsageError(`--from ${file}: ${systemErrorText(error)}`, 'a file that --record wrote');
  }
  return parseRecording(text, file);
}
