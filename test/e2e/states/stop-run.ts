/** Types a row's command through kubectl and stops it as the row says. */
import { setTimeout as sleep } from 'node:timers/promises';
import { SERVICES, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import { type Ran, type Started, startProgram } from '../stage/plugin.ts';
import { RS_WEIGHT, type Stage } from '../stage/stage.ts';
import { onTerminal } from '../stage/terminal.ts';
import type { Write, WriteGate } from '../stage/trouble/write-gate.ts';
import type { At, Row, Stop } from './row.ts';

/** How long a client that was asked to stop has for it before its answer arrives. */
const HEEDS_MS = 300;

export const AT: Record<At, (write: Write) => boolean> = {
  weights: ({ method, path, body }) => method === 'PATCH' && path.includes('/services/') && body.includes(RS_WEIGHT),
  template: ({ method, path, body }) =>
    method === 'PATCH' && path.includes('/statefulsets/') && body.includes('"template"'),
  replicas: ({ method, path, body }) =>
    method === 'PATCH' && path.includes('/statefulsets/') && body.includes('"replicas":'),
  delete: ({ method, path }) => method === 'DELETE' && path.includes('/pods/'),
  annotation: ({ method, path }) => method === 'PATCH' && path.includes('/statefulsets/'),
};

/** The words of a row, without the namespace. */
export const wordsOf = ({ verb, words }: Row): string[] => [verb, 'nginx', ...(words === '' ? [] : words.split(' '))];

/** As a person does, through kubectl; with the output as data, so that both can be compared with the cluster. */
export const type = (stage: Stage, words: readonly string[]): Started =>
  startProgram('kubectl', ['zeroloss', ...words, '-n', stage.namespace], stage.env, 120_000);

/** Runs it, stopped; through the gate where a write or a read of it is to be met. */
export async function runStopped(stage: Stage, gate: WriteGate, row: Row): Promise<Ran> {
  const { stop } = row;
  const words = [...wordsOf(row), '-o', 'json'];
  if (stop === undefined || stop.by === 'sleep') return type(stage, words).ended;
  if (stop.by === 'answers') {
    const { code, text } = await onTerminal(stage, wordsOf(row), stop.keys);
    return { code, stdout: '', stderr: text };
  }
  let child: Started | undefined;
  let met = false;
  const meet = async (act: (running: Started) => Promise<unknown> | unknown): Promise<void> => {
    if (met || child === undefined) return;
    met = true;
    await act(child);
  };
  arm(stage, gate, stop, meet);
  child = type(stage, [...words, '--server', gate.url]);
  if (stop.by === 'Ctrl-C' && 'when' in stop) {
    const running = child;
    await stage.until(`"${stop.when}" is shown`, async () => running.stderrSoFar().includes(stop.when));
    running.kill('SIGINT');
  }
  const ran = await child.ended;
  gate.hook = undefined;
  gate.reading = undefined;
  gate.sever();
  return ran;
}

type Meet = (act: (running: Started) => Promise<unknown> | unknown) => Promise<void>;

function arm(stage: Stage, gate: WriteGate, stop: Stop, meet: Meet): void {
  const act = async (running: Started): Promise<unknown> => {
    if (stop.by === 'silence') return running.ended;
    running.kill('SIGINT');
    // Not until its end: it gives its lease back through the same gate.
    return Promise.race([running.ended, sleep(HEEDS_MS)]);
  };
  if ('at' in stop && stop.at === 'read') {
    gate.reading = () => (stop.by === 'silence' ? meet(act).then(() => sleep(0)) : meet(act));
    return;
  }
  gate.hook = async (write, moment) => {
    if (!('at' in stop) || typeof stop.at !== 'string' || stop.at === 'read' || !AT[stop.at](write)) return;
    if (stop.by === 'races') {
      if (moment === 'before') await relabel(stage, stop.at);
    } else if (moment === 'after') {
      await meet(stop.by === 'another image' ? () => stage.setImage('nginx:1.25.5') : act);
    }
  };
}

let labels = 0;

/** Somebody else's write to the same object. */
async function relabel(stage: Stage, at: At): Promise<void> {
  labels += 1;
  await stage.patch(
    'nginx',
    { metadata: { labels: { races: String(labels) } } },
    at === 'weights' ? SERVICES : STATEFUL_SETS,
  );
}

/** Kills it behind its n-th write that counts; false when it came to its end before. */
export async function killBehind(stage: Stage, gate: WriteGate, row: Row, nth: number): Promise<boolean> {
  const at = row.stop?.by === 'kill' ? row.stop.at : undefined;
  let child: Started | undefined;
  let count = 0;
  let killed = false;
  gate.sever();
  gate.hook = async (write, moment) => {
    if (killed || moment !== 'after' || child === undefined) return;
    // One write each of the kinds that are named; else every write.
    const counts = at === undefined || AT[at[nth - 1] ?? 'delete'](write);
    if (!counts || (at === undefined && ++count < nth)) return;
    killed = true;
    child.kill('SIGKILL');
    await child.ended;
  };
  if (at !== undefined && nth > at.length) return false;
  child = type(stage, [...wordsOf(row), '--server', gate.url]);
  await child.ended;
  gate.hook = undefined;
  gate.sever();
  return killed;
}
