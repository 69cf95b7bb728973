/** Runs one verb of the plugin as its user would: as a program of its own, with the cluster in its environment alone. */
import { spawn } from 'node:child_process';
import type { Stage } from './stage.ts';

export interface VerbOptions {
  /** How the plugin is started: program and first arguments. */
  command: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
}

/** The sandbox announces counts every second; three of them are the shortest window there is. */
const FASTER = ['--stable-for', '3s'];
/** restore counts the surplus. */
const COUNTING = new Set(['wait-zero', 'recreate', 'restore', 'upgrade']);

/** Resolves with an exit code that is accepted: 0, or 3 (nothing left), unless others are. Throws with the verb's own words for any other. */
export async function runPlugin(
  stage: Stage,
  options: VerbOptions,
  words: readonly string[],
  accepts: readonly number[] = [0, 3],
): Promise<number> {
  const shown = `kubectl zeroloss ${words.join(' ')}`;
  let code = 0;
  await stage.step(shown, async () => {
    const more = COUNTING.has(words[0] ?? '') ? FASTER : [];
    const result = await run(
      [...options.command, ...words, ...more],
      { ...options.env, ...stage.cluster.environment },
      stage.signal,
    );
    if (!accepts.includes(result.code))
      throw new Error(`${shown} ended with exit code ${result.code}:\n${result.output}`);
    code = result.code;
  });
  return code;
}

function run(
  command: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<{ code: number; output: string }> {
  const [program = '', ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { ...env }, signal, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, output }));
  });
}
