import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TimeLimitError } from '../../lib/core/errors.ts';
import { reasonNaming, SlowAnswers } from '../../lib/net/slow-answer.ts';

test('an answer that does not come is named within seconds, once for all that hang, and one in time never', async () => {
  const lines: string[] = [];
  const answer = Promise.withResolvers<string>();
  const slow = new SlowAnswers((line) => {
    lines.push(line);
    setTimeout(() => answer.resolve('late'), 20);
  }, 5);
  const hanging = ['GET https://api', 'GET https://other'].map((request) =>
    slow.watch(`${request} has not been answered`, answer.promise),
  );
  assert.deepEqual(await Promise.all(hanging), ['late', 'late']);
  assert.equal(await slow.watch('GET https://api has not been answered', Promise.resolve('at once')), 'at once');
  assert.deepEqual(lines, ['waiting: GET https://api has not been answered for 0.005s']);
});

test('a time-out names the request that it has cut, and any other reason stays', () => {
  const stop = new AbortController();
  stop.abort(new TimeLimitError('8s'));
  const named = reasonNaming('GET https://api', stop.signal);
  assert.ok(named instanceof TimeLimitError);
  assert.equal(named.message, 'the time-out of 8s passed; GET https://api was not answered');
  const reason = new Error('interrupted');
  assert.equal(reasonNaming('GET https://api', AbortSignal.abort(reason)), reason);
});
