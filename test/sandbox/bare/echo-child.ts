/** A process that child.test.ts starts. */
import { offer } from '../../../sandbox/bare/child.ts';

const functions = {
  double: async (value: number): Promise<number> => 2 * value,
  fail: async (): Promise<never> => {
    throw new Error('as asked');
  },
  exit: async (): Promise<never> => process.exit(3),
};

export type EchoChild = typeof functions;

offer(functions, async () => undefined);
