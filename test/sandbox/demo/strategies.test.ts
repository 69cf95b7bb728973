import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zeroloss } from '../../../sandbox/demo/strategies.ts';
import type { Stage } from '../../../sandbox/rehearsal/stage.ts';

/** Runs the verbs as a program that finds nothing left to advance to, and nothing else; answers the commands that were shown. */
async function commandsOf(batch: number): Promise<string[]> {
  const commands: string[] = [];
  const stage: Pick<Stage, 'signal' | 'step'> & { cluster: { environment: object } } = {
    cluster: { environment: {} },
    signal: new AbortController().signal,
    step: (command, run) => {
      commands.push(command);
      return command.startsWith('kubectl zeroloss ') ? run() : Promise.resolve();
    },
  };
  const script = 'process.exit(process.argv.includes("advance") ? 3 : 0)';
  await zeroloss(batch, { command: [process.execPath, '-e', script], env: {} }).upgrade(stage as Stage);
  return commands;
}

test('a batch of four drains four pods at a time, with four surplus pods that are added before the image is set', async () => {
  assert.deepEqual(await commandsOf(4), [
    'kubectl zeroloss surge nginx 4',
    'kubectl set image statefulset/nginx nginx=nginx:1.25.4',
    'kubectl zeroloss drain nginx 0-3',
    'kubectl zeroloss wait-zero nginx',
    'kubectl zeroloss recreate nginx',
    'kubectl zeroloss advance nginx',
    'kubectl zeroloss restore nginx',
  ]);
});

test('pod by pod is a batch of one', async () => {
  const commands = await commandsOf(1);
  assert.equal(commands[0], 'kubectl zeroloss surge nginx 1');
  assert.deepEqual(
    commands.filter((command) => command.includes('drain ')),
    ['kubectl zeroloss drain nginx 0'],
  );
});
