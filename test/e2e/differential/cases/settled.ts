import { setTimeout as sleep } from 'node:timers/promises';
import { number } from '../../../../lib/core/values/read.ts';
import type { Recorder } from '../recorder.ts';

const SETTLE_MS = 30_000;

/** Polls until `done`; throws with what it last saw. */
export async function settled(api: Recorder, path: string, done: (body: unknown) => boolean): Promise<unknown> {
  const deadlineMs = Date.now() + SETTLE_MS;
  for (;;) {
    const { body } = await api.ask({ method: 'GET', path });
    if (done(body)) return body;
    if (Date.now() > deadlineMs) throw new Error(`${path} did not settle: ${JSON.stringify(body)}`);
    await sleep(50);
  }
}

/** Whether the controller has seen the latest spec. */
export const observed = (set: unknown) =>
  number(set, 'status', 'observedGeneration') === number(set, 'metadata', 'generation');
