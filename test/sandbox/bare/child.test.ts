import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startChild } from '../../../sandbox/bare/child.ts';
import type { EchoChild } from './echo-child.ts';

const ECHO = new URL('./echo-child.ts', import.meta.url);

test('a process beside the measurement answers what it is asked, reports failures, and ends when released', async () => {
  const child = await startChild<EchoChild>(ECHO);
  assert.equal(await child.ask('double', 21), 42);
  await assert.rejects(child.ask('fail'), /as asked/);
  assert.equal(await child.ask('double', 1), 2);
  await child.stop();
});

test('a process that ends by itself is an error, and no wait for ever', async () => {
  const child = await startChild<EchoChild>(ECHO);
  await assert.rejects(child.ask('exit'), /ended with 3/);
  await child.stop();
});
