import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConflictError, DisagreesError, NotYetError, RefusedError, ZerolossError } from '../../../lib/core/errors.ts';
import { endingOf } from '../../../lib/core/outcome/unfinished.ts';
import { advice, lines, own } from '../../../lib/core/values/command.ts';
import { TRY_AGAIN, toGoBack, way } from '../../../lib/core/values/way.ts';

const target = { verb: 'drain', name: 'nginx' };
const hintOf = (error: ZerolossError): string[] => {
  const ending = endingOf(error, target, true);
  assert.ok(ending instanceof ZerolossError);
  return ending.hint?.split('\n') ?? [];
};

const LOOK = 'to see where it stands: kubectl zeroloss status nginx';
const BACK = 'to go back: kubectl zeroloss restore nginx';

describe('the end of a command that has written', () => {
  it('names where to look, how to go on and how to go back', () => {
    assert.deepEqual(hintOf(new DisagreesError('odd')), [LOOK, 'to go on: the same command again', BACK]);
  });
  it('names one way on, whatever words the error has for its own', () => {
    for (const own of [TRY_AGAIN, way('on', 'it waits for you'), lines('first this', way('on', 'it waits for you'))])
      assert.deepEqual(hintOf(new ConflictError('overtaken', own)), [...String(own).split('\n'), LOOK, BACK]);
  });
  it('leaves an error alone that knows the way back, and one that shows where things stand', () => {
    for (const own of [toGoBack('by hand'), lines('first this', way('look', 'one pod of four is at zero'))])
      assert.deepEqual(hintOf(new NotYetError('late', own)), String(own).split('\n'));
  });
  it('asks for the kind of a line and never for its words', () => {
    const sentence = 'this looks like "to go back: the same command", where it stands';
    assert.deepEqual(hintOf(new DisagreesError('odd', sentence)), [
      sentence,
      LOOK,
      'to go on: the same command again',
      BACK,
    ]);
  });
  it('no longer promises that nothing was written', () => {
    const refusal = new RefusedError([{ rule: 'floor', message: 'too few' }]);
    assert.deepEqual(hintOf(refusal), [LOOK, 'to go on: fix what stopped it, then the same command again', BACK]);
    assert.equal((endingOf(refusal, target, true) as ZerolossError).exitCode, 7);
    assert.equal(endingOf(refusal, target, false), refusal);
  });
});

describe('a line of advice', () => {
  it('keeps its kind where its texts are changed, and where it stands among other lines', () => {
    const hint = lines('first', lines('second', toGoBack(own('rollback', 'nginx')))).mapTexts((text) => text);
    assert.deepEqual(hintOf(new DisagreesError('odd', hint)), String(hint).split('\n'));
    assert.equal(String(hint), 'first\nsecond\nto go back: kubectl zeroloss rollback nginx');
    assert.equal(String(advice`${hint}!`), `${hint}!`);
  });
});
