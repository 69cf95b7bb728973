/** One upgrade finished by the same command over and over, each run of which is killed with SIGKILL a little further on. */
import assert from 'node:assert/strict';
import type { Ran, Started } from '../plugin.ts';
import type { Stage } from '../stage.ts';
import type { Write, WriteGate } from './write-gate.ts';

/** Far more than any chain of these tests needs: one that never ends shows itself. */
const MOST_RUNS = 90;

export interface KillChain {
  /** Where runs were killed, in that order: `before PATCH …`, `after DELETE …`, or what the plugin had said. */
  kills: string[];
  /** The run that was left alone. */
  last: Ran;
}

/** The part that two writes of the same step have in common: not their times, UIDs and versions. */
function labelOf({ method, path, body }: Write): string {
  const place = path.split('?')[0]?.split('/').slice(-2).join('/') ?? '';
  const reason = /"reason":"(\w+)","message":"([^"]*)"/.exec(body);
  const said = place.endsWith('/events') ? `${reason?.[1]}: ${reason?.[2]?.replace(/\d+(ms|s)\b.*/, '')}` : body;
  const plain = said
    .replaceAll(/"resourceVersion":"\d+",?/g, '')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'UID')
    .replaceAll(/"holderIdentity":"[^"]*"/g, '"holderIdentity":"…"');
  return `${method} ${place} ${plain}`;
}

/** Kills each run at the first write that `chosen` names and at which, at that moment, no run was killed before. */
export async function killAtEachWrite(
  stage: Stage,
  gate: WriteGate,
  words: readonly string[],
  chosen: (write: Write, moment: 'before' | 'after') => boolean,
): Promise<KillChain> {
  const seen = new Set<string>();
  // Giving a batch its weight back looks the same for each: what tells them apart is what was drained last.
  let drained = 'none';
  for (;;) {
    let killed: string | undefined;
    let child: Started | undefined;
    gate.sever();
    gate.hook = async (write, moment) => {
      const label = `${moment} ${labelOf(write)} (drained last: ${drained})`;
      if (moment === 'after') drained = /podIndexes\\":\[([\d,]+)\]/.exec(write.body)?.[1] ?? drained;
      if (killed !== undefined || child === undefined || !chosen(write, moment) || seen.has(label)) return;
      killed = label;
      child.kill('SIGKILL');
      await child.ended;
    };
    child = stage.start([...words, '--server', gate.url]);
    const ended = await child.ended;
    gate.hook = undefined;
    if (killed === undefined) return endOf(seen, ended);
    assert.equal(ended.code, undefined, `it was killed ${killed}`);
    seen.add(killed);
    assert.ok(seen.size < MOST_RUNS, [...seen].join('\n'));
  }
}

/** Kills each run as soon as it says something that begins a step and that no run was killed at before. */
export async function killAtEachStep(stage: Stage, words: readonly string[], step: RegExp): Promise<KillChain> {
  const seen = new Set<string>();
  for (;;) {
    const child = stage.start(words);
    let ended: Ran | undefined;
    const end = child.ended.then((ran) => {
      ended = ran;
    });
    let killed: string | undefined;
    await stage.until(
      'a step begins, or the run ends',
      async () => {
        killed = child
          .stderrSoFar()
          .split('\n')
          .slice(0, -1)
          .find((line) => step.test(line) && !seen.has(line));
        return killed !== undefined || ended !== undefined;
      },
      120_000,
    );
    if (killed === undefined || ended !== undefined) {
      await end;
      return endOf(seen, await child.ended);
    }
    child.kill('SIGKILL');
    await end;
    seen.add(killed);
    assert.ok(seen.size < MOST_RUNS, [...seen].join('\n'));
  }
}

function endOf(seen: ReadonlySet<string>, last: Ran): KillChain {
  assert.equal(last.code, 0, `after ${seen.size} kills, the last at ${[...seen].at(-1)}: ${last.stderr}`);
  return { kills: [...seen], last };
}
