/** A gate that is a command of the operator's own: exit code 0 holds. */
import { type ChildProcess, spawn } from 'node:child_process';
import { ConnectionError } from '../core/errors.ts';
import type { Gate } from '../ports.ts';

const TAIL_CHARS = 200;
/** UTF-8 has no longer characters than four bytes. */
const TAIL_BYTES = TAIL_CHARS * 4;
/** The output of a command comes at once when it ends; a process that it left running may hold its output for long. */
const LAST_WORDS_MS = 100;
const WINDOWS = process.platform === 'win32';

/**
 * Run by `sh -c` (cmd.exe on Windows) with the environment `env`, at each look anew. After `timeoutMs` it is killed with
 * all that it started, and does not hold; on the signal too, whose reason is thrown. Throws ConnectionError when it cannot be started.
 */
export function commandGate(
  command: string,
  env: Readonly<Record<string, string | undefined>>,
  timeoutMs = 30_000,
): Gate {
  return {
    name: `"${command}"`,
    failsBecause: (signal) =>
      new Promise((resolve, reject) => {
        signal.throwIfAborted();
        // A group of its own: a shell that is killed leaves what it runs behind.
        const child = spawn(command, { env, shell: true, detached: !WINDOWS, stdio: ['ignore', 'pipe', 'pipe'] });
        let tail = Buffer.alloc(0);
        for (const pipe of [child.stdout, child.stderr])
          pipe.on('data', (chunk: Buffer) => {
            tail = Buffer.concat([tail, chunk]).subarray(-TAIL_BYTES);
          });
        const end = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', abort);
          child.stdout.destroy();
          child.stderr.destroy();
        };
        const because = (how: string) => {
          end();
          const said = tail.toString('utf8').slice(-TAIL_CHARS).trim();
          resolve(said === '' ? how : `${how}: ${said}`);
        };
        const abort = () => {
          killAll(child);
          end();
          reject(signal.reason);
        };
        const timer = setTimeout(() => {
          killAll(child);
          because(`not ended within ${timeoutMs / 1000}s, and killed`);
        }, timeoutMs);
        signal.addEventListener('abort', abort, { once: true });
        child.once('error', (error) => {
          end();
          reject(new ConnectionError(`the gate "${command}" could not be started: ${error.message}`, { cause: error }));
        });
        child.once('exit', (code, killed) => {
          clearTimeout(timer);
          if (code === 0) {
            end();
            return resolve(undefined);
          }
          const decide = () => {
            clearTimeout(words);
            because(code === null ? `ended by ${killed}` : `exit code ${code}`);
          };
          const words = setTimeout(decide, LAST_WORDS_MS);
          child.once('close', decide);
        });
      }),
  };
}

function killAll({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  if (WINDOWS) spawn('taskkill', ['/pid', String(pid), '/t', '/f'], { stdio: 'ignore' }).once('error', () => undefined);
  else {
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // All of them are gone.
    }
  }
}
