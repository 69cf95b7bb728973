/** Another process that a measurement needs beside it, such as a server: its work must not be counted as the work of the measuring process. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The functions that a process offers to the one that started it: names to functions over plain data. */
export type Offer = Readonly<Record<string, (argument: never) => Promise<unknown>>>;

interface Ask {
  name: string;
  argument: never;
}

type Answer = { value: unknown } | { error: string };

export interface Child<O extends Offer> {
  /** Calls one of the functions that the process offers; one at a time. Throws what it threw. */
  ask<N extends keyof O & string>(name: N, ...argument: Parameters<O[N]>): Promise<Awaited<ReturnType<O[N]>>>;
  /** Lets it end, and waits until it has. */
  stop(): Promise<void>;
}

/** Starts a TypeScript file that calls `offer`, with these flags of Node. */
export async function startChild<O extends Offer>(
  file: URL,
  execArgv: readonly string[] = ['--import', 'tsx'],
): Promise<Child<O>> {
  const path = fileURLToPath(file);
  const child = fork(path, { execArgv: [...execArgv], serialization: 'advanced' });
  const ended = once(child, 'exit').then(([code]) => ({ error: `${path} ended with ${code}` }) satisfies Answer);
  const next = async (): Promise<Answer> => {
    const answered = once(child, 'message').then(([message]) => message as Answer);
    return Promise.race([answered, ended]);
  };
  const first = await next();
  if ('error' in first) throw new Error(first.error);
  return {
    async ask(name, ...[argument]) {
      const answer = next();
      child.send({ name, argument: argument as never } satisfies Ask);
      const result = await answer;
      if ('error' in result) throw new Error(result.error);
      return result.value as never;
    },
    async stop() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}

/** In the started process: answers until the starter lets go, then calls `stop`. */
export function offer(functions: Offer, stop: () => Promise<void>): void {
  const answer = (message: Answer) => process.send?.(message);
  process.on('message', async ({ name, argument }: Ask) => {
    try {
      answer({ value: await functions[name]?.(argument) });
    } catch (error) {
      answer({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
  // Ctrl-C reaches the whole group; the starter lets go of this one when its own work is over.
  process.on('SIGINT', () => undefined);
  process.on('disconnect', () => void stop().then(() => process.exit(0)));
  answer({ value: undefined });
}
