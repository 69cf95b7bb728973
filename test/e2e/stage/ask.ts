/** A client that asks again and again, and writes down which pod answered. */
import { Agent, request } from 'node:http';
import type { Stage } from './stage.ts';

export interface Asking {
  /** Pod names in the order of their answers. */
  readonly answeredBy: readonly string[];
  /** The failures, in order: a status other than 200, or an error. */
  readonly failures: readonly string[];
  /** Resolves when the last answer is there; closes what it kept open. */
  stop(): Promise<void>;
}

export interface AskOptions {
  /** One connection for all requests, or (default) a new one for each. */
  keepsConnection?: boolean;
  everyMs?: number;
}

/** Asks until it is stopped, at the latest at the test's end. */
export async function startAsking(
  t: { after(done: () => Promise<void>): void },
  stage: Stage,
  { keepsConnection = false, everyMs = 50 }: AskOptions = {},
): Promise<Asking> {
  const door = await stage.frontDoor();
  const agent = new Agent({ keepAlive: keepsConnection, maxSockets: 1 });
  const answeredBy: string[] = [];
  const failures: string[] = [];
  let stopped = false;
  const askOnce = (): Promise<void> =>
    new Promise((resolve) => {
      const call = request({ ...door, agent, path: '/' }, (answer) => {
        if (answer.statusCode === 200) answeredBy.push(String(answer.headers['x-pod']));
        else failures.push(`HTTP ${answer.statusCode}`);
        answer.resume();
        answer.once('close', () => resolve());
      });
      call.once('error', (error) => {
        failures.push(error.message);
        resolve();
      });
      call.end();
    });
  const work = (async () => {
    while (!stopped) {
      await askOnce();
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  })();
  const stop = async (): Promise<void> => {
    stopped = true;
    await work;
    agent.destroy();
  };
  t.after(stop);
  return { answeredBy, failures, stop };
}
