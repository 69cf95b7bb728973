/** Runs the built plugin as its users do: a program of its own, it knows the cluster from the environment alone. */
import { join } from 'node:path';
import { execa } from 'execa';

/** The program under test: $KUBECTL_ZEROLOSS, else what `make build` leaves. */
export const PLUGIN =
  process.env['KUBECTL_ZEROLOSS'] ?? join(import.meta.dirname, '../../../dist/bin/kubectl-zeroloss');

/** How a process ended. `code` is undefined when a signal ended it. */
export interface Ran {
  code: number | undefined;
  stdout: string;
  stderr: string;
}

export type Env = Readonly<Record<string, string | undefined>>;

export interface RunOptions {
  /** Added to the environment; undefined takes a variable out. */
  env?: Env;
  timeoutMs?: number;
}

/** A started process: its output so far, its signals, and its end. */
export interface Started {
  kill(signal: NodeJS.Signals): void;
  /** Everything written until now. */
  stdoutSoFar(): string;
  stderrSoFar(): string;
  ended: Promise<Ran>;
}

/** Starts a program with exactly this environment. It is killed after `timeoutMs` (60 s), which `ended` shows as code undefined. */
export function startProgram(file: string, words: readonly string[], env: Env, timeoutMs = 60_000): Started {
  const child = execa(file, words, {
    env: Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined)),
    extendEnv: false,
    reject: false,
    stripFinalNewline: false,
    stdin: 'ignore',
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  return {
    kill: (signal) => {
      child.kill(signal);
    },
    stdoutSoFar: () => stdout,
    stderrSoFar: () => stderr,
    ended: child.then((result) => ({ code: result.exitCode, stdout: result.stdout, stderr: result.stderr })),
  };
}
