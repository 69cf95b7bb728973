/** The only file that knows the process: words, environment, streams, signals and exit code. */
import { isSea } from 'node:sea';
import { programName } from '../lib/cli/program.ts';
import { ExitCode, InterruptedError } from '../lib/core/errors.ts';
import { systemErrorText } from '../lib/core/values/system-error.ts';
import { inAscii, takesUtf8 } from '../lib/output/ascii.ts';
import { visible } from '../lib/output/visible.ts';
import type { LeaseHolder } from '../lib/ports.ts';
import { runCli } from './cli.ts';
import { jobHolder, jobPlace } from './surroundings/job-place.ts';
import { LAX_TLS } from './surroundings/lax-tls.ts';
import { isRunning, leaseHolder, placeMark } from './surroundings/lease-holder.ts';
import { operatorName } from './surroundings/operator.ts';

const STDIN = 0;

/** Names that Go gives to platforms, so that `version` reads like kubectl's. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };
const SYSTEMS: Readonly<Record<string, string>> = { win32: 'windows' };

/**
 * Runs the command line of this process and ends the process.
 * Node itself looks for --env-file among all words up to `--`, the script's own too, and ends when there is no such file:
 * the starter of this program puts `--` before the script (or into a single executable's execArgv).
 */
export async function main(): Promise<void> {
  // The cloud's SDK uses deprecated parts of Node; that is no news for the user.
  process.noDeprecation = true;
  const { argv, argv0, execArgv, execPath, stdout, stderr } = process;
  const env = withoutLaxTls(process.env);
  const unwritten = watchStreams(stdout, stderr);
  process.on('uncaughtException', crash);

  const { signal, stop } = untilStopped();
  const code = await runCli({
    argv: argv.slice(2),
    program: programName([argv0, argv[1]]),
    env,
    streams: { stdout, stderr },
    signal,
    platform: `${SYSTEMS[process.platform] ?? process.platform}/${ARCHITECTURES[process.arch] ?? process.arch}`,
    selfCommand: isSea() ? [execPath] : [execPath, ...execArgv.filter((word) => word !== '--'), '--', argv[1] ?? ''],
    // Help, completion and usage errors need no cluster: its code is not loaded for them.
    openWorld: async (options) =>
      (await import('./surroundings/open-world.ts')).openWorld(options, {
        leaseHolder: holderOf(env),
        // Not process.stdin.isTTY: that opens stdin, which only a question needs.
        ...(stderr.isTTY && (await import('node:tty')).isatty(STDIN)
          ? { confirm: ask(signal, () => stop('SIGINT'), takesUtf8(env) ? (text) => text : inAscii) }
          : {}),
      }),
  });
  await Promise.all([drained(stdout), drained(stderr)]);
  process.exit(await endCode(code, unwritten()));
}

/**
 * The environment as it was, for its readers and for child processes; this process itself no longer has the variable by
 * which Node stops to verify certificates: only a kubeconfig or a flag does that here.
 */
function withoutLaxTls(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (env[LAX_TLS] === undefined) return env;
  const before = { ...env };
  delete env[LAX_TLS];
  return before;
}

/**
 * A broken output stream never aborts a verb halfway. Lost lines of stderr are ignored; for stdout the returned function
 * gives the error. EPIPE (`| head`) is not an error.
 */
function watchStreams(stdout: NodeJS.WriteStream, stderr: NodeJS.WriteStream): () => Error | undefined {
  let unwritten: Error | undefined;
  stderr.on('error', () => undefined);
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') unwritten ??= error;
  });
  return () => unwritten;
}

/** A non-zero exit code wins over a failed write. */
async function endCode(code: number, unwritten: Error | undefined): Promise<number> {
  if (unwritten === undefined) return code;
  process.stderr.write(`error: the result could not be written: ${systemErrorText(unwritten)}\n`);
  await drained(process.stderr);
  return code === ExitCode.done ? ExitCode.error : code;
}

/** The first Ctrl-C or SIGTERM asks everything to stop in good order, the second one stops at once. */
function untilStopped(): { signal: AbortSignal; stop: (name: 'SIGINT' | 'SIGTERM') => void } {
  const controller = new AbortController();
  const stop = (name: 'SIGINT' | 'SIGTERM') => {
    if (controller.signal.aborted) process.exit(name === 'SIGINT' ? ExitCode.interrupted : ExitCode.terminated);
    controller.abort(new InterruptedError(name, 'interrupted'));
  };
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stop(name));
  return { signal: controller.signal, stop };
}

/** Loaded only when there is something to ask. */
const ask =
  (signal: AbortSignal, interrupt: () => void, plain: (text: string) => string) => async (question: string) => {
    const { confirm } = await import('./show/confirm.ts');
    return confirm(plain(question), { input: process.stdin, output: process.stderr, signal, interrupt });
  };

/** The pod of a Job where this runs in one, else this process. */
function holderOf(env: NodeJS.ProcessEnv): LeaseHolder {
  const place = jobPlace(env);
  if (place !== undefined) return jobHolder(place);
  return leaseHolder({ operator: () => operatorName(env), pid: process.pid, mark: placeMark, isRunning });
}

/** An error that nothing caught, such as one of a stray socket: one line, and the stack when asked for with -v. */
function crash(error: unknown): void {
  const text = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error && process.argv.some((word) => /^(-v|--v)/.test(word)) ? `${error.stack}\n` : '';
  process.stderr.write(visible(`error: ${text} (unexpected)\n${stack}`));
  process.exit(ExitCode.error);
}

/** Resolves once the stream is flushed or its error event has fired. */
const drained = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => {
    stream.write('', () => setImmediate(resolve));
  });
