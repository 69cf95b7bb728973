/** Runs one verb of the plugin to its end. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

export interface Ran {
  /** Of the clock, when the process had ended. */
  endedMs: number;
  stdout: string;
  stderr: string;
}

/** Throws when it ends with another code than 0. */
export async function runVerb(plugin: string, words: readonly string[], env: NodeJS.ProcessEnv): Promise<Ran> {
  const child = spawn(plugin, words, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [endedMs, stdout, stderr] = await Promise.all([
    new Promise<number>((resolve, reject) => child.on('error', reject).on('exit', () => resolve(Date.now()))),
    text(child.stdout),
    text(child.stderr),
  ]);
  if (child.exitCode !== 0) throw new Error(`${words.join(' ')} ended with ${child.exitCode}: ${stderr}`);
  return { endedMs, stdout, stderr };
}
