import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import { confirm } from '../../../cmd/show/confirm.ts';
import { InterruptedError } from '../../../lib/core/errors.ts';

/** A question on streams that pass for a terminal, or for a pipe; `interrupt` does what main does on SIGINT. */
function ask({ terminal = true, question = 'Go on?' }: { terminal?: boolean; question?: string } = {}) {
  const stream = () =>
    Object.assign(new PassThrough(), terminal ? { isTTY: true, columns: 40, setRawMode: () => undefined } : {});
  const [input, output] = [stream(), stream()];
  const controller = new AbortController();
  const reason = new InterruptedError('SIGINT', 'interrupted');
  const interrupt = () => controller.abort(reason);
  const answer = confirm(question, { input, output, signal: controller.signal, interrupt });
  return { input, output, controller, reason, answer };
}

describe('a question on the terminal', () => {
  for (const terminal of [true, false]) {
    it(`is answered with yes by y only (${terminal ? 'terminal' : 'pipe'})`, async () => {
      for (const [typed, yes] of [
        ['y\n', true],
        [' y \n', true],
        ['Y\n', false],
        ['yes\n', false],
        ['\n', false],
        ['yolo\n', false],
      ] as const) {
        const { input, answer } = ask({ terminal });
        input.write(typed);
        assert.equal(await answer, yes);
      }
    });
    it(`is answered with no by the end of the input (${terminal ? 'terminal' : 'pipe'})`, async () => {
      const { input, answer } = ask({ terminal });
      input.end();
      assert.equal(await answer, false);
    });
  }
  it('is answered with no by Ctrl-D', async () => {
    const { input, answer } = ask();
    input.write('\u0004');
    assert.equal(await answer, false);
  });
  it('breaks a row of what it lists below its value, at the width of the terminal', async () => {
    const question = 'upgrade:\n  cluster  https://127.0.0.1:1/ (context c), namespace default\nStart?';
    const { input, output, answer } = ask({ question });
    input.write('n\n');
    await answer;
    const shown = String(output.read()).split('\n');
    assert.deepEqual(shown.slice(0, 4), [
      'upgrade:',
      '  cluster  https://127.0.0.1:1/',
      '           (context c), namespace',
      '           default',
    ]);
    const piped = ask({ question, terminal: false });
    piped.input.write('n\n');
    await piped.answer;
    assert.match(String(piped.output.read()), /\(context c\), namespace default\n/);
  });
  it('hands Ctrl-C on as the interruption that it is', async () => {
    const { input, answer, reason } = ask();
    input.write('\u0003');
    await assert.rejects(answer, reason);
  });
  it('ends with the interruption', async () => {
    const { answer, controller } = ask();
    controller.abort(new Error('interrupted'));
    await assert.rejects(answer, /^Error: interrupted$/);
  });
  it('is left with the cursor on a line of its own, however it ends', async () => {
    for (const typed of ['y\r', '\u0003', '\u0004']) {
      const { input, output, answer } = ask();
      let shown = '';
      output.on('data', (chunk) => {
        shown += chunk;
      });
      input.write(typed);
      await answer.catch(() => undefined);
      await new Promise(setImmediate);
      assert.match(shown, /\[y\/N\] [\s\S]*\n$/);
    }
  });
});
