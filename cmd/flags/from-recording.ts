/** `--from FILE`: a recording that `--record` wrote, read before anything is asked of the cluster. */
import { ExitCode, InterruptedError, UsageError } from '../../lib/core/errors.ts';
import { type ParsedRecording, parseRecording } from '../../lib/core/story/recording.ts';
import { systemErrorText } from '../../lib/core/values/system-error.ts';
import { readText } from '../../lib/read-file.ts';
import { untilStopped } from '../surroundings/until-stopped.ts';

/**
 * Throws UsageError for a file that cannot be read, or is no recording. A pipe is waited for: until it ends, the signal aborts, or
 * `timeoutMs` are over (0: no limit).
 */
export async function readRecording(
  file: string,
  { signal, timeoutMs }: { signal: AbortSignal; timeoutMs: number },
): Promise<ParsedRecording> {
  let text: string;
  try {
    text = await untilStopped(signal, timeoutMs, (stopped) => readText(file, stopped));
  } catch (error) {
    if (error instanceof InterruptedError) throw interruptedAt(file, error);
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw new UsageError(`--from ${file}: ${systemErrorText(error)}`, 'a file that --record wrote');
  }
  return parseRecording(text, file);
}

const interruptedAt = (file: string, { exitCode }: InterruptedError): InterruptedError =>
  new InterruptedError(
    exitCode === ExitCode.interrupted ? 'SIGINT' : 'SIGTERM',
    `interrupted while ${file} was read; nothing was written`,
  );
