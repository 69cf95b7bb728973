import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TimeLimitError } from '../../lib/core/errors.ts';
import { reasonNaming, tellWhenSlow } from '../../lib/net/slow-answer.ts';

test('an answer that does not come is named within seconds, once, and one in time never', async () => {
  const lines: string[] = [];
  const answer = Promise.withResolvers<string>();
  const slow = tellWhenSlow(
    'GET https://api',
    (line) => {
      lines.push(line);
      answer.resolve('late');
    },
    answer.promise,
    5,
  );
  assert.equal(await slow, 'late');
  assert.equal(
    await tellWhenSlow('GET https://api', (line) => lines.push(line), Promise.resolve('at once'), 5),
    'at once',
  );
  assert.deepEqual(lines, ['waiting: GET https://api has not been answered for 0.005s']);
});

test('a time-out names the request that it has cut, and any other reason stays', () => {
  const stop = new AbortController();
  stop.abort(new TimeLimitError('8s'));
  const named = reasonNaming('GET https://api', stop.signal);
  assert.ok(named instanceof TimeLimitError);
  assert.equal(named.message, 'the time-out of 8s passed, and GET https://api had not been answered');
  const reason = new Error('interrupted');
  assert.equal(reasonNaming('GET https://api', AbortSignal.abort(reason)), reason);
});
