/** A gate that is a command of the operator's own: exit code 0 holds. */
import { spawn } from 'node:child_process';
import type { Gate } from '../ports.ts';

const TAIL_CHARS = 200;

/** Run by `sh -c` (cmd.exe on Windows) with the caller's environment, at each look anew, and ended after `timeoutMs`. */
export function commandGate(command: string, timeoutMs = 30_000): Gate {
  return {
    name: `"${command}"`,
    failsBecause: (signal) =>
      new Promise((resolve, reject) => {
        const child = spawn(command, { shell: true, signal, timeout: timeoutMs, stdio: ['ignore', 'pipe', 'pipe'] });
        let said = '';
        const listen = (chunk: Buffer) => {
          said = `${said}${chunk.toString()}`.slice(-TAIL_CHARS);
        };
        child.stdout.on('data', listen);
        child.stderr.on('data', listen);
        child.once('error', reject);
        child.once('close', (code, killed) => {
          if (code === 0) return resolve(undefined);
          const how =
            code === null ? `ended by ${killed ?? 'a signal'} (it has ${timeoutMs / 1000}s)` : `exit code ${code}`;
          resolve(said.trim() === '' ? how : `${how}: ${said.trim()}`);
        });
      }),
  };
}
