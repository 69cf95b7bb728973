import type { TargetIntent } from '../../lib/core/intent/intent.ts';
import type { Outcome } from '../../lib/core/outcome/outcome.ts';
import { formatTime } from '../../lib/core/values/time.ts';
import { maskingFields } from '../../lib/output/mask-secrets.ts';
import { exitCodeOf } from '../../lib/output/results/failure-text.ts';
import type { World } from '../../lib/ports.ts';
import type { RecordingFile } from '../../lib/recording/recording-file.ts';
import type { Context } from '../context.ts';
import { RECORD_TO_STDOUT } from '../flags/two-results.ts';

/** Runs a flow, and with `--record FILE` keeps what it did there, its end included. Throws UsageError when the file cannot be appended to. */
export async function withRecording<D>(
  { command, mask, report, streams }: Pick<Context, 'command' | 'mask' | 'report' | 'streams'>,
  path: string | undefined,
  intent: TargetIntent,
  world: World,
  flow: (world: World) => Promise<Outcome<D>>,
  /** Whether anything was written so far: a verb that fails may have done half of its work. */
  wrote: () => boolean,
): Promise<Outcome<D>> {
  if (path === undefined) return flow(world);
  const { recordingWorld } = await import('../../lib/recording/recording-world.ts');
  const file = await open(path, { mask, report, streams });
  const end = (rest: { exitCode: number; changed: boolean; message: string }) =>
    file.append({ at: formatTime(world.clock.now()), kind: 'outcome', verb: command, ...rest });
  try {
    const outcome = await flow(recordingWorld(world, { verb: command, target: intent.name, file }));
    const results = outcome.results.map(
      ({ object, action, note }) => `${object} ${action}${note === undefined ? '' : ` (${note})`}`,
    );
    const message = [...results, outcome.message ?? []].flat().join('\n');
    end({ exitCode: outcome.exitCode, changed: outcome.changed, message });
    return outcome;
  } catch (error) {
    end({
      exitCode: exitCodeOf(error),
      changed: wrote(),
      message: error instanceof Error ? error.message : String(error),
    });
    throw error;
  } finally {
    file.close();
  }
}

async function open(
  path: string,
  { mask, report, streams }: Pick<Context, 'mask' | 'report' | 'streams'>,
): Promise<RecordingFile> {
  if (path === RECORD_TO_STDOUT) {
    const fields = maskingFields(mask);
    const append = (line: object) => void streams.stdout.write(`${JSON.stringify(line, fields)}\n`);
    return { append, close: () => undefined };
  }
  const { openRecordingFile } = await import('../../lib/recording/recording-file.ts');
  return openRecordingFile(path, mask, (line) => report.warn(line));
}
