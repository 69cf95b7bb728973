/** A gate that is a command of the operator's own: exit code 0 holds. */
import { ConnectionError } from '../core/errors.ts';
import type { Gate } from '../ports.ts';
import { runShell, withoutShell } from './run-shell.ts';

/**
 * Run with the environment `env`, at each look anew. After `timeoutMs` it is killed with all that it started, and does not
 * hold; on the signal too, whose reason is thrown. Throws ConnectionError when it cannot be started.
 */
export function commandGate(
  command: string,
  env: Readonly<Record<string, string | undefined>>,
  timeoutMs = 30_000,
): Gate {
  return {
    name: `"${command}"`,
    async failsBecause(signal) {
      try {
        return await runShell(command, { env, timeoutMs, signal });
      } catch (error) {
        if (signal.aborted) throw error;
        const message = error instanceof Error ? error.message : String(error);
        throw new ConnectionError(`the gate "${command}" could not be started: ${message}`, {
          cause: error,
          hint: withoutShell(error),
        });
      }
    },
  };
}
