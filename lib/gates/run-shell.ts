/** A command of the operator's own, run by the shell, bounded in time, and never outliving this program. */
import { type ChildProcess, spawn } from 'node:child_process';

const TAIL_CHARS = 200;
/** UTF-8 has no longer characters than four bytes. */
const TAIL_BYTES = TAIL_CHARS * 4;
/** The output of a command comes at once when it ends; a process that it left running may hold its output for long. */
const LAST_WORDS_MS = 100;
const WINDOWS = process.platform === 'win32';

export interface ShellRun {
  env: Readonly<Record<string, string | undefined>>;
  /** After that it is killed with all that it started. */
  timeoutMs: number;
  /** Killed on it too, and the reason is thrown. */
  signal: AbortSignal;
  /** The text on its stdin; undefined: nothing. */
  input?: string;
}

/**
 * Run by `sh -c` (cmd.exe on Windows). Resolves to undefined for exit code 0, else to why not, with the last words of its
 * output. Rejects where it cannot be started, with the error of the system.
 */
export function runShell(command: string, { env, timeoutMs, signal, input }: ShellRun): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    // A group of its own: a shell that is killed leaves what it runs behind.
    const child = spawn(command, {
      env,
      shell: true,
      detached: !WINDOWS,
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    const { stdout, stderr, stdin } = child;
    let tail = Buffer.alloc(0);
    for (const pipe of [stdout, stderr])
      pipe?.on('data', (chunk: Buffer) => {
        tail = Buffer.concat([tail, chunk]).subarray(-TAIL_BYTES);
      });
    // One that ends without reading is not wrong for that.
    stdin?.on('error', () => undefined);
    stdin?.end(input);
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      stdout?.destroy();
      stderr?.destroy();
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
      because(`did not end within ${timeoutMs / 1000}s and was killed`);
    }, timeoutMs);
    signal.addEventListener('abort', abort, { once: true });
    child.once('error', (error) => {
      end();
      reject(error);
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
  });
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

/** The advice where a command could not be started for want of a shell, as in the image without one; else undefined. */
export const withoutShell = (error: unknown): string | undefined =>
  (error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT'
    ? 'there is no shell here; the image has one if it is built with --target shell (deploy/Dockerfile)'
    : undefined;
