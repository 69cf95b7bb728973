/** Kills the plugin at an exact write, as a lost laptop would. */
import assert from 'node:assert/strict';
import type { Started } from '../plugin.ts';
import type { Stage } from '../stage.ts';
import type { Write, WriteGate } from './write-gate.ts';

export interface KillPoint {
  /** `before`: the write never reaches the server. `after`: the server took it, the plugin never learns. */
  moment: 'before' | 'after';
  at: (write: Write) => boolean;
}

/** Runs a verb through the gate and kills it with SIGKILL at that point. Answers the writes that the server took, or undefined when the point never came. */
export async function killAt(
  stage: Stage,
  gate: WriteGate,
  words: readonly string[],
  { moment, at }: KillPoint,
): Promise<string[] | undefined> {
  gate.sever();
  let killed = false;
  let child: Started | undefined;
  gate.hook = async (write, now) => {
    if (killed || now !== moment || !at(write) || child === undefined) return;
    killed = true;
    child.kill('SIGKILL');
    await child.ended;
  };
  child = stage.start([...words, '--server', gate.url]);
  const ended = await child.ended;
  gate.hook = undefined;
  const taken = gate.writes.map(
    (write) => `${write.method} ${write.path.split('?')[0]?.split('/').slice(-2).join('/')}`,
  );
  gate.sever();
  if (killed) return taken;
  assert.equal(ended.code, 0, `${words.join(' ')} through the gate: ${ended.stderr}`);
  return undefined;
}
